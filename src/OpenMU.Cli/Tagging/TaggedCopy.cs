using OpenMU.Mir.Audio;
using OpenMU.Music;

namespace OpenMU.Cli.Tagging;

/// <summary>
/// Writes tags into a file in a way that keeps its sound: proved by the packets' hash before and after.
/// </summary>
internal static class TaggedCopy
{
    /// <summary>Writes tags into a fresh copy of a file.</summary>
    /// <param name="part">The copy, which nobody knows yet; on failure its owner deletes it.</param>
    /// <param name="tags">What is to stand in it.</param>
    /// <param name="id3Version">3 or 4.</param>
    /// <param name="cancel">Ends the comparison.</param>
    /// <exception cref="InvalidDataException">Tags cannot be written into it, or its sound would not be the
    /// same.</exception>
    public static async Task TagAsync(string part, FileTagValues tags, byte id3Version, CancellationToken cancel)
    {
        try
        {
            var before = await PacketHash.OfAsync(part, DecodeLimits.Default, cancel);
            TagWriter.Write(part, tags, id3Version);
            if (await PacketHash.OfAsync(part, DecodeLimits.Default, cancel) != before)
                throw new InvalidDataException("Its sound would not be the same after that.");
        }
        catch (UnreadableAudioException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>A name beside a file for one that is not whole yet, with the same ending.</summary>
    public static string Part(string path) => Path.Combine(
        Path.GetDirectoryName(path)!, $"{SystemFiles.PartPrefix}{Path.GetRandomFileName()}{Path.GetExtension(path)}");

    /// <summary>Has a file's bytes reach the disk, so that no power cut takes them.</summary>
    public static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }
}
