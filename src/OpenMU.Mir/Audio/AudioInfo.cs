namespace OpenMU.Mir.Audio;

/// <summary>
/// What a file says about itself. Every text is the claim of whoever made the file: cleaned of control characters,
/// bounded in length, not to be trusted.
/// </summary>
/// <param name="Container">As ffprobe names it, such as <c>mp3</c> or <c>mov,mp4,m4a,3gp,3g2,mj2</c>.</param>
/// <param name="Codec">As ffprobe names it, such as <c>aac</c>.</param>
/// <param name="SampleRate">Hz, before decoding.</param>
/// <param name="Channels">Channels in the file; <see cref="DecodedChannels"/> of them are decoded.</param>
/// <param name="ChannelLayout">As ffprobe names it, such as <c>5.1(side)</c>; null if the file does not say.</param>
/// <param name="ProbedSeconds">
/// Duration by the header; null if it claims none, has a placeholder or leaves it to be guessed from the bit rate.
/// Headers lie: measure to know.
/// </param>
public sealed record AudioInfo(
    string Container, string Codec, int SampleRate, int Channels, string? ChannelLayout, double? ProbedSeconds)
{
    internal const int MaxChannels = 8;

    /// <summary>Channels that decoding delivers: the first eight.</summary>
    public int DecodedChannels => Math.Min(Channels, MaxChannels);

    /// <summary>
    /// A guess at the duration for the sake of progress: the header's claim, else by the size and the bit rate; null if
    /// there is none.
    /// </summary>
    public double? EstimatedSeconds { get; init; }

    /// <summary>
    /// All tags, by the rules of their containers. The properties below are the shortest form of some of them.
    /// </summary>
    public FileTags Tags { get; init; } = FileTags.None;

    /// <summary>
    /// Bytes at the start that the decoder should not look at: a tag that would keep it busy for minutes.
    /// </summary>
    internal long SkippedBytes { get; init; }

    public string? Title { get; init; }

    /// <summary>All artists, with "; " between them.</summary>
    public string? Artist { get; init; }
    public string? Album { get; init; }
    public string? Composer { get; init; }
    public string? Genre { get; init; }

    /// <summary>Release date or year, in the file's own spelling.</summary>
    public string? Date { get; init; }
    public string? Isrc { get; init; }

    /// <summary>Unsynchronised lyrics, with their line breaks.</summary>
    public string? Lyrics { get; init; }
}
