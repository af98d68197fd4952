using OpenMU.Music;

namespace OpenMU.Training.Synthesis;

/// <summary>
/// A chord by its root, 0 (C) to 11, and MMA's suffix: none, m, 7, M7, m7, m7b5 or 5 (a power chord,
/// whose third is left open).
/// </summary>
internal readonly record struct Chord(int Root, string Suffix)
{
    /// <summary>As MMA reads it: <c>"F#m7"</c>.</summary>
    public string Mma => ChordLabel.RootName(Root) + Suffix;

    /// <summary>In Harte's syntax: <c>"F#:min7"</c>.</summary>
    public string Harte => ChordLabel.RootName(Root) + ":"
        + Suffix switch { "" => "maj", "m" => "min", "M7" => "maj7", "m7" => "min7", "m7b5" => "hdim7", _ => Suffix };

    /// <summary>Pitch classes.</summary>
    public IReadOnlyList<int> Tones
    {
        get
        {
            int[] steps = Suffix switch
            {
                "" => [0, 4, 7],
                "m" => [0, 3, 7],
                "7" => [0, 4, 7, 10],
                "M7" => [0, 4, 7, 11],
                "m7" => [0, 3, 7, 10],
                "m7b5" => [0, 3, 6, 10],
                _ => [0, 7]
            };
            var root = Root;
            return [.. steps.Select(step => (root + step) % 12)];
        }
    }

    /// <summary>
    /// Reads a Roman numeral within a key: upper case major, lower case minor, then 7, M7 (major seventh), o
    /// (half-diminished) or nothing.
    /// </summary>
    public static Chord Roman(string numeral, int tonic, bool minorKey)
    {
        var flat = numeral[0] == 'b' ? 1 : 0;
        var letters = numeral[flat..].TakeWhile(c => "IViv".Contains(c)).Count();
        var degree = numeral.Substring(flat, letters);
        var isMinor = char.IsLower(degree[0]);
        var suffix = (isMinor, numeral[(flat + letters)..]) switch
        {
            (true, "o") => "m7b5",
            (true, var rest) => "m" + rest,
            (false, var rest) => rest
        };
        int[] scale = minorKey ? [0, 2, 3, 5, 7, 8, 10] : [0, 2, 4, 5, 7, 9, 11];
        var step = Array.IndexOf(["I", "II", "III", "IV", "V", "VI", "VII"], degree.ToUpperInvariant());
        return new Chord((tonic + scale[step] - flat + 12) % 12, suffix);
    }
}
