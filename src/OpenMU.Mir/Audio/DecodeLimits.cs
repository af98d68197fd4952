namespace OpenMU.Mir.Audio;

/// <summary>
/// What one file may cost. The defaults let a four-hour recording pass and stop a decompression bomb.
/// </summary>
public sealed record DecodeLimits
{
    public static DecodeLimits Default { get; } = new();

    /// <summary>Longest track in seconds of sound, whatever its header claims.</summary>
    public double MaxSeconds { get; init; } = 4 * 3600;

    /// <summary>Largest file in bytes.</summary>
    public long MaxFileBytes { get; init; } = 4L << 30;

    /// <summary>Address space of the decoder process, where <c>prlimit</c> exists (Linux).</summary>
    public long MaxDecoderBytes { get; init; } = 2L << 30;

    /// <summary>
    /// Processor time of the decoder for one file. It does not depend on what else the machine does, so running out of
    /// it is the file's fault.
    /// </summary>
    public TimeSpan DecodeProcessorTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Processor time of ffprobe, which reads no more than headers and tags.</summary>
    public TimeSpan ProbeProcessorTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a program may keep us waiting, all waits of one file together. Time that the analysis takes between
    /// reads does not count. Whoever waits longer than the processor times above allow waits for the machine, so that
    /// is not the file's fault.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Folder of ffmpeg and ffprobe; null looks for them on the PATH.</summary>
    public string? ProgramFolder { get; init; }
}
