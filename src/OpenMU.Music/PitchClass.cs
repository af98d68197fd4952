using System.Text.RegularExpressions;

namespace OpenMU.Music;

/// <summary>Pitch classes: semitones above C whatever the octave, 0 (C) to 11 (B).</summary>
public static partial class PitchClass
{
    private static readonly string[] Sharps = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    private static readonly string[] Flats = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];

    /// <summary>The pitch class of any number of semitones above or below C.</summary>
    public static int Of(int semitones) => (semitones % 12 + 12) % 12;

    /// <summary>The name of a pitch class; a black key has two, <c>C#</c> and <c>Db</c>.</summary>
    /// <param name="pitchClass">0 to 11.</param>
    /// <param name="flat">Spell a black key as a flat rather than a sharp.</param>
    public static string Name(int pitchClass, bool flat) => (flat ? Flats : Sharps)[pitchClass];

    /// <summary>
    /// Reads <c>C</c>, <c>F#</c>, <c>e♭</c>, <c>Cb</c>, <c>B flat</c> or <c>D-sharp</c>; null for anything else.
    /// </summary>
    public static int? TryParse(string name)
    {
        if (Syntax().Match(name) is not { Success: true } match) return null;
        var letter = "C D EF G A B".IndexOf(char.ToUpperInvariant(match.Groups["letter"].Value[0]));
        var accidental = match.Groups["accidental"].Value.ToLowerInvariant();
        return Of(letter + accidental switch
        {
            "" => 0,
            "sharp" => 1,
            "flat" => -1,
            ['#' or '♯', ..] => accidental.Length,
            _ => -accidental.Length,
        });
    }

    [GeneratedRegex("^(?<letter>[A-Ga-g])(?:(?<accidental>[#♯]+|[b♭]+)|[ -]?(?<accidental>(?i:sharp|flat)))?$")]
    private static partial Regex Syntax();
}
