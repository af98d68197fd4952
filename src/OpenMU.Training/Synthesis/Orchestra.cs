namespace OpenMU.Training.Synthesis;

/// <summary>
/// Orchestral and classical music, which MMA's library does not hold: each family has an orchestration of its own,
/// played to the plan's chords without MMA.
/// </summary>
internal static class Orchestra
{
    /// <summary>The genre, and the folder that stands for MMA's in the table of families.</summary>
    public const string Genre = "orchestral", Folder = "orchestra/";

    private const int TicksPerQuarter = 192;

    public static bool Plays(GrooveFamily family) => family.Genre == Genre;

    /// <summary>What MMA's part in other genres is: here a piece without notes.</summary>
    public static MidiFile Blank() =>
        new(TicksPerQuarter, [[new MidiEvent(0, MidiEvent.Meta, [MidiEvent.TempoType, 0, 0, 0])]]);

    /// <summary>A program that carries the family's tunes.</summary>
    public static int Soloist(GrooveFamily family, SeededRandom random) =>
        random.Pick(OrchestraScores.Soloists[family.Name]);

    /// <summary>Tracks of the orchestra.</summary>
    public static IEnumerable<IReadOnlyList<MidiEvent>> Play(ClipPlan plan, int ticksPerTap, Queue<int> channels)
    {
        var random = plan.RandomFor("orchestra");
        var hall = random.Next(40, 110);
        var swell = new Swell(random.Uniform(-12, 8), random.Uniform(0, 14), random.Pick([4, 8]), random.NextDouble());
        return [.. OrchestraScores.Parts[plan.Family.Name].Where(part => random.Chance(part.Probability)
            && !(plan.DropsDrums && part.Voicing == OrchestraVoicing.Struck))
            .Select(part => part.Play(plan, ticksPerTap, channels, swell, hall, random))];
    }
}

/// <summary>What a part of the orchestra makes of a chord.</summary>
internal enum OrchestraVoicing
{
    /// <summary>The root.</summary>
    Bass,

    /// <summary>The root and its octave.</summary>
    Octaves,

    /// <summary>One long tone: the highest of the close chord.</summary>
    Line,

    /// <summary>All tones within an octave.</summary>
    Close,

    /// <summary>The close chord, its root below and its lowest tone again above.</summary>
    Full,

    /// <summary>Up and down the chord over two octaves, each tone ringing on.</summary>
    Arpeggio,

    /// <summary>A broken chord that comes round again: root, fifth, third, fifth (Alberti) or the like.</summary>
    Broken,

    /// <summary>Repeated roots with turns to the other tones.</summary>
    Ostinato,

    /// <summary>A key of the percussion kit, whatever the chord is.</summary>
    Struck,
}

/// <summary>How loud an orchestra plays from bar to bar: it swells and sinks once in some bars.</summary>
/// <param name="Level">Added to every velocity.</param>
/// <param name="Depth">Largest further change of velocity, up and down.</param>
/// <param name="Bars">Bars from one height to the next.</param>
/// <param name="Phase">Where in this cycle the piece begins, 0 to 1.</param>
internal readonly record struct Swell(double Level, double Depth, int Bars, double Phase)
{
    public double At(double bar) => Level + (Depth * Wave(bar));

    /// <summary>The same as MIDI expression, which shapes notes that are held.</summary>
    public int Expression(double bar) => (int)Math.Round(108 + (Math.Min(1, Depth / 12) * 18 * Wave(bar)));

    private double Wave(double bar) => Math.Sin(2 * Math.PI * ((bar / Bars) + Phase));
}

/// <summary>
/// A part of an orchestra: it plays with a probability, on one of some General MIDI programs, in one of some rhythms.
/// </summary>
/// <param name="Probability">That a piece has this part. Parts that not every piece has may also
/// rest for a phrase.</param>
/// <param name="Programs">From 0.</param>
/// <param name="Rhythms">Read from the start of each bar, in eighths (thirds of a beat in compound metres): x strikes,
/// t strikes twice, - holds, . rests. What is held is struck again where the chord changes.</param>
/// <param name="Voicing">What it makes of a chord.</param>
/// <param name="Lowest">Lowest pitch; of percussion the key.</param>
/// <param name="Velocity">About how loud.</param>
internal sealed record OrchestraPart(
    double Probability, int[] Programs, string[] Rhythms, OrchestraVoicing Voicing, int Lowest, int Velocity)
{
    private const int Percussion = 9, PhraseBars = 4, Reverb = 91, ExpressionControl = 11;

    private static readonly int[][] Broken = [[0, 2, 1, 2], [0, 1, 2, 1]], BrokenInThrees = [[0, 1, 2], [0, 2, 1]],
        Ostinati = [[0, 0, 2, 0], [0, 0, 0, 1], [0, 2, 0, 2], [0, 0, 1, 0, 2, 0, 1, 0]];

    private readonly record struct Note(long Start, long End, int Pitch, int Velocity);

    /// <summary>Takes a channel, the drums' for percussion, and plays the piece's chords.</summary>
    public IReadOnlyList<MidiEvent> Play(
        ClipPlan plan, int ticksPerTap, Queue<int> channels, Swell swell, int hall, SeededRandom random)
    {
        var channel = Voicing == OrchestraVoicing.Struck ? Percussion : channels.Dequeue();
        List<MidiEvent> events =
            [MidiEvent.Program(0, channel, random.Pick(Programs)), MidiEvent.Control(0, channel, Reverb, hall)];
        var rhythm = random.Pick(Rhythms);
        var taps = plan.Family.Metre.Beats;
        if (rhythm.Contains("---", StringComparison.Ordinal))
        {
            events.AddRange(Enumerable.Range(0, plan.Bars.Count * taps).Select(tap => MidiEvent.Control(
                (long)tap * ticksPerTap, channel, ExpressionControl, swell.Expression((double)tap / taps))));
        }

        foreach (var note in Untangled(Notes(plan, ticksPerTap, rhythm, swell, random)))
        {
            events.Add(MidiEvent.NoteOn(note.Start, channel, note.Pitch, note.Velocity));
            events.Add(MidiEvent.NoteOff(note.End, channel, note.Pitch));
        }

        return [.. events.OrderBy(item => item.Tick).ThenBy(item => item.StartsNote)];
    }

    private IEnumerable<Note> Notes(ClipPlan plan, int ticksPerTap, string rhythm, Swell swell, SeededRandom random)
    {
        var isCompound = plan.Family.Metre.IsCompound;
        int stepsPerTap = isCompound ? 3 : 2, stepTicks = ticksPerTap / stepsPerTap,
            stepsPerBar = plan.Family.Metre.Beats * stepsPerTap;
        var figure = random.Pick(
            Voicing == OrchestraVoicing.Ostinato ? Ostinati : stepsPerBar % 3 == 0 ? BrokenInThrees : Broken);
        var rests = Probability < 1 && random.Chance(.3) ? random.Next(0, PhraseBars) : -1;
        for (var bar = 0; bar < plan.Bars.Count; bar++)
        {
            if (bar / PhraseBars % PhraseBars == rests) continue;
            var strokes = 0;
            foreach (var (step, held, chord, isDouble) in Strokes(plan.Bars[bar], rhythm, stepsPerBar))
            {
                for (var half = 0; half < (isDouble ? 2 : 1); half++, strokes++)
                {
                    var start = (((long)bar * stepsPerBar) + step) * stepTicks + (half * stepTicks / 2);
                    var length = isDouble ? stepTicks * 9 / 20
                        : held >= 4 ? (held * stepTicks) + (ticksPerTap / 8)
                        : held * stepTicks * 19 / 20;
                    start += start == 0 ? 0 : random.Next(-2, 3);
                    var accent = step == 0 ? 5 : 0;
                    foreach (var pitch in Pitches(chord, strokes, figure))
                    {
                        yield return new Note(start, start + length, pitch, (int)Math.Clamp(
                            Velocity + accent + swell.At(bar + ((double)step / stepsPerBar)) + random.Next(-5, 6), 40,
                            122));
                    }
                }
            }
        }
    }

    // Struck steps of a bar, how many steps each sounds and its chord. Arpeggios ring for three steps.
    private IEnumerable<(int Step, int Held, Chord Chord, bool IsDouble)> Strokes(
        IReadOnlyList<Chord> chords, string rhythm, int stepsPerBar)
    {
        int ChordAt(int step) => step * chords.Count / stepsPerBar;
        for (var step = 0; step < stepsPerBar; step++)
        {
            var mark = rhythm[step % rhythm.Length];
            var isChange = step > 0 && ChordAt(step) != ChordAt(step - 1);
            if (mark == '.' || (mark == '-' && !isChange)) continue;
            var held = 1;
            while (step + held < stepsPerBar && ChordAt(step + held) == ChordAt(step)
                && (rhythm[(step + held) % rhythm.Length] == '-' || (Voicing == OrchestraVoicing.Arpeggio && held < 3)))
            {
                held++;
            }
            yield return (step, held, chords[ChordAt(step)], mark == 't');
        }
    }

    private List<int> Pitches(Chord chord, int stroke, int[] figure)
    {
        int From(int pitchClass, int lowest) => lowest + ((pitchClass - lowest) % 12 + 12) % 12;
        var root = From(chord.Root, Lowest);
        List<int> close = [.. chord.Tones.Select(tone => From(tone, Lowest)).Order()];
        switch (Voicing)
        {
            case OrchestraVoicing.Struck: return [Lowest];
            case OrchestraVoicing.Bass: return [root];
            case OrchestraVoicing.Octaves: return [root, root + 12];
            case OrchestraVoicing.Line: return [close[^1]];
            case OrchestraVoicing.Close: return close;
            case OrchestraVoicing.Full: return [root - 12, .. close, close[0] + 12];
            case OrchestraVoicing.Arpeggio:
                List<int> ladder = [.. close, .. close.Select(pitch => pitch + 12)];
                var turn = (2 * ladder.Count) - 2;
                return [ladder[stroke % turn < ladder.Count ? stroke % turn : turn - (stroke % turn)]];
            default:
                return [From(chord.Tones[Math.Min(figure[stroke % figure.Length], chord.Tones.Count - 1)], root)];
        }
    }

    // A channel sounds a pitch once at a time: a note that is held too long ends where the same pitch starts again.
    private static IEnumerable<Note> Untangled(IEnumerable<Note> notes) =>
        notes.GroupBy(note => note.Pitch).SelectMany(pitch =>
        {
            List<Note> line = [.. pitch.OrderBy(note => note.Start)];
            return line.Select((note, k) =>
                k + 1 < line.Count && line[k + 1].Start < note.End ? note with { End = line[k + 1].Start } : note);
        });
}
