namespace OpenMU.Mir.Audio;

/// <summary>
/// The input is no audio that can be analysed, and never will be: a caller should reject it and not try again.
/// </summary>
public sealed class UnreadableAudioException : Exception
{
    /// <param name="message">One plain sentence for the owner of the file.</param>
    /// <param name="detail">What the decoder said, for the log; null if it was never asked.</param>
    public UnreadableAudioException(string message, string? detail = null) : base(message) => Detail = detail;

    /// <summary>
    /// Nothing stands at the path. Whoever put a file there himself should look for it rather than reject it.
    /// </summary>
    public bool IsMissing { get; init; }

    /// <summary>The decoder's own words, control characters removed; null if it was never asked.</summary>
    public string? Detail { get; }
}
