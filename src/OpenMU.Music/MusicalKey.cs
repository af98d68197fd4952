namespace OpenMU.Music;

/// <summary>A key in the three spellings that people search by.</summary>
/// <param name="Name"><c>C# minor</c>, as the measuring tools write it.</param>
/// <param name="Camelot"><c>12A</c>: number 1 to 12 up by fifths, A for minor, B for major; A minor is 8A, C major 8B.</param>
/// <param name="OpenKey"><c>5m</c>: the same circle counted from C major = 1d and A minor = 1m.</param>
public sealed record MusicalKey(string Name, string Camelot, string OpenKey)
{
    private static readonly string[] MajorTonics = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
    private static readonly string[] MinorTonics = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"];

    /// <summary>All 24 in the order of the wheel: 1A, 1B, 2A, ...</summary>
    public static IReadOnlyList<MusicalKey> All { get; } =
        [.. Enumerable.Range(1, 12).SelectMany(number => (MusicalKey[])[OnWheel(number, minor: true), OnWheel(number, minor: false)])];

    /// <summary>Those a DJ can mix into: this key, one step either way round the wheel, and its relative major or minor.</summary>
    public IReadOnlyList<MusicalKey> Neighbours
    {
        get
        {
            var (number, minor) = (int.Parse(Camelot[..^1]), Camelot[^1] == 'A');
            return [this, OnWheel(number + 11, minor), OnWheel(number + 1, minor), OnWheel(number, !minor)];
        }
    }

    /// <summary>Reads <c>A minor</c>, <c>Am</c>, <c>Bb maj</c>, <c>C#:min</c>, <c>8A</c> (Camelot) or <c>1m</c> (Open Key), in either case; null for anything else.</summary>
    public static MusicalKey? TryParse(string? text)
    {
        var key = text?.Trim().ToLowerInvariant().Replace('♯', '#').Replace('♭', 'b') ?? "";
        if (key.Length == 0) return null;
        return char.IsAsciiDigit(key[0]) ? OfWheel(key) : OfTonic(key);
    }

    private static MusicalKey? OfWheel(string key)
    {
        if (!int.TryParse(key[..^1], out var number) || number is < 1 or > 12) return null;
        return key[^1] switch
        {
            'a' => OnWheel(number, minor: true),
            'b' => OnWheel(number, minor: false),
            'm' => OnWheel(number + 7, minor: true),
            'd' => OnWheel(number + 7, minor: false),
            _ => null,
        };
    }

    private static MusicalKey? OfTonic(string key)
    {
        var letter = Array.IndexOf(MajorTonics, key[..1].ToUpperInvariant());
        if (letter < 0) return null;
        var accidental = key.Length < 2 ? 0 : key[1] switch { '#' => 1, 'b' => -1, _ => 0 };
        var pitch = (letter + accidental + 12) % 12;
        bool? minor = key[(accidental == 0 ? 1 : 2)..].TrimStart(' ', ':') switch
        {
            "m" or "min" or "minor" => true,
            "" or "maj" or "major" => false,
            _ => null,
        };

        // A fifth up is seven semitones and one step on the wheel, and 7 x 7 = 1 (mod 12): seven undoes seven.
        return minor is { } isMinor ? OnWheel((pitch - (isMinor ? 9 : 0) + 12) * 7 + 8, isMinor) : null;
    }

    /// <param name="number">Any number of steps; 13 is 1 again.</param>
    /// <param name="minor">A for minor, B for major.</param>
    private static MusicalKey OnWheel(int number, bool minor)
    {
        var wheel = (number + 11) % 12 + 1;
        var pitch = ((wheel + 4) * 7 + (minor ? 9 : 0)) % 12;
        return new MusicalKey(
            minor ? $"{MinorTonics[pitch]} minor" : $"{MajorTonics[pitch]} major",
            $"{wheel}{(minor ? 'A' : 'B')}",
            $"{(wheel + 4) % 12 + 1}{(minor ? 'm' : 'd')}");
    }
}
