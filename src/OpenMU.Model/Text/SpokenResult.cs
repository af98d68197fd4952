using System.Text.RegularExpressions;

namespace OpenMU.Model.Text;

/// <summary>A tool's result as a reader wants it: lists in Python's spelling become words.</summary>
internal static partial class SpokenResult
{
    /// <summary>So many entries of a list are read out.</summary>
    private const int Entries = 8;

    public static string Of(ToolResult result)
    {
        var chords = Chord().Matches(result.Value).Select(chord => $"{chord.Groups["root"].Value} {chord.Groups["mode"].Value}").ToList();
        if (chords.Count > 0) return List([.. chords.Where((chord, i) => i == 0 || chord != chords[i - 1])]);
        var beats = Beat().Matches(result.Value).Select(beat => $"{beat.Groups["number"].Value} at {beat.Groups["time"].Value} s").ToList();
        return beats.Count > 0 ? List(beats) : result.Value;
    }

    private static string List(List<string> entries) => string.Join(", ", entries.Take(Entries)) + (entries.Count > Entries ? " and so on" : "");

    [GeneratedRegex("'chord': '(?<root>[A-G][#b]?)(?<mode>major|minor)'")]
    private static partial Regex Chord();

    [GeneratedRegex(@"'time': (?<time>[\d.]+), 'beat_number': (?<number>\d+)")]
    private static partial Regex Beat();
}
