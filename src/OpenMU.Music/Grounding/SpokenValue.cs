namespace OpenMU.Music.Grounding;

/// <summary>A tool's result as a reader wants it: lists in Python's spelling become words.</summary>
internal static class SpokenValue
{
    /// <summary>Entries of a list that are read out.</summary>
    private const int Entries = 8;

    /// <summary>The words for a result that a tool gave.</summary>
    public static string Of(ToolResult result, MusicalFacts facts) =>
        MusicalFacts.Tools.GetValueOrDefault(result.Name, result.Name) switch
        {
            nameof(MusicalFacts.GetAudioChords) => Chords(facts),
            nameof(MusicalFacts.GetAudioDownbeat) =>
                List([.. facts.Beats.Select(beat => $"{beat.Number} at {MusicalFacts.Seconds(beat)} s")]),
            _ => result.Value,
        };

    // Gaps are left out, and a chord that goes on behind one is said once.
    private static string Chords(MusicalFacts facts)
    {
        string[] names = [.. facts.MajMinChords()
            .Where(chord => chord.Root is not null)
            .Select(chord => MusicalFacts.ChordName(chord, " "))];
        return names.Length == 0 ? "no chord" : List([.. names.Where((name, i) => i == 0 || name != names[i - 1])]);
    }

    private static string List(IReadOnlyList<string> entries) =>
        string.Join(", ", entries.Take(Entries)) + (entries.Count > Entries ? " and so on" : "");
}
