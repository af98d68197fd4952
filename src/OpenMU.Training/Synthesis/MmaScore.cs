using System.Globalization;

namespace OpenMU.Training.Synthesis;

/// <summary>
/// Writes a plan as a chart for MMA (Musical MIDI Accompaniment, van der Poel) and has it played into a MIDI file.
/// </summary>
internal static class MmaScore
{
    /// <summary>The chart: tempo, grooves by section and the chords of each bar.</summary>
    public static string Write(ClipPlan plan, string? library) => Write(plan, plan.Grooves, library);

    /// <summary>Plays the chart, and again for the drums where another family plays them.</summary>
    /// <exception cref="InvalidDataException">MMA refused the chart.</exception>
    public static async Task<(MidiFile Piece, MidiFile? Drums)> PlayAsync(
        ClipPlan plan, string? library, string folder, CancellationToken cancel)
    {
        var piece = await PlayAsync(plan, plan.Grooves, library, Path.Combine(folder, "chart"), cancel);
        return (piece, plan.Drummer is { } drummer
            ? await PlayAsync(plan, drummer.Grooves, library, Path.Combine(folder, "drums"), cancel)
            : null);
    }

    private static string Write(ClipPlan plan, IReadOnlyList<string> grooves, string? library)
    {
        List<string> lines = [];
        if (library != null)
        {
            lines.AddRange([$"SetLibPath {library}",
                $"SetIncPath {Path.Combine(Path.GetDirectoryName(Path.GetFullPath(library))!, "includes")}"]);
        }
        lines.Add($"RndSeed {plan.RandomFor("mma").Next(1, 1_000_000)}");
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"Tempo {plan.Tempo * plan.MmaBeatsPerTap:F2}"));
        var current = "";
        for (var bar = 0; bar < plan.Bars.Count; bar++)
        {
            // The third of four phrases is the bridge; phrases have four bars or, in the blues, more: eight bars of
            // verse, four of bridge read well in all.
            var groove = grooves[bar % 16 is >= 8 and < 12 ? 1 : 0];
            if (groove != current) lines.Add($"Groove {current = groove}");
            lines.Add($"{bar + 1} {Chords(plan.Bars[bar], plan)}");
        }

        return string.Join('\n', lines) + "\n";
    }

    private static async Task<MidiFile> PlayAsync(
        ClipPlan plan, IReadOnlyList<string> grooves, string? library, string path, CancellationToken cancel)
    {
        if (Orchestra.Plays(plan.Family)) return Orchestra.Blank();
        string chart = path + ".mma", midi = path + ".mid";
        await File.WriteAllTextAsync(chart, Write(plan, grooves, library), cancel);
        var (_, output) = await ExternalProgram.RunAsync("mma", ["-f", midi, chart], cancel);
        if (!File.Exists(midi))
        {
            throw new InvalidDataException(
                $"MMA did not play {string.Join(" and ", grooves)}: {output.Trim().Split('\n')[^1]}");
        }
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
