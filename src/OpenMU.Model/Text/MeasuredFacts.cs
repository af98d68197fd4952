using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Music;

namespace OpenMU.Model.Text;

/// <summary>What the tools say of a track, read from their published results. Each tool is asked once, when its fact is needed.</summary>
internal sealed partial class MeasuredFacts(ToolCallback tool)
{
    private readonly Dictionary<string, string?> results = [];

    private double? Tempo => Result("GetAudioTempo") is { } value && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var bpm) ? bpm : null;

    private (int Pitch, bool Minor)? Key => KeyName().Match(Result("GetAudioKey") ?? "") is { Success: true } key ? (PitchOf(key.Groups["root"].Value), key.Groups["mode"].Value == "minor") : null;

    private int? BeatsInBar => BeatNumber().Matches(Result("GetAudioDownbeat") ?? "") is { Count: > 0 } numbers ? numbers.Max(number => int.Parse(number.Groups["number"].Value, CultureInfo.InvariantCulture)) : null;

    private IEnumerable<(int Pitch, bool Minor)> Chords => ChordName().Matches(Result("GetAudioChords") ?? "").Select(chord => (PitchOf(chord.Groups["root"].Value), chord.Groups["mode"].Value == "minor"));

    /// <summary>"slow", "medium" or "fast"; null where no tempo was found.</summary>
    public string? TempoClass => Tempo is { } tempo ? MusicVocabulary.TempoClassOf(tempo) : null;

    /// <summary>"major" or "minor"; null where no key was found.</summary>
    public string? Mode => Key is { } key ? key.Minor ? "minor" : "major" : null;

    /// <summary>The tempo as the tool writes it, or the whole number next to it.</summary>
    public bool IsTempo(string figure)
        => Tempo is { } tempo && (figure == Result("GetAudioTempo") || (int.TryParse(figure, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) && Math.Abs(whole - tempo) <= 0.5));

    public bool IsKey(string root, bool? minor) => Key is { } key && key.Pitch == PitchOf(root) && (minor is null || minor == key.Minor);

    public bool IsMode(bool minor) => Key is { } key && key.Minor == minor;

    public bool IsChord(string root, bool? minor) => Chords.Any(chord => chord.Pitch == PitchOf(root) && (minor is null || minor == chord.Minor));

    /// <summary>So many beats make a bar; of eighths also three to each beat, for 6/8 is counted in two.</summary>
    public bool IsMetre(int beats, int unit) => BeatsInBar is { } counted && (beats == counted || (unit == 8 && beats == 3 * counted));

    /// <summary>Semitones above C: "F#", "Eb", "B flat", "C♯".</summary>
    internal static int PitchOf(string root)
    {
        var accidental = root[1..].TrimStart(' ', '-').ToLowerInvariant() switch { "#" or "♯" or "sharp" => 1, "b" or "♭" or "flat" => -1, _ => 0 };
        return ("C D EF G A B".IndexOf(root[0]) + accidental + 12) % 12;
    }

    private string? Result(string name)
    {
        if (results.TryGetValue(name, out var result)) return result;
        try
        {
            return results[name] = tool(name);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            return results[name] = null;
        }
    }

    [GeneratedRegex("^(?<root>[A-G][#b]?) (?<mode>major|minor)$")]
    private static partial Regex KeyName();

    [GeneratedRegex("'chord': '(?<root>[A-G][#b]?)(?<mode>major|minor)'")]
    private static partial Regex ChordName();

    [GeneratedRegex(@"'beat_number': (?<number>\d{1,3})\b")]
    private static partial Regex BeatNumber();
}
