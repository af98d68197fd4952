namespace OpenMU.Training.Synthesis;

/// <summary>
/// A tune over the chords: two rhythmic motifs that return, chord tones on the beats, steps of the scale between them.
/// </summary>
internal static class Melody
{
    private static readonly int[] MajorScale = [0, 2, 4, 5, 7, 9, 11], MinorScale = [0, 2, 3, 5, 7, 8, 10];
    private static readonly double[] Lengths = [.5, .5, 1, 1, 1, 1.5, 2], Broad = [1, 1, 1, 2, 2, 3, 4];

    // Cello, trombone, horn, cor anglais and bassoon sing an octave lower.
    private static readonly int[] LowSoloists = [42, 57, 60, 69, 70];

    public static IReadOnlyList<MidiEvent> Play(ClipPlan plan, int ticksPerTap, int channel)
    {
        var random = plan.RandomFor("melody");
        var isOrchestral = Orchestra.Plays(plan.Family);
        var soloist = isOrchestral ? Orchestra.Soloist(plan.Family, random) : Palette.Lead(plan.Family.Genre, random);
        List<MidiEvent> events = [MidiEvent.Program(0, channel, soloist)];
        int[] voices = (isOrchestral, LowSoloists.Contains(soloist)) switch
        {
            (true, true) => [-12],
            (true, false) when random.Chance(.25) => [0, -12],
            _ => [0]
        };
        var beats = plan.Family.Metre.Beats;
        var lengths = isOrchestral && random.Chance(.5) ? Broad : Lengths;
        double[][] motifs = [Motif(beats, lengths, random), Motif(beats, lengths, random)];
        var scale = (plan.IsMajor ? MajorScale : MinorScale).Select(step => (plan.Tonic + step) % 12).ToHashSet();
        int pitch = random.Next(64, 76), loudness = random.Next(84, 104);
        for (var bar = 0; bar < plan.Bars.Count; bar++)
        {
            var at = 0.0;
            foreach (var length in motifs[bar % 4 is 1 or 2 ? 1 : 0])
            {
                var chords = plan.Bars[bar];
                var chord = chords[(int)(at * chords.Count / beats)];
                pitch = Next(pitch, at % 1 == 0 ? [.. chord.Tones] : scale, random);
                var start = (long)((bar * beats + at) * ticksPerTap);
                if (!random.Chance(.12))
                {
                    var velocity = loudness + random.Next(-8, 9);
                    events.AddRange(voices.Select(voice => MidiEvent.NoteOn(start, channel, pitch + voice, velocity)));
                    events.AddRange(voices.Select(voice => MidiEvent.NoteOff(
                        start + (long)(length * ticksPerTap * (isOrchestral ? .99 : .92)), channel, pitch + voice)));
                }

                at += length;
            }
        }

        return [.. events.OrderBy(item => item.Tick)];
    }

    private static double[] Motif(int beats, double[] choices, SeededRandom random)
    {
        List<double> lengths = [];
        for (var left = (double)beats; left > 0; left -= lengths[^1]) lengths.Add(Math.Min(left, random.Pick(choices)));
        return [.. lengths];
    }

    // Mostly small steps, within a voice's range.
    private static int Next(int pitch, HashSet<int> allowed, SeededRandom random)
    {
        var reach = random.Chance(.75) ? 4 : 8;
        var near = Enumerable.Range(pitch - reach, (2 * reach) + 1)
            .Where(p => p is >= 60 and <= 86 && allowed.Contains(p % 12)).ToList();
        return near.Count == 0 ? Math.Clamp(pitch, 60, 86) : random.Pick(near);
    }
}
