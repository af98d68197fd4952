namespace OpenMU.Mir.Audio;

/// <summary>What a file says about itself. Every text is the claim of whoever made the file: cleaned of control characters, bounded in length, not to be trusted.</summary>
/// <param name="Container">As ffprobe names it, such as <c>mp3</c> or <c>mov,mp4,m4a,3gp,3g2,mj2</c>.</param>
/// <param name="Codec">As ffprobe names it, such as <c>aac</c>.</param>
/// <param name="SampleRate">Hz, before decoding.</param>
/// <param name="Channels">Channels in the file; <see cref="DecodedChannels"/> of them are decoded.</param>
/// <param name="ChannelLayout">As ffprobe names it, such as <c>5.1(side)</c>; null if the file does not say.</param>
/// <param name="ProbedSeconds">Duration by the header; null if it claims none. Headers lie: measure to know.</param>
public sealed record AudioInfo(string Container, string Codec, int SampleRate, int Channels, string? ChannelLayout, double? ProbedSeconds)
{
    internal const int MaxChannels = 8;

    /// <summary>Channels that decoding delivers: the first eight.</summary>
    public int DecodedChannels => Math.Min(Channels, MaxChannels);

    public string? Title { get; init; }
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
