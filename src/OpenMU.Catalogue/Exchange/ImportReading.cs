using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Exchange;

/// <summary>A row that can be read: what it says, and by what its track is found.</summary>
/// <param name="Row">As it came.</param>
/// <param name="Fields">What it says in fields.</param>
/// <param name="Keys">By what its track may be found.</param>
/// <param name="Lyrics">Null where it has none.</param>
internal sealed record ImportReading(ImportRow Row, FieldSet Fields, TrackKeys Keys, RowLyrics? Lyrics)
{
    /// <summary>Of a text with one of these, the values of a list lie between them.</summary>
    private static readonly char[] Separators = ['|', '\n'];

    // Lists of short words, which have no commas within them: of a text without other separators commas part them.
    private static readonly HashSet<string> PartedByCommas =
    [
        FieldNames.Moods, FieldNames.Instruments, FieldNames.Themes, FieldNames.Voices, FieldNames.Tags, "territories",
    ];

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It says what cannot be meant; the message says all that is wrong, so that a
    /// row is mended once.</exception>
    public static ImportReading Of(ImportRow row, ImportColumns columns)
    {
        if (row.Problem is not null) throw new FormatException(row.Problem);
        var texts = new Dictionary<CatalogueField, List<string>>();
        var (file, hash, lyrics) = ((string?)null, (string?)null, (string?)null);
        var (language, isExplicit) = ((string?)null, (bool?)null);
        long? id = null;
        var problems = new RowProblems();
        foreach (var cell in row.Cells)
        {
            problems.Catch(() =>
            {
                var use = columns.Use(cell.Column);
                if (use.Kind == ColumnKind.Field)
                {
                    if (!texts.TryGetValue(use.Field!, out var said)) texts[use.Field!] = said = [];
                    said.AddRange(Values(use.Field!, cell, columns.IsOwnExport));
                }
                else if (cell.Texts is [var text])
                {
                    if (use.Kind == ColumnKind.File) file = ForeignSpelling.Path(text);
                    if (use.Kind == ColumnKind.Sha256) hash = ForeignSpelling.Sha256(text);
                    if (use.Kind == ColumnKind.Lyrics) lyrics = text;
                    if (use.Kind == ColumnKind.LyricsLanguage) language = RowLyrics.Code(text);
                    if (use.Kind == ColumnKind.LyricsExplicit)
                        isExplicit = bool.TryParse(text, out var yes) ? yes : null;
                    if (use.Kind == ColumnKind.TrackId) id = Number(text);
                }
            });
        }

        var fields = FieldSet.Empty;
        foreach (var (field, said) in texts)
            problems.Catch(() => fields = fields.With(field, said.Distinct(StringComparer.Ordinal)));
        SongLyrics? song = null;
        problems.Catch(() => song = Song(lyrics));
        problems.Throw();
        var keys = new TrackKeys(
            id, fields.One(FieldNames.OwnId), fields[FieldNames.Isrc] ?? [], file,
            hash is null ? null : $"sha256:{hash}");
        return new ImportReading(
            row, fields, keys, song is null ? null : new RowLyrics(song, language, isExplicit));
    }

    private static IEnumerable<string> Values(CatalogueField field, ImportCell cell, bool isOwnExport)
    {
        var texts = cell.IsSplit || field.Type != FieldType.List ? cell.Texts
            : isOwnExport ? cell.Texts.SelectMany(ExchangeText.SplitList)
            : cell.Texts.SelectMany(text => Split(field, text));
        return texts.Select(text => ForeignSpelling.Of(field, cell.Column, text.Trim()));
    }

    private static IReadOnlyList<string> Split(CatalogueField field, string text) =>
        text.AsSpan().ContainsAny(';', '\\') ? ExchangeText.SplitList(text)
        : text.AsSpan().ContainsAny(Separators) ? text.Split(Separators)
        : PartedByCommas.Contains(field.Name) ? text.Split(',')
        : [text];

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{text}' is no number of a track.");

    private static SongLyrics? Song(string? text)
    {
        try
        {
            return text is null ? null : SongLyrics.Parse(text);
        }
        catch (UnusableLyricsException unusable)
        {
            throw new FormatException($"Lyrics: {unusable.Message}", unusable);
        }
    }
}

/// <summary>Lyrics of a row.</summary>
/// <param name="Song">The words.</param>
/// <param name="Language">ISO 639-1, as is said of the lyrics themselves; null where nothing is.</param>
/// <param name="IsExplicit">Likewise.</param>
internal sealed record RowLyrics(SongLyrics Song, string? Language = null, bool? IsExplicit = null)
{
    /// <summary>A code of ISO 639-1; null where a text is none.</summary>
    public static string? Code(string? text) => text is { Length: 2 } ? text.ToLowerInvariant() : null;

    /// <summary>Whether lyrics have these words at these times; lines with words' times are no equal objects.</summary>
    public bool HasWordsOf(StoredLyrics lyrics) => lyrics.ToSong().ToLrc() == Song.ToLrc();

    /// <summary>Whether what is said of the lyrics themselves, if anything is, is said of others too.</summary>
    public bool SaysAsMuchOf(StoredLyrics lyrics) =>
        (Language is null || Language == lyrics.Language) && (IsExplicit is null || IsExplicit == lyrics.IsExplicit);
}

/// <summary>All that is wrong with a row.</summary>
internal sealed class RowProblems
{
    private readonly List<string> said = [];

    /// <summary>Reads a part of it.</summary>
    public void Catch(Action read)
    {
        try
        {
            read();
        }
        catch (FormatException wrong)
        {
            said.Add(wrong.Message);
        }
    }

    /// <summary>Ends the reading where anything is wrong.</summary>
    /// <exception cref="FormatException">Something is.</exception>
    public void Throw()
    {
        if (said.Count > 0) throw new FormatException(string.Join(" ", said.Distinct()));
    }
}

/// <summary>By what a row's track may be found.</summary>
/// <param name="TrackId">The catalogue's own number.</param>
/// <param name="OwnId">The owner's.</param>
/// <param name="Isrcs">None where the row has none.</param>
/// <param name="File">A path, with slashes.</param>
/// <param name="ContentId">As a job's.</param>
internal sealed record TrackKeys(
    long? TrackId, string? OwnId, IReadOnlyList<string> Isrcs, string? File, string? ContentId);

/// <summary>What other systems write differently.</summary>
internal static partial class ForeignSpelling
{
    /// <summary>A value as its field reads it.</summary>
    /// <exception cref="FormatException">It may mean two things.</exception>
    public static string Of(CatalogueField field, string column, string text) => field.Name switch
    {
        "duration" => Duration(column, text),
        FieldNames.Bpm => Unit().Replace(text, ""),
        "trackNumber" or "discNumber" => OfTotal().Replace(text, ""),
        "year" when text.Length > 4 && text[4] == '-' => text[..4],
        FieldNames.Metre when text.IndexOf('/') is > 0 and var slash => text[..slash],
        "explicit" => text.ToLowerInvariant() switch
        {
            "e" => "true",
            "not explicit" or "notexplicit" or "none" or "c" or "cleaned" => "false",
            _ => text,
        },
        _ => field.Type == FieldType.Date ? Date(field, text) : text,
    };

    /// <summary>A path with slashes, of one with backslashes or an address.</summary>
    public static string Path(string text)
    {
        text = text.Trim();
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeFile
            && text.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.UnescapeDataString(address.AbsolutePath);
        }

        return text.Replace('\\', '/');
    }

    /// <summary>64 small hex digits.</summary>
    /// <exception cref="FormatException">It is no hash.</exception>
    public static string Sha256(string text)
    {
        var hash = text.Trim().ToLowerInvariant();
        if (hash.StartsWith("sha256:", StringComparison.Ordinal)) hash = hash[7..];
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigit)
            ? hash
            : throw new FormatException($"'{text}' is no SHA-256 of a file: 64 hex digits.");
    }

    // 3:45, 1:02:03.5, or milliseconds in a column that says so.
    private static string Duration(string column, string text)
    {
        var letters = ColumnAliases.Letters(column);
        var (culture, style) = (CultureInfo.InvariantCulture, NumberStyles.Float);
        if ((letters.EndsWith("ms", StringComparison.Ordinal) || letters == "tlen")
            && double.TryParse(text, style, culture, out var milliseconds))
        {
            return (milliseconds / 1000).ToString(culture);
        }

        var parts = text.Split(':');
        if (parts.Length is not (2 or 3)) return text;
        var seconds = 0.0;
        foreach (var part in parts)
        {
            if (!double.TryParse(part, style, culture, out var number) || number < 0) return text;
            seconds = (seconds * 60) + number;
        }

        return seconds.ToString(culture);
    }

    // 31.05.2024 is a day in May everywhere; 05/03/2024 is two days.
    private static string Date(CatalogueField field, string text)
    {
        if (DayMonthYear().Match(text) is not { Success: true } match) return text;
        var (first, second) = (int.Parse(match.Groups[1].ValueSpan), int.Parse(match.Groups[3].ValueSpan));
        var isDayFirst = match.Groups[2].ValueSpan is "." || first > 12;
        if (!isDayFirst && second <= 12 && first != second)
        {
            throw new FormatException(
                $"{field.Label} '{text}' may be day {first} or day {second} of a month: write it as 2024-05-31.");
        }

        var (day, month) = isDayFirst ? (first, second) : (second, first);
        return string.Create(CultureInfo.InvariantCulture, $"{match.Groups[4].ValueSpan}-{month:00}-{day:00}");
    }

    [GeneratedRegex(@"^(\d{1,2})([./-])(\d{1,2})[./-](\d{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex DayMonthYear();

    [GeneratedRegex(@"\s*bpm$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Unit();

    [GeneratedRegex(@"\s*(/|of)\s*\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex OfTotal();
}
