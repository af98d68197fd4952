namespace OpenMU.Cli.Synthesis;

/// <summary>A tune over the chords: two rhythmic motifs that return, chord tones on the beats, steps of the scale between them.</summary>
internal static class Melody
{
    private static readonly int[] MajorScale = [0, 2, 4, 5, 7, 9, 11], MinorScale = [0, 2, 3, 5, 7, 8, 10];
    private static readonly double[] Lengths = [.5, .5, 1, 1, 1, 1.5, 2];

    public static IReadOnlyList<MidiEvent> Play(ClipPlan plan, int ticksPerTap, int channel)
    {
        var dice = plan.DiceFor("melody");
        List<MidiEvent> events = [MidiEvent.Program(0, channel, Palette.Lead(plan.Family.Genre, dice))];
        var beats = plan.Family.Metre.Beats;
        double[][] motifs = [Motif(beats, dice), Motif(beats, dice)];
        var scale = (plan.IsMajor ? MajorScale : MinorScale).Select(step => (plan.Tonic + step) % 12).ToHashSet();
        int pitch = dice.Number(64, 76), loudness = dice.Number(84, 104);
        for (var bar = 0; bar < plan.Bars.Count; bar++)
        {
            var at = 0.0;
            foreach (var length in motifs[bar % 4 is 1 or 2 ? 1 : 0])
            {
                var chords = plan.Bars[bar];
                var chord = chords[(int)(at * chords.Count / beats)];
                pitch = Next(pitch, at % 1 == 0 ? [.. chord.Tones] : scale, dice);
                var start = (long)((bar * beats + at) * ticksPerTap);
                if (!dice.Chance(.12))
                {
                    events.Add(MidiEvent.NoteOn(start, channel, pitch, loudness + dice.Number(-8, 9)));
                    events.Add(MidiEvent.NoteOff(start + (long)(length * ticksPerTap * .92), channel, pitch));
                }

                at += length;
            }
        }

        return [.. events.OrderBy(item => item.Tick)];
    }

    private static double[] Motif(int beats, Dice dice)
    {
        List<double> lengths = [];
        for (var left = (double)beats; left > 0; left -= lengths[^1]) lengths.Add(Math.Min(left, dice.Pick(Lengths)));
        return [.. lengths];
    }

    // Mostly small steps, within a voice's range.
    private static int Next(int pitch, HashSet<int> allowed, Dice dice)
    {
        var reach = dice.Chance(.75) ? 4 : 8;
        var near = Enumerable.Range(pitch - reach, (2 * reach) + 1).Where(p => p is >= 60 and <= 86 && allowed.Contains(p % 12)).ToList();
        return near.Count == 0 ? Math.Clamp(pitch, 60, 86) : dice.Pick(near);
    }
}
