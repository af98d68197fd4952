using System.Globalization;
using OpenMU.Catalogue.Search;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// Lyrics from one source. A track may have several; the one whose <see cref="Source"/> comes first is shown, searched
/// and told to the model.
/// </summary>
public abstract class StoredLyrics
{
    /// <summary>Longest <see cref="Origin"/>.</summary>
    public const int MaxOriginLength = 256;

    public LyricsSource Source { get; set; }

    /// <summary>Who or what within the source: a person, a file's name, a model's version.</summary>
    public required string Origin { get; set; }

    /// <summary><see cref="SongLyrics.Headers"/>, a line each.</summary>
    public string Headers { get; set; } = "";

    /// <summary><see cref="SongLyrics.Lines"/>.</summary>
    public IReadOnlyList<LyricLine> Lines { get; set; } = [];

    /// <summary>The words alone, for text search; follows <see cref="Lines"/>.</summary>
    public string Text
    {
        get => string.Join('\n', Lines.Select(line => line.Text)).Trim('\n');
        private set { } // the database's copy is written, never believed
    }

    /// <summary>What search finds it by; follows the rest.</summary>
    public string Folded
    {
        get => SearchDocument.Of(this);
        private set { } // the database's copy is written, never believed
    }

    /// <summary>ISO 639-1; null where no language is plain.</summary>
    public string? Language { get; set; }

    /// <summary>Strong language by a list of words, or as the owner says; null where nobody can tell.</summary>
    public bool? IsExplicit { get; set; }

    /// <summary>What the words are about, separated by commas; null where that is not plain.</summary>
    public string? Themes { get; set; }

    /// <summary>The words in one or two sentences by the model; null where it does not say.</summary>
    public string? Summary { get; set; }

    /// <summary>The model that has read this version of the words; null where none has.</summary>
    public string? ReadBy { get; set; }

    /// <summary>From 1; each change makes one more.</summary>
    public int Version { get; set; }

    /// <summary>When this version came (UTC).</summary>
    public DateTime At { get; set; }

    /// <summary>Names source and version, quoted, as in the header of the same name.</summary>
    public string ETag => string.Create(CultureInfo.InvariantCulture, $"\"{Source}-{Version}-{At.Ticks:x}\"");

    /// <summary>The lyrics themselves.</summary>
    public SongLyrics ToSong() => SongLyrics.Of(Headers.Split('\n', StringSplitOptions.RemoveEmptyEntries), Lines);

    /// <summary>What a question about the lyrics is answered from.</summary>
    public KnownLyrics ToKnown() =>
        new(ToSong(), Language, IsExplicit, Themes?.Split(", ") ?? [], Summary);

    /// <summary>Takes in other words: what was known about the ones before goes.</summary>
    /// <param name="song">The words.</param>
    /// <param name="language">As the owner says; null to find out.</param>
    /// <param name="isExplicit">As the owner says; null to find out.</param>
    /// <param name="at">UTC.</param>
    public void Take(SongLyrics song, string? language, bool? isExplicit, DateTime at)
    {
        Headers = string.Join('\n', song.Headers);
        Lines = song.Lines;
        Language = language ?? LyricsLanguage.Of(song.Text);
        IsExplicit = isExplicit ?? ExplicitWords.AreIn(song.Text, Language);
        Themes = Language == "en" ? LyricsThemes.Of(song.Text) : null;
        (Summary, ReadBy) = (null, null);
        Version++;
        At = at;
    }

    private protected static string Shorten(string origin) =>
        origin.Length <= MaxOriginLength ? origin : origin[^MaxOriginLength..];
}

/// <summary>Where lyrics come from, in the order in which they are believed.</summary>
public enum LyricsSource
{
    /// <summary>A person, by the page, the API or an import.</summary>
    Owner,

    /// <summary>A file of lyrics with times beside the music.</summary>
    LrcFile,

    /// <summary>A file of text beside the music.</summary>
    TextFile,

    /// <summary>The music file's own tags.</summary>
    Tags,

    /// <summary>A model that listened.</summary>
    Transcription,
}

/// <summary>Lyrics that belong to one track, whatever its content: an owner's, or of a file beside it.</summary>
public sealed class TrackLyrics : StoredLyrics
{
    /// <summary>Part of the key, with <see cref="StoredLyrics.Source"/>.</summary>
    public long TrackId { get; set; }

    /// <summary><see cref="Storage.TrackBlob.Key"/> of the file's blob; null where it is no file's.</summary>
    public string? BlobKey { get; set; }

    /// <summary>The file's blob; null where it is no file's.</summary>
    public string? BlobName { get; set; }

    /// <summary>The file's version, quoted; null where it is no file's.</summary>
    public string? ETagOfBlob { get; set; }
}

/// <summary>Lyrics that were found in a content, whichever tracks have it; they come with its analysis.</summary>
public sealed class ContentLyrics : StoredLyrics
{
    /// <summary>Part of the key, with <see cref="StoredLyrics.Source"/>.</summary>
    public long JobId { get; set; }

    /// <summary>What a source says of the content.</summary>
    public static ContentLyrics Of(LyricsSource source, string origin, SongLyrics song, DateTime at)
    {
        var lyrics = new ContentLyrics { Source = source, Origin = Shorten(origin) };
        lyrics.Take(song, null, null, at);
        return lyrics;
    }
}
