using OpenMU.Music.Lyrics;

namespace OpenMU.Mir.Audio;

/// <summary>One field as the file has it.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Source">The container that it was read from, such as <c>ID3v2.4</c> or <c>RIFF INFO</c>.</param>
/// <param name="Name">The container's own name, such as <c>TPE1</c>.</param>
/// <param name="Value">The text, cleaned and bounded in length.</param>
public sealed record TagField(TagKind Kind, string Source, string Name, string Value);

/// <summary>A picture within the file. Its bytes are not kept.</summary>
/// <param name="Source">The container that it was read from.</param>
/// <param name="MediaType">By its first bytes, whatever the file claims, such as <c>image/jpeg</c>.</param>
/// <param name="Bytes">Size of the picture.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record TagCover(string Source, string MediaType, long Bytes, string Sha256);

/// <summary>
/// All that a file's tags say, from every container within it. Each value is the claim of whoever made the file:
/// cleaned of control characters, bounded in length and number, not to be trusted. Where containers disagree the more
/// capable one is believed (ID3v2 before APEv2 before ID3v1, an ID3 chunk before RIFF INFO), unless it has nothing but
/// question marks.
/// </summary>
public sealed record FileTags
{
    public static FileTags None { get; } = new();

    public string? Title { get; init; }
    public IReadOnlyList<string> Artists { get; init; } = [];
    public string? Album { get; init; }
    public IReadOnlyList<string> AlbumArtists { get; init; } = [];
    public IReadOnlyList<string> Composers { get; init; } = [];
    public IReadOnlyList<string> Genres { get; init; } = [];

    /// <summary>Release date or year, in the file's own spelling.</summary>
    public string? Date { get; init; }
    public string? OriginalDate { get; init; }

    /// <summary>Twelve characters each, without hyphens; what is no ISRC stands in <see cref="Others"/>.</summary>
    public IReadOnlyList<string> Isrcs { get; init; } = [];

    /// <summary>Ids by their kind, as lower-case UUIDs.</summary>
    public IReadOnlyDictionary<TagKind, IReadOnlyList<string>> MusicBrainzIds { get; init; } =
        new Dictionary<TagKind, IReadOnlyList<string>>();

    /// <summary>Beats per minute as claimed, 1 to 1000.</summary>
    public double? Bpm { get; init; }

    /// <summary>The key in the file's own spelling, such as <c>F#m</c> or <c>11B</c>.</summary>
    public string? Key { get; init; }
    public string? Comment { get; init; }
    public int? TrackNumber { get; init; }
    public int? TrackTotal { get; init; }
    public int? DiscNumber { get; init; }
    public int? DiscTotal { get; init; }

    /// <summary>Unsynchronised lyrics, with their line breaks.</summary>
    public string? Lyrics { get; init; }

    /// <summary>Synchronised lyrics in the order of time; empty if there are none.</summary>
    public IReadOnlyList<LyricLine> TimedLyrics { get; init; } = [];

    /// <summary>Which container they were taken from.</summary>
    public string? TimedLyricsSource { get; init; }
    public string? Language { get; init; }
    public string? Copyright { get; init; }
    public string? Publisher { get; init; }

    /// <summary>The first picture, the front cover where the file says which that is.</summary>
    public TagCover? Cover { get; init; }

    /// <summary>Which container each kind of value above was taken from.</summary>
    public IReadOnlyDictionary<TagKind, string> Sources { get; init; } = new Dictionary<TagKind, string>();

    /// <summary>Fields that have no property here, and values that a property could not hold.</summary>
    public IReadOnlyList<TagField> Others { get; init; } = [];

    /// <summary>
    /// The lyrics: those that are synchronised, else the others, which are LRC in many files. Null where there are
    /// none, or what stands in their place is too long to be any.
    /// </summary>
    public SongLyrics? ReadLyrics()
    {
        try
        {
            return TimedLyrics.Count > 0 ? SongLyrics.Of([], TimedLyrics)
                : Lyrics is not null ? SongLyrics.Parse(Lyrics)
                : null;
        }
        catch (UnusableLyricsException)
        {
            return null;
        }
    }
}
