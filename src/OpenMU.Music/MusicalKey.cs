using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace OpenMU.Music;

/// <summary>
/// One of the 24 major and minor keys. Where there is no key (silence, noise, drums alone) there is
/// no value of this type.
/// </summary>
/// <param name="Tonic">Pitch class of the first degree, 0 (C) to 11 (B).</param>
/// <param name="IsMinor">False for major.</param>
[JsonConverter(typeof(MusicalKeyJson))]
public readonly partial record struct MusicalKey(int Tonic, bool IsMinor)
{
    /// <summary>All 24 in the order of the Camelot wheel: 1A, 1B, 2A, ...</summary>
    public static IReadOnlyList<MusicalKey> All { get; } =
        [.. Enumerable.Range(-7, 12)
            .SelectMany(fifths => (MusicalKey[])[OfFifths(fifths, true), OfFifths(fifths, false)])];

    /// <summary><c>C# minor</c> or <c>Eb major</c>: one spelling for each key, the one that mir_eval reads.</summary>
    public string Name => $"{PitchClass.Name(Tonic, flat: Tonic is 3 or 10 || (Tonic is 8 && !IsMinor))} {Mode}";

    /// <summary>"major" or "minor".</summary>
    public string Mode => IsMinor ? "minor" : "major";

    /// <summary>
    /// Camelot wheel: <c>8B</c> is C major, <c>8A</c> is A minor; a fifth up is the next number of 1 to 12, A stands
    /// for minor and B for major.
    /// </summary>
    public string Camelot => $"{(Fifths + 7) % 12 + 1}{(IsMinor ? 'A' : 'B')}";

    /// <summary>Open Key notation: the same circle counted from C major, <c>1d</c>, and A minor, <c>1m</c>.</summary>
    public string OpenKey => $"{Fifths + 1}{(IsMinor ? 'm' : 'd')}";

    /// <summary>
    /// Number of the key among 24, as classifiers count them: 0 to 11 are major from C upwards, 12 to 23 minor.
    /// </summary>
    public int Index => IsMinor ? 12 + Tonic : Tonic;

    // Steps of a fifth from C major or A minor, 0 to 11.
    private int Fifths => (IsMinor ? Tonic + 3 : Tonic) % 12 * 7 % 12;

    /// <summary>The key whose <see cref="Index"/> this is.</summary>
    public static MusicalKey FromIndex(int index) => new(index % 12, index >= 12);

    /// <summary>
    /// Those a DJ can mix into: this key, one step either way round the wheel, and its relative major or minor.
    /// </summary>
    public IReadOnlyList<MusicalKey> Neighbours() => [this, Transposed(5), Transposed(7), OfFifths(Fifths, !IsMinor)];

    /// <summary>The key that many semitones higher (or lower, below 0), of the same mode.</summary>
    public MusicalKey Transposed(int semitones) => this with { Tonic = PitchClass.Of(Tonic + semitones) };

    /// <summary>
    /// Reads <c>A minor</c>, <c>Am</c>, <c>Bb maj</c>, <c>C#:min</c>, <c>B flat</c> (major), <c>8A</c> (Camelot) or
    /// <c>1m</c> (Open Key), in either case; null for anything else.
    /// </summary>
    public static MusicalKey? TryParse(string? text)
    {
        var key = text?.Trim().ToLowerInvariant() ?? "";
        if (key.Length == 0) return null;
        if (char.IsAsciiDigit(key[0])) return OfWheel(key);
        if (Syntax().Match(key) is not { Success: true } match
            || PitchClass.TryParse(match.Groups["tonic"].Value) is not { } tonic)
        {
            return null;
        }
        return new MusicalKey(tonic, match.Groups["mode"].Value is "m" or "min" or "minor");
    }

    /// <summary>Reads what <see cref="TryParse"/> reads.</summary>
    /// <exception cref="FormatException">The text is not a key.</exception>
    public static MusicalKey Parse(string text) =>
        TryParse(text) ?? throw new FormatException($"'{text}' is not one of the 24 keys.");

    /// <summary>The <see cref="Name"/>.</summary>
    public override string ToString() => Name;

    private static MusicalKey? OfWheel(string key)
    {
        if (!int.TryParse(key[..^1], NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            || number is < 1 or > 12)
        {
            return null;
        }
        return key[^1] switch
        {
            'a' => OfFifths(number - 8, minor: true),
            'b' => OfFifths(number - 8, minor: false),
            'm' => OfFifths(number - 1, minor: true),
            'd' => OfFifths(number - 1, minor: false),
            _ => null,
        };
    }

    // A fifth is seven semitones.
    private static MusicalKey OfFifths(int fifths, bool minor) =>
        new(PitchClass.Of(fifths * 7 + (minor ? 9 : 0)), minor);

    [GeneratedRegex("^(?<tonic>[a-g](?:[#♯]+|[b♭]+|[ -]?(?:sharp|flat))?)[ :-]*(?<mode>m|min|minor|maj|major)?$")]
    private static partial Regex Syntax();
}

/// <summary>A key in JSON is its name.</summary>
internal sealed class MusicalKeyJson : JsonConverter<MusicalKey>
{
    public override MusicalKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MusicalKey.TryParse(reader.GetString()) ?? throw new JsonException("This is not one of the 24 keys.");

    public override void Write(Utf8JsonWriter writer, MusicalKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name);
}
