namespace OpenMU.Training.Synthesis;

/// <summary>
/// Plays the chords to drums that have nobody else to play with: a bass, a part with the chords and others by chance,
/// in the manner of the genre.
/// </summary>
internal static class Band
{
    private enum Voicing
    {
        Root,
        Walking,
        Power,
        Block,
        Arpeggio,
    }

    // A part plays with a probability. Rhythms are read cyclically, in eighths (thirds of a beat in compound metres): x
    // strikes, - holds, . rests.
    private sealed record Part(
        double Probability, string[] Instruments, string[] Rhythms, Voicing Voicing, int Lowest, int Velocity);

    private static readonly Part
        PopBass = new(1, ["bass"], ["x-.xx-.x", "x-x-x-x-", "xxxxxxxx", "x---x---"], Voicing.Root, 33, 92),
        WalkingBass = new(1, ["bass"], ["x-"], Voicing.Walking, 33, 90),
        LatinBass = new(1, ["bass"], ["x--xx--x", "x--x--x-"], Voicing.Root, 33, 92),
        DrivingBass = new(1, ["bass"], ["xxxxxxxx"], Voicing.Root, 30, 98),
        Strings = new(.45, ["strings"], ["x-------"], Voicing.Block, 60, 58),
        Pad = new(1, ["synth pad"], ["x-------"], Voicing.Block, 57, 66),
        Piano = new(1, ["piano"], ["x-x-x-x-", "x---x---", "x-.x-.x-", "x--x--x-"], Voicing.Block, 57, 74),
        Strum = new(.6, ["acoustic guitar"], ["x-xx-xx-", "x-x-x-xx", "xxxxxxxx"], Voicing.Block, 52, 66),
        PianoArpeggio = new(1, ["piano", "electric piano"], ["x"], Voicing.Arpeggio, 55, 70);

    private static readonly Dictionary<string, Part[]> Bands = new()
    {
        ["metal"] =
        [
            DrivingBass,
            new(1, ["distorted guitar"], ["xxxxxxxx", "x-xxx-xx", "x.xx.xx.", "xxx-xxx-"], Voicing.Power, 40, 104),
            new(.7, ["distorted guitar"], ["x---x---", "xxxxxxxx"], Voicing.Power, 45, 92)
        ],
        ["rock"] =
        [
            DrivingBass,
            new(
                1, ["distorted guitar", "electric guitar"], ["x-x-x-xx", "x-xx-xx-", "xxxxxxxx"],
                Voicing.Power, 40, 92),
            new(.6, ["electric guitar"], ["x.x.xxx."], Voicing.Block, 52, 80),
            new(.4, ["organ", "piano"], ["x-------"], Voicing.Block, 57, 62)
        ],
        ["pop"] = [PopBass, Piano, Strum, Strings, new(.35, ["electric guitar"], ["..x...x."], Voicing.Block, 55, 76)],
        ["ballad"] =
        [
            new(1, ["bass"], ["x---x---", "x------x"], Voicing.Root, 33, 80), PianoArpeggio, Strings,
            new(.4, ["acoustic guitar"], ["x"], Voicing.Arpeggio, 52, 64)
        ],
        ["blues"] =
        [
            WalkingBass, Piano, new(.8, ["electric guitar"], ["..x...x.", "x-.x..x."], Voicing.Block, 52, 80),
            new(.4, ["organ"], ["x-------"], Voicing.Block, 57, 62)
        ],
        ["jazz"] = [WalkingBass, new(
            1, ["piano", "electric guitar"], ["x..x....", "...x..x.", ".x....x.", "x-.x...."], Voicing.Block, 57, 74)],
        ["latin"] =
        [
            LatinBass, new(1, ["acoustic guitar"], ["x.x.xx.x", "x..x..x.", ".xx.xx.x"], Voicing.Block, 52, 76),
            new(.7, ["piano"], ["x.xx.xx.", "xx.xx.xx"], Voicing.Arpeggio, 60, 80),
            new(.3, ["mallets", "flute"], ["x---x---"], Voicing.Block, 67, 64)
        ],
        ["country"] =
        [
            new(1, ["bass"], ["x-..x-.."], Voicing.Walking, 33, 90),
            new(1, ["acoustic guitar"], ["..x...x.", "..xx..xx", "x.x.x.xx"], Voicing.Block, 52, 80),
            new(.5, ["banjo"], ["x"], Voicing.Arpeggio, 57, 78), new(.4, ["piano"], ["..x...x."], Voicing.Block, 57, 66)
        ],
        ["funk"] =
        [
            new(1, ["bass"], ["x.xx..x.", "x..x.xx.", "xx.x.x.x"], Voicing.Root, 31, 100),
            new(1, ["electric guitar"], [".xx..xx.", "x.xx.xx.", "..x.x.xx"], Voicing.Block, 57, 78),
            new(.7, ["electric piano", "organ"], ["x..x..x.", "x-------"], Voicing.Block, 57, 72),
            new(.35, ["brass"], ["...x....", "x......x"], Voicing.Block, 62, 84)
        ],
        ["soul"] =
        [
            PopBass, new(1, ["electric piano"], ["x-.x-.x-", "x---x-x-"], Voicing.Block, 57, 74),
            new(.6, ["organ"], ["x-------"], Voicing.Block, 60, 62),
            new(.6, ["electric guitar"], ["..x...x."], Voicing.Block, 57, 76),
            new(.35, ["brass"], ["x...x..."], Voicing.Block, 62, 80)
        ],
        ["electronic"] =
        [
            new(1, ["bass"], [".x.x.x.x", "xxxxxxxx", "x..x..x."], Voicing.Root, 31, 100), Pad,
            new(.6, ["synth lead"], ["x", "x.xx.xx."], Voicing.Arpeggio, 64, 74),
            new(.35, ["electric piano", "synth lead"], ["..x...x.", "x..x..x."], Voicing.Block, 60, 76)
        ],
    };

    /// <summary>Whether the genre has a band.</summary>
    public static bool Plays(string genre) => Bands.ContainsKey(genre);

    /// <summary>Tracks of the band, on channels that the file does not use.</summary>
    public static IEnumerable<IReadOnlyList<MidiEvent>> Play(ClipPlan plan, int ticksPerTap, Queue<int> channels)
    {
        var random = plan.RandomFor("band");
        foreach (var part in Bands[plan.Family.Genre].Where(part => random.Chance(part.Probability)))
        {
            yield return Track(part, plan, ticksPerTap, channels.Dequeue(), random);
        }
    }

    private static List<MidiEvent> Track(Part part, ClipPlan plan, int ticksPerTap, int channel, SeededRandom random)
    {
        var program = Palette.Any(random.Pick(part.Instruments), plan.Family.Genre, random);
        List<MidiEvent> events = [MidiEvent.Program(0, channel, program)];
        var rhythm = random.Pick(part.Rhythms);
        var stepsPerTap = plan.Family.Metre.Label is "6/8" or "12/8" ? 3 : 2;
        int stepTicks = ticksPerTap / stepsPerTap, stepsPerBar = plan.Family.Metre.Beats * stepsPerTap;
        for (var step = 0; step < plan.Bars.Count * stepsPerBar; step++)
        {
            var inBar = step % stepsPerBar;
            if (rhythm[inBar % rhythm.Length] != 'x') continue;
            var held = 1;
            while (inBar + held < stepsPerBar && rhythm[(inBar + held) % rhythm.Length] == '-') held++;
            var bar = plan.Bars[step / stepsPerBar];
            var chord = bar[inBar * bar.Count / stepsPerBar];
            var start = (long)step * stepTicks + (step == 0 ? 0 : random.Next(-2, 3));
            foreach (var pitch in Pitches(part, chord, step))
            {
                events.Add(
                    MidiEvent.NoteOn(start, channel, pitch, Math.Clamp(part.Velocity + random.Next(-9, 10), 1, 127)));
                events.Add(MidiEvent.NoteOff(start + (held * stepTicks * 9 / 10), channel, pitch));
            }
        }

        return [.. events.OrderBy(item => item.Tick)];
    }

    private static IEnumerable<int> Pitches(Part part, Chord chord, int step)
    {
        int From(int pitchClass) => part.Lowest + ((pitchClass - part.Lowest) % 12 + 12) % 12;
        var tones = chord.Tones;
        return part.Voicing switch
        {
            Voicing.Root => [From(chord.Root)],
            Voicing.Walking => [From(tones[step / 2 % 3 == 0 ? 0 : step / 2 % tones.Count])],
            Voicing.Power => [From(chord.Root), From(chord.Root) + 7, From(chord.Root) + 12],
            Voicing.Arpeggio => [From(tones[(step % 4) switch { 0 => 0, 2 => Math.Min(2, tones.Count - 1), _ => 1 }])
                + (step % 8 == 4 ? 12 : 0)],
            _ => tones.Select(From),
        };
    }
}
