using System.Security.Cryptography;
using OpenMU.Music.Lyrics;

namespace OpenMU.Mir.Audio;

/// <summary>
/// Takes fields from all containers of a file, cleaned and bounded; <see cref="TagMerger"/> decides between them.
/// </summary>
internal sealed class TagCollector
{
    private const int MaxFields = 1000, MaxTimedLines = 2000;
    private const int MaxLength = 300, MaxCommentLength = 2000, MaxLyricsLength = 100_000;
    private const int MaxCovers = 8;

    public List<(int Rank, TagField Field)> Fields { get; } = [];

    public List<(int Rank, string Source, IReadOnlyList<LyricLine> Lines)> TimedLyrics { get; } = [];

    public List<(int Rank, bool IsFront, TagCover Cover)> Covers { get; } = [];

    public void Add(int rank, string source, TagKind kind, string name, string? value)
    {
        if (Fields.Count >= MaxFields || TagText.Clean(name, 100) is not { } cleanName) return;
        var clean = kind switch
        {
            TagKind.Lyrics => TagText.CleanLines(value, MaxLyricsLength),
            TagKind.Comment => TagText.CleanLines(value, MaxCommentLength),
            _ => TagText.Clean(value, MaxLength),
        };
        if (clean is not null) Fields.Add((rank, new TagField(kind, source, cleanName, clean)));
    }

    public void AddTimed(int rank, string source, IEnumerable<LyricLine> lines)
    {
        try
        {
            var song = SongLyrics.Of([], lines.Take(MaxTimedLines));
            if (song.IsTimed && TimedLyrics.Count < 8) TimedLyrics.Add((rank, source, song.Lines));
        }
        catch (UnusableLyricsException)
        {
            // No words, or a book of them.
        }
    }

    /// <summary>Lyrics in LRC, <c>[01:02.50]words</c>; other text has no lines of that kind and adds nothing.</summary>
    public void AddLrc(int rank, string source, string text)
    {
        try
        {
            AddTimed(rank, source, SongLyrics.Parse(text).Lines);
        }
        catch (UnusableLyricsException)
        {
            // As above.
        }
    }

    public void AddCover(int rank, string source, bool isFront, ReadOnlySpan<byte> image)
    {
        if (Covers.Count >= MaxCovers || MediaType(image) is not { } type) return;
        Covers.Add((rank, isFront,
            new TagCover(source, type, image.Length, Convert.ToHexStringLower(SHA256.HashData(image)))));
    }

    private static string? MediaType(ReadOnlySpan<byte> image)
    {
        if (image.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return "image/jpeg";
        if (image.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])) return "image/png";
        if (image.StartsWith("GIF8"u8)) return "image/gif";
        if (image.StartsWith("BM"u8)) return "image/bmp";
        if (image.StartsWith("II*\0"u8) || image.StartsWith("MM\0*"u8)) return "image/tiff";
        return image.Length >= 12 && image.StartsWith("RIFF"u8) && image[8..].StartsWith("WEBP"u8)
            ? "image/webp"
            : null;
    }
}

/// <summary>One container's way into the collection.</summary>
/// <param name="Tags">The collection.</param>
/// <param name="Source">The container's name.</param>
/// <param name="Rank">Smaller is believed first.</param>
internal readonly record struct TagOrigin(TagCollector Tags, string Source, int Rank)
{
    public void Add(TagKind kind, string name, string? value) => Tags.Add(Rank, Source, kind, name, value);

    /// <summary>Adds a field whose name people chose.</summary>
    public void AddFree(string name, string value)
    {
        if (name.StartsWith("SYNCEDLYRICS", StringComparison.OrdinalIgnoreCase)) Tags.AddLrc(Rank, Source, value);
        else if (name.StartsWith("lyrics-", StringComparison.OrdinalIgnoreCase)) Add(TagKind.Lyrics, name, value);
        else Add(TagNames.OfFree(name), name, value);
    }

    /// <summary>Adds a field whose name the format fixes.</summary>
    public void AddCode(string code, string value) => Add(TagNames.OfCode(code), code, value);

    public void AddTimed(IEnumerable<LyricLine> lines) => Tags.AddTimed(Rank, Source, lines);

    public void AddCover(bool isFront, ReadOnlySpan<byte> image) => Tags.AddCover(Rank, Source, isFront, image);
}
