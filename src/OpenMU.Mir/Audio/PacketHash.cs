using System.Text;

namespace OpenMU.Mir.Audio;

/// <summary>Tells whether two files have the same sound, packet by packet, whatever their tags say.</summary>
public static class PacketHash
{
    private const int MaxAnswer = 4096;

    /// <summary>SHA-256 of the packets of all streams of sound, as they lie in the file: nothing is decoded.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Of ffmpeg.</param>
    /// <param name="cancel">Ends the program.</param>
    /// <exception cref="UnreadableAudioException">There is no sound that can be read.</exception>
    /// <exception cref="DecoderUnavailableException">ffmpeg is not there or did not end by itself.</exception>
    public static async Task<string> OfAsync(string path, DecodeLimits limits, CancellationToken cancel)
    {
        var file = Path.GetFullPath(path);
        var arguments = $"-nostdin -v error {MediaProcess.InputOptions} -i {MediaProcess.Quote("file:" + file)} "
            + "-map 0:a -c copy -f streamhash -hash sha256 pipe:1";
        await using var process =
            MediaProcess.Start("ffmpeg", arguments, file, limits.DecodeProcessorTime, limits, cancel);
        var buffer = new byte[MaxAnswer];
        var length = await process.ReadAsync(buffer);
        var exitCode = await process.ExitAsync();
        var hash = Encoding.ASCII.GetString(buffer, 0, length).Trim();
        return exitCode == 0 && hash.Length > 0
            ? hash
            : throw new UnreadableAudioException("The file's sound cannot be read.", process.Errors);
    }
}
