namespace OpenMU.Mir.Audio;

/// <summary>What is wrong with the decoder, not with the file that it was given.</summary>
public enum DecoderFault
{
    /// <summary>ffmpeg or ffprobe is missing, may not be run, or cannot load a library.</summary>
    NotInstalled,

    /// <summary>The system could not start it: too little memory or too many processes.</summary>
    NotStarted,

    /// <summary>It was ended from outside: for its memory, by an operator, by the machine's shutdown.</summary>
    Killed,

    /// <summary>
    /// It crashed. A file can do that too, so one that does it again and again to a healthy decoder is suspect.
    /// </summary>
    Crashed,

    /// <summary>
    /// It kept us waiting without using its processor time: the machine is overloaded, or the disk hangs.
    /// </summary>
    TimedOut,
}

/// <summary>
/// The decoder could not do its work. That says nothing about the file: a caller should try again later, and prove the
/// decoder with <see cref="DecoderCheck"/> meanwhile.
/// </summary>
public sealed class DecoderUnavailableException : Exception
{
    /// <param name="fault">What is wrong.</param>
    /// <param name="message">One plain sentence for the operator.</param>
    /// <param name="detail">What the program said; null if it was not started.</param>
    public DecoderUnavailableException(DecoderFault fault, string message, string? detail = null) : base(message) =>
        (Fault, Detail) = (fault, detail);

    public DecoderUnavailableException(DecoderFault fault, string message, Exception cause) : base(message, cause) =>
        Fault = fault;

    public DecoderFault Fault { get; }

    /// <summary>The program's own words, control characters removed; null if it was not started.</summary>
    public string? Detail { get; }
}
