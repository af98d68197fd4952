using System.Security.Cryptography;

namespace OpenMU.Worker;

/// <summary>A track on the disk. Its disposal deletes it and gives back the room that it took.</summary>
/// <param name="path">The file.</param>
/// <param name="contentId">What its bytes must be, as <see cref="OpenMU.Catalogue.Jobs.Job.ContentId"/> has it.</param>
/// <param name="room">What it takes of the disk.</param>
internal sealed class DownloadedFile(string path, string contentId, WorkDisk.Room room) : IDisposable
{
    private const int InputOutputError = 5;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Notes what has been written.</summary>
    public void Wrote(int bytes) => room.Wrote(bytes);

    /// <summary>
    /// Reads it once more, before anything is said against the track: whoever cleans temporary folders does not know
    /// that a worker is at work, and a disk may lose what was written to it.
    /// </summary>
    /// <exception cref="IOException">The bytes are not there any more, or are others; the disk's fault.</exception>
    public async Task RequireWholeAsync(CancellationToken cancel)
    {
        try
        {
            await using var file = File.OpenRead(path);
            if (ContentIdOf(await SHA256.HashDataAsync(file, cancel)) == contentId) return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The downloaded file is gone: {e.Message}", InputOutputError);
        }

        throw new IOException("The downloaded file was changed while it was analysed.", InputOutputError);
    }

    public void Dispose()
    {
        if (File.Exists(path)) File.Delete(path);
        room.Dispose();
    }

    /// <summary>A content's id by the SHA-256 of its bytes.</summary>
    public static string ContentIdOf(byte[] hash) => $"sha256:{Convert.ToHexStringLower(hash)}";
}
