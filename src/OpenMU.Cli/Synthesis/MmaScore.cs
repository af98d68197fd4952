using System.Globalization;

namespace OpenMU.Cli.Synthesis;

/// <summary>Writes a plan as a chart for MMA (Musical MIDI Accompaniment, van der Poel) and has it played into a MIDI file.</summary>
internal static class MmaScore
{
    /// <summary>The chart: tempo, grooves by section and the chords of each bar.</summary>
    public static string Write(ClipPlan plan, string? library)
    {
        List<string> lines = [];
        if (library != null) lines.AddRange([$"SetLibPath {library}", $"SetIncPath {Path.Combine(Path.GetDirectoryName(Path.GetFullPath(library))!, "includes")}"]);
        lines.Add($"RndSeed {plan.DiceFor("mma").Number(1, 1_000_000)}");
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"Tempo {plan.Tempo * plan.MmaBeatsPerTap:F2}"));
        var current = "";
        for (var bar = 0; bar < plan.Bars.Count; bar++)
        {
            // The third of four phrases is the bridge; phrases have four bars or, in the blues, more: eight bars of verse, four of bridge read well in all.
            var groove = plan.Grooves[bar % 16 is >= 8 and < 12 ? 1 : 0];
            if (groove != current) lines.Add($"Groove {current = groove}");
            lines.Add($"{bar + 1} {Chords(plan.Bars[bar], plan)}");
        }

        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Plays the chart.</summary>
    /// <exception cref="InvalidDataException">MMA refused the chart.</exception>
    public static async Task<MidiFile> PlayAsync(ClipPlan plan, string? library, string folder, CancellationToken cancel)
    {
        if (Orchestra.Plays(plan.Family)) return Orchestra.Blank();
        string chart = Path.Combine(folder, "chart.mma"), midi = Path.Combine(folder, "chart.mid");
        await File.WriteAllTextAsync(chart, Write(plan, library), cancel);
        var (_, output) = await ExternalProgram.RunAsync("mma", ["-f", midi, chart], cancel);
        if (!File.Exists(midi)) throw new InvalidDataException($"MMA did not play {string.Join(" and ", plan.Grooves)}: {output.Trim().Split('\n')[^1]}");
        return MidiFile.Read(midi);
    }

    // MMA takes a chord for each of its beats; "/" holds the one before.
    private static string Chords(IReadOnlyList<Chord> chords, ClipPlan plan)
    {
        if (chords.Count == 1) return chords[0].Mma;
        var half = plan.Family.Metre.Beats * plan.MmaBeatsPerTap / 2;
        return string.Join(' ', chords.SelectMany(chord => Enumerable.Repeat("/", half - 1).Prepend(chord.Mma)));
    }
}
