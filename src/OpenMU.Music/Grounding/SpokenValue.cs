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
            nameof(MusicalFacts.GetAudioDownbeat) => Beats(facts),
            _ => result.Value,
        };

    /// <summary>The words for a list that is spelled as a tool spells it; null where no tool has it.</summary>
    /// <param name="raw">As the model wrote it, whole or not.</param>
    /// <param name="facts">What is known of the track.</param>
    public static string? Of(string raw, MusicalFacts facts)
    {
        // The fields of the chord tool, of which a list that breaks off may have only the first.
        if (raw.Contains("chord", StringComparison.OrdinalIgnoreCase)
            || raw.Contains("start_time", StringComparison.Ordinal))
        {
            return facts.Chords.Count > 0 ? Chords(facts) : null;
        }

        return raw.Contains("beat", StringComparison.OrdinalIgnoreCase) && facts.Beats.Count > 0 ? Beats(facts) : null;
    }

    private static string Beats(MusicalFacts facts) =>
        List([.. facts.Beats.Select(beat => $"{beat.Number} at {MusicalFacts.Seconds(beat)} s")]);

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
