using OpenMU.Mir.Audio;

namespace OpenMU.Cli;

/// <summary>For verbs that read audio: a decoder that does not work is no fault of any file.</summary>
internal static class WorkingDecoder
{
    /// <summary>Returns when ffmpeg and ffprobe have decoded sounds that were made for it.</summary>
    /// <exception cref="InvalidOperationException">They do not work; the message says why in one line.</exception>
    public static async Task RequireAsync(CancellationToken cancel)
    {
        if (await DecoderCheck.FindProblemAsync(DecodeLimits.Default, cancel) is { } problem)
            throw new InvalidOperationException(problem);
    }
}
