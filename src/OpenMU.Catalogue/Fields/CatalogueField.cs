using System.Globalization;
using System.Text;
using OpenMU.Catalogue.Exchange;
using OpenMU.Music;

namespace OpenMU.Catalogue.Fields;

/// <summary>A field of a track that files, owners and people fill; what only tools measure is none.</summary>
/// <param name="Name">As in imports, corrections and JSON, such as <c>albumArtists</c>; <c>x.</c> begins a field that
/// an owner has declared.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Label">For people.</param>
public sealed record CatalogueField(string Name, FieldType Type, string Label)
{
    /// <summary>How the name of a field begins that an owner has declared.</summary>
    public const string CustomPrefix = "x.";

    /// <summary>Longest value of a field, in UTF-16 units; lyrics are not fields.</summary>
    public const int MaxValueLength = 4000;

    /// <summary>Most values of one field.</summary>
    public const int MaxValues = 100;

    private const int MaxNameLength = 64;
    private const double FastestBpm = 1000;
    private const int LongestBar = 32;

    /// <summary>The fields that every catalogue has, in the order in which they are shown and exported.</summary>
    public static IReadOnlyList<CatalogueField> Known { get; } =
    [
        new(FieldNames.OwnId, FieldType.Text, "Own id"),
        new(FieldNames.Title, FieldType.Text, "Title"),
        new("version", FieldType.Text, "Version"),
        new(FieldNames.Artists, FieldType.List, "Artists"),
        new("albumArtists", FieldType.List, "Album artists"),
        new(FieldNames.Album, FieldType.Text, "Album"),
        new("trackNumber", FieldType.WholeNumber, "Track number"),
        new("discNumber", FieldType.WholeNumber, "Disc number"),
        new(FieldNames.Isrc, FieldType.List, "ISRC"),
        new("iswc", FieldType.List, "ISWC"),
        new("upc", FieldType.Text, "UPC"),
        new("musicBrainzRecording", FieldType.List, "MusicBrainz recording"),
        new("musicBrainzRelease", FieldType.List, "MusicBrainz release"),
        new("musicBrainzArtists", FieldType.List, "MusicBrainz artists"),
        new("musicBrainzWork", FieldType.List, "MusicBrainz work"),
        new(FieldNames.Genres, FieldType.List, "Genres"),
        new(FieldNames.Moods, FieldType.List, "Moods"),
        new(FieldNames.Instruments, FieldType.List, "Instruments"),
        new(FieldNames.Themes, FieldType.List, "Themes"),
        new(FieldNames.Voices, FieldType.List, "Voices"),
        new("energy", FieldType.Text, "Energy"),
        new("era", FieldType.Text, "Era"),
        new(FieldNames.Tags, FieldType.List, "Tags"),
        new("composers", FieldType.List, "Composers"),
        new("lyricists", FieldType.List, "Lyricists"),
        new("publishers", FieldType.List, "Publishers"),
        new("label", FieldType.Text, "Label"),
        new("date", FieldType.Date, "Released"),
        new("originalDate", FieldType.Date, "First released"),
        new("year", FieldType.WholeNumber, "Year"),
        new("language", FieldType.Text, "Language"),
        new("explicit", FieldType.YesNo, "Explicit"),
        new("copyright", FieldType.Text, "Copyright"),
        new("comment", FieldType.Text, "Comment"),
        new("rightsFrom", FieldType.Date, "Rights from"),
        new("rightsUntil", FieldType.Date, "Rights until"),
        new("territories", FieldType.List, "Territories"),
        new(FieldNames.Bpm, FieldType.Number, "BPM"),
        new(FieldNames.Key, FieldType.Key, "Key"),
        new(FieldNames.Metre, FieldType.WholeNumber, "Metre"),
        new("duration", FieldType.Number, "Duration in seconds"),
        new(FieldNames.Caption, FieldType.Text, "Caption"),
        new("description", FieldType.Text, "Description"),
    ];

    private static readonly Dictionary<string, CatalogueField> ByName =
        Known.ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an owner has declared it.</summary>
    public bool IsCustom => Name.StartsWith(CustomPrefix, StringComparison.Ordinal);

    /// <summary>One that every catalogue has, in any case of letters; null where there is none.</summary>
    public static CatalogueField? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>One that an owner declares.</summary>
    /// <param name="name">Letters, digits, spaces, <c>-</c> and <c>_</c>, without the prefix.</param>
    /// <param name="type">What its values are.</param>
    /// <exception cref="FormatException">Not a name.</exception>
    public static CatalogueField Custom(string name, FieldType type)
    {
        var trimmed = name.Trim();
        if (trimmed.Length is 0 or > MaxNameLength
            || !trimmed.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_'))
        {
            throw new FormatException(
                $"'{name}' cannot name a field: letters, digits, spaces, - and _ can, up to {MaxNameLength}.");
        }

        return new CatalogueField(CustomPrefix + trimmed, type, trimmed);
    }

    /// <summary>The values in the one spelling in which they are stored and compared.</summary>
    /// <param name="texts">As somebody wrote them; blank ones are left out.</param>
    /// <exception cref="FormatException">Not of this type; the message says why.</exception>
    public IReadOnlyList<string> Read(IEnumerable<string> texts)
    {
        var values = texts.Select(Clean).Where(text => text.Length > 0).Select(ReadOne).ToList();
        if (Type != FieldType.List && values.Count > 1)
            throw new FormatException($"{Label} has one value, not {values.Count}.");
        if (values.Count > MaxValues) throw new FormatException($"{Label} has at most {MaxValues} values.");
        return [.. values.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>As <see cref="Read"/>, of one text; values of a list are separated as exports separate them.</summary>
    public IReadOnlyList<string> ReadText(string text) =>
        Read(Type == FieldType.List ? ExchangeText.SplitList(text) : [text]);

    private string ReadOne(string text)
    {
        if (text.Length > MaxValueLength)
            throw new FormatException($"{Label} is longer than {MaxValueLength} characters.");
        return Type switch
        {
            FieldType.Number => Number(text).ToString("0.######", CultureInfo.InvariantCulture),
            FieldType.WholeNumber => WholeNumber(text).ToString(CultureInfo.InvariantCulture),
            FieldType.YesNo => YesOrNo(text) ? "true" : "false",
            FieldType.Date => Date(text),
            FieldType.Key => MusicalKey.TryParse(text)?.Name
                ?? throw new FormatException($"There is no key '{text}': give one such as Am, C# minor or 8A."),
            _ => Identifier(text),
        };
    }

    private double Number(string text)
    {
        // A comma for a decimal point, as spreadsheets of many countries write it.
        var point = text.Replace(',', '.');
        var isNumber = double.TryParse(point, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || !double.IsFinite(number)) throw new FormatException($"{Label} '{text}' is no number.");
        if (Name == FieldNames.Bpm && number is <= 0 or > FastestBpm)
            throw new FormatException($"{Label} '{text}' lies outside 0 to {FastestBpm}.");
        return number;
    }

    private int WholeNumber(string text)
    {
        var isNumber = int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || number < 0) throw new FormatException($"{Label} '{text}' is no whole number.");
        if (Name == FieldNames.Metre && number is 0 or > LongestBar)
            throw new FormatException($"{Label} '{text}' lies outside 1 to {LongestBar} units in a bar.");
        return number;
    }

    private bool YesOrNo(string text) => text.ToLowerInvariant() switch
    {
        "true" or "yes" or "y" or "1" or "explicit" => true,
        "false" or "no" or "n" or "0" or "clean" => false,
        _ => throw new FormatException($"{Label} '{text}' is neither yes nor no."),
    };

    // A year, a month or a day, as tags and release lists have them.
    private string Date(string text)
    {
        string[] forms = ["yyyy", "yyyy-MM", "yyyy-MM-dd"];
        foreach (var form in forms)
        {
            if (DateOnly.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                return text;
        }

        return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
            ? time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : throw new FormatException($"{Label} '{text}' is no date such as 2024, 2024-05 or 2024-05-31.");
    }

    /// <summary>What an ISRC has, for people who wrote something else.</summary>
    internal const string IsrcForm = "two letters, three letters or digits, seven digits";

    /// <summary>Twelve letters and digits of an ISRC, however they are divided; null where it is none.</summary>
    public static string? Isrc(string text)
    {
        var letters = new string([.. text.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
        return letters.Length == 12 && letters[..2].All(char.IsAsciiLetter) && letters[5..].All(char.IsAsciiDigit)
            ? letters
            : null;
    }

    private string Identifier(string text) => Name != FieldNames.Isrc ? text
        : Isrc(text) ?? throw new FormatException($"'{text}' is no ISRC: {IsrcForm}.");

    // Text of others: composed as most systems write it, without control characters and halves of characters.
    private static string Clean(string text) => new string([.. string.Concat(text.EnumerateRunes())
        .Normalize(NormalizationForm.FormC).Where(c => !char.IsControl(c) || c is '\n' or '\t')]).Trim();
}

/// <summary>What the values of a field are.</summary>
public enum FieldType
{
    /// <summary>One text.</summary>
    Text,

    /// <summary>Any number of texts, in an order that means something.</summary>
    List,

    /// <summary>A number with a decimal point.</summary>
    Number,

    /// <summary>A whole number from 0.</summary>
    WholeNumber,

    /// <summary>A year, a month or a day.</summary>
    Date,

    /// <summary>Yes or no.</summary>
    YesNo,

    /// <summary>One of the 24 keys.</summary>
    Key,
}

/// <summary>Names of fields that the program itself reads.</summary>
public static class FieldNames
{
    public const string OwnId = "ownId";
    public const string Title = "title";
    public const string Artists = "artists";
    public const string Album = "album";
    public const string Isrc = "isrc";
    public const string Genres = "genres";
    public const string Moods = "moods";
    public const string Instruments = "instruments";
    public const string Themes = "themes";
    public const string Voices = "voices";
    public const string Tags = "tags";
    public const string Bpm = "bpm";
    public const string Key = "key";
    public const string Metre = "metre";
    public const string Caption = "caption";
}
