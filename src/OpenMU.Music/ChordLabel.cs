using System.Text.RegularExpressions;

namespace OpenMU.Music;

/// <summary>
/// A chord in Harte syntax as numbers (Harte et al., "Symbolic representation of musical chords", 2005),
/// encoded as mir_eval does.
/// </summary>
/// <param name="Root">Pitch class of the root, or -1 for <c>N</c> and <c>X</c>.</param>
/// <param name="Notes">12 marks relative to the root: 1 sounds, 0 does not; all -1 for <c>X</c> (out
/// of vocabulary).</param>
/// <param name="Bass">Semitones from the root to the bass, 0 to 11; -1 for <c>N</c> and <c>X</c>.</param>
public sealed partial record ChordLabel(int Root, int[] Notes, int Bass)
{
    private static readonly Dictionary<string, int[]> Qualities = new()
    {
        ["maj"] = [0, 4, 7],
        ["min"] = [0, 3, 7],
        ["aug"] = [0, 4, 8],
        ["dim"] = [0, 3, 6],
        ["sus4"] = [0, 5, 7],
        ["sus2"] = [0, 2, 7],
        ["7"] = [0, 4, 7, 10],
        ["maj7"] = [0, 4, 7, 11],
        ["min7"] = [0, 3, 7, 10],
        ["minmaj7"] = [0, 3, 7, 11],
        ["maj6"] = [0, 4, 7, 9],
        ["min6"] = [0, 3, 7, 9],
        ["dim7"] = [0, 3, 6, 9],
        ["hdim7"] = [0, 3, 6, 10],
        ["maj9"] = [0, 4, 7, 11],
        ["min9"] = [0, 3, 7, 10],
        ["9"] = [0, 4, 7, 10],
        ["b9"] = [0, 4, 7, 10],
        ["#9"] = [0, 4, 7, 10],
        ["min11"] = [0, 3, 7, 10],
        ["11"] = [0, 4, 7, 10],
        ["#11"] = [0, 4, 7, 10],
        ["maj13"] = [0, 4, 7, 11],
        ["min13"] = [0, 3, 7, 10],
        ["13"] = [0, 4, 7, 10],
        ["b13"] = [0, 4, 7, 10],
        ["1"] = [0],
        ["5"] = [0, 7],
        [""] = [],
    };

    // Extended chords as a seventh chord and the voices above it.
    private static readonly Dictionary<string, (string Quality, string[] Degrees)> Extended = new()
    {
        ["minmaj7"] = ("min", ["7"]),
        ["maj9"] = ("maj7", ["9"]),
        ["min9"] = ("min7", ["9"]),
        ["9"] = ("7", ["9"]),
        ["b9"] = ("7", ["b9"]),
        ["#9"] = ("7", ["#9"]),
        ["11"] = ("7", ["9", "11"]),
        ["#11"] = ("7", ["9", "#11"]),
        ["13"] = ("7", ["9", "11", "13"]),
        ["b13"] = ("7", ["9", "11", "b13"]),
        ["min11"] = ("min7", ["9", "11"]),
        ["maj13"] = ("maj7", ["9", "11", "13"]),
        ["min13"] = ("min7", ["9", "11", "13"]),
    };

    private static readonly int[] Degrees = [0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 17, 19, 21];

    /// <summary>The chord has a minor third and no major one.</summary>
    public bool IsMinor => Notes[3] == 1 && Notes[4] == 0;

    /// <summary>A power chord: root and fifth alone.</summary>
    public bool IsPower => Root >= 0 && Notes[7] == 1 && Notes.Sum() == 2;

    /// <summary>A root as labels spell it: <c>Db</c>, <c>Eb</c>, <c>F#</c>, <c>Ab</c>, <c>Bb</c>.</summary>
    /// <param name="root">Pitch class, 0 (C) to 11.</param>
    public static string RootName(int root) => PitchClass.Name(root, flat: root is not 6);

    /// <summary>Reads a label such as <c>"A:min7"</c>, <c>"F#:maj(9)/3"</c> or <c>"N"</c>.</summary>
    /// <param name="label">The label.</param>
    /// <param name="withExtensions">True to fold the 9th, 11th and 13th of extended chords into the notes; measures
    /// leave them out.</param>
    /// <exception cref="FormatException">The label is not Harte syntax, or its quality is unknown.</exception>
    public static ChordLabel Parse(string label, bool withExtensions = false)
    {
        if (label == "N") return new ChordLabel(-1, new int[12], -1);
        if (label == "X") return new ChordLabel(-1, [-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1], -1);
        if (Syntax().Match(label) is not { Success: true } match)
            throw new FormatException($"'{label}' is not a chord label.");

        var degrees = match.Groups["degrees"].Success ? match.Groups["degrees"].Value.Split(',').ToHashSet() : [];
        var quality = match.Groups["quality"].Success ? match.Groups["quality"].Value : degrees.Count > 0 ? "" : "maj";
        if (withExtensions && Extended.TryGetValue(quality, out var reduced))
        {
            quality = reduced.Quality;
            degrees.UnionWith(reduced.Degrees);
        }

        if (!Qualities.TryGetValue(quality, out var intervals))
            throw new FormatException($"'{label}' has an unknown quality.");
        var notes = new int[12];
        notes[0] = 1;
        foreach (var interval in intervals) notes[interval] = 1;
        foreach (var degree in degrees)
        {
            var semitones = Semitones(degree.TrimStart('*'));
            if (semitones < 12 || withExtensions) notes[(semitones % 12 + 12) % 12] += degree.StartsWith('*') ? -1 : 1;
        }

        for (var i = 0; i < 12; i++) notes[i] = notes[i] > 0 ? 1 : 0;
        var bass = match.Groups["bass"].Success ? (Semitones(match.Groups["bass"].Value) % 12 + 12) % 12 : 0;
        notes[bass] = 1;
        return new ChordLabel(PitchClass.TryParse(match.Groups["root"].Value)!.Value, notes, bass);
    }

    /// <summary>The label of the same chord that many semitones higher; <c>"N"</c> and <c>"X"</c> stay.</summary>
    /// <exception cref="FormatException">The label is not Harte syntax.</exception>
    public static string Transposed(string label, int semitones)
    {
        var root = Parse(label).Root;
        return root < 0 ? label : RootName(PitchClass.Of(root + semitones)) + label[RootLength(label)..];
    }

    /// <summary>12 marks by absolute pitch class: true where the chord has a note.</summary>
    public bool[] PitchClasses()
    {
        var classes = new bool[12];
        for (var i = 0; i < 12; i++) classes[(i + Root + 12) % 12] = Notes[i] != 0;
        return classes;
    }

    public bool Equals(ChordLabel? other) =>
        other is not null && Root == other.Root && Bass == other.Bass && Notes.AsSpan().SequenceEqual(other.Notes);

    public override int GetHashCode() => HashCode.Combine(Root, Bass, string.Join(',', Notes));

    private static int RootLength(string label) => 1 + label.Skip(1).TakeWhile(c => c is 'b' or '#').Count();

    private static int Semitones(string degree) =>
        Degrees[int.Parse(degree.TrimStart('#', 'b')) - 1] + Accidentals(degree);

    private static int Accidentals(string name) => name.Count(c => c == '#') - name.Count(c => c == 'b');

    [GeneratedRegex(@"^(?<root>[A-G](b*|\#*))
        (:(?<quality>maj|min|dim|aug|1|5|sus2|sus4|maj6|min6|7|maj7|min7|dim7|hdim7|minmaj7|aug7
            |9|maj9|min9|11|maj11|min11|13|maj13|min13)?
          (\((?<degrees>\*?(b*|\#*)([1-9]|1[0-3])(,\*?(b*|\#*)([1-9]|1[0-3]))*)\))?)?
        (/(?<bass>(b*|\#*)([1-9]|1[0-3])))?$", RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Syntax();
}
