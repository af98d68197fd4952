namespace OpenMU.Training.Synthesis.Beats;

/// <summary>
/// Plain pieces of the kinds whose beat is easily heard at another level, and which arrangers' libraries hardly hold:
/// ballads without drums, fast music with the snare on three, reels, train beats, swing, jigs, fast waltzes, odd
/// metres.
/// </summary>
internal static class BeatPatterns
{
    private const int Chords = 0, Tune = 1, Bass = 2;

    private static readonly int[][] Progressions =
    [
        [0, 4, 5, 3], [3, 4, 2, 5], [0, 5, 3, 4], [5, 3, 0, 4], [0, 3, 0, 4], [0, 0, 3, 4], [1, 4, 0, 0], [0, 2, 3, 4],
        [5, 4, 3, 4], [0, 6, 5, 6],
    ];

    private static readonly int[] Major = [0, 2, 4, 5, 7, 9, 11], Minor = [0, 2, 3, 5, 7, 8, 10];
    private static readonly int[] Soft = [0, 0, 1, 4, 5, 24, 25, 46, 11, 88], Hard = [27, 28, 29, 30, 16, 81, 2, 25],
        Folk = [24, 25, 105, 21, 0, 15], Leads = [40, 73, 21, 22, 110, 72, 65, 11, 105, 56, 80],
        Basses = [32, 33, 34, 35, 38, 43];

    // Strokes of a guitar in a beat: quarters, eighths, sixteenths, gallops.
    private static readonly double[][] Figures = [[0], [0, .5], [0, .25, .5, .75], [0, .5, .75], [0, .25, .5]];

    private static readonly Kind[] Kinds =
    [
        new("ballad in eighths", "4/4", 4, 50, 86, 4, (p, r) => p.Arpeggio(r.Pick<int>([2, 2, 2, 4]), .45)),
        new("ballad in chords", "4/4", 4, 52, 84, 3, (p, r) => p.Strokes(1, .8, drums: r.Chance(.3))),
        new("ballad with drums", "4/4", 4, 54, 86, 2, (p, r) => p.WithDrums(() => p.Arpeggio(2, .5))),
        new("snare on three", "4/4", 4, 138, 190, 4, (p, r) => p.Driven(
            DrumPatterns.HalfTime(r), r.Chance(.2) ? DrumPatterns.FastBackbeat(r) : null)),
        new("reel", "4/4", 4, 150, 190, 2, (p, r) => p.OomPah(r.Chance(.5) ? DrumPatterns.Train(r) : null, tune: 2)),
        new("train beat", "4/4", 4, 140, 190, 2, (p, r) => p.OomPah(DrumPatterns.Train(r), tune: 1)),
        new("swing", "4/4", 4, 116, 230, 3, (p, r) => p.Walking(r.Chance(.85) ? DrumPatterns.Swing(r) : null)),
        new("jig", "6/8", 2, 96, 136, 1, (p, r) => p.WithDrums(() => p.OomPah(null, tune: 3), .5)),
        new("slow six eight", "6/8", 2, 44, 76, 3, (p, r) => p.WithDrums(() => p.Arpeggio(3, .4), .5)),
        new("twelve eight", "12/8", 4, 46, 84, 2, (p, r) => p.WithDrums(() => p.Strokes(3, .3, drums: false), .7)),
        new("fast waltz", "3/4", 3, 132, 215, 3, (p, r) => p.WithDrums(() => p.OomPah(null, tune: 1), .4)),
        new("slow waltz", "3/4", 3, 66, 116, 2, (p, r) => p.WithDrums(() => p.Arpeggio(2, .5), .3)),
        new("five four", "5/4", 5, 84, 184, 3, (p, r) => p.WithDrums(() => p.Riff(), .75)),
        new("five eight", "5/8", 5, 186, 236, 1, (p, r) => p.WithDrums(() => p.Riff(), .75)),
        new("seven four", "7/4", 7, 92, 172, 2, (p, r) => p.WithDrums(() => p.Riff(), .8)),
        new("seven eight", "7/8", 7, 176, 236, 4, (p, r) => p.WithDrums(() => p.Riff(), .85)),
        new("six eight with a band", "6/8", 2, 46, 80, 2, (p, r) => p.WithDrums(() => p.Strokes(3, .4, drums: false))),
        new("fast backbeat", "4/4", 4, 142, 192, 4, (p, r) => p.Driven(
            DrumPatterns.FastBackbeat(r), r.Chance(.3) ? DrumPatterns.HalfTime(r) : null)),
        new("metal", "4/4", 4, 140, 192, 4, (p, r) => p.Driven(
            DrumPatterns.Blast(r),
            r.Chance(.4) ? r.Chance(.5) ? DrumPatterns.HalfTime(r) : DrumPatterns.FastBackbeat(r) : null)),
        new("slow metal", "4/4", 4, 84, 136, 2, (p, r) => p.Driven(
            r.Chance(.6) ? DrumPatterns.Draw(p.Piece, r) : DrumPatterns.Blast(r))),
        new("broken beat", "4/4", 4, 156, 182, 2, (p, r) => p.Driven(DrumPatterns.Breakbeat(r))),
        new("funk in sixteenths", "4/4", 4, 72, 112, 4, (p, r) => p.WithDrums(
            DrumPatterns.Funk(r), r.Chance(.5) ? () => p.Arpeggio(4, .3) : () => p.Strokes(1, .5, drums: false))),
    ];

    /// <summary>Names of what is made.</summary>
    public static IEnumerable<string> Names => Kinds.Select(kind => kind.Name);

    /// <summary>A piece of a kind of chance that lasts for so many seconds.</summary>
    public static BeatPiece Draw(double seconds, SeededRandom random) =>
        Draw(random.Pick<Kind>([.. Kinds.SelectMany(kind => Enumerable.Repeat(kind, kind.Share))]), seconds, random);

    /// <summary>A piece of the named kind.</summary>
    public static BeatPiece Draw(string name, double seconds, SeededRandom random) =>
        Draw(Kinds.Single(kind => kind.Name == name), seconds, random);

    private static BeatPiece Draw(Kind kind, double seconds, SeededRandom random)
    {
        var tempo = random.Uniform(kind.Slowest, kind.Fastest);
        double sway = random.Chance(.4) ? random.Uniform(.005, tempo < 90 ? .07 : .025) : 0,
            phase = random.Uniform(0, 6), period = random.Uniform(6, 24), length = 60 / tempo;
        // A bar may have begun before, and a silence may come first.
        var first = random.Next(0, kind.BeatsPerBar);
        List<double> beats = [random.Uniform(.02, .6)];
        while (beats[^1] < seconds + 2)
            beats.Add(beats[^1] + (length * (1 + (sway * Math.Sin(phase + (beats.Count / period))))));
        tempo = 60 * (beats.Count - 1) / (beats[^1] - beats[0]);
        BeatPiece piece = new(kind.Name, kind.Metre, tempo, beats, first, kind.BeatsPerBar);
        kind.Play(new Player(piece, random), random);
        return piece;
    }

    /// <param name="Name">What it is called.</param>
    /// <param name="Metre">Its metre.</param>
    /// <param name="BeatsPerBar">Beats as a listener taps them.</param>
    /// <param name="Slowest">Of those beats, a minute.</param>
    /// <param name="Fastest">The same.</param>
    /// <param name="Share">How often it is drawn.</param>
    /// <param name="Play">Writes the notes.</param>
    private sealed record Kind(
        string Name, string Metre, int BeatsPerBar, double Slowest, double Fastest, int Share,
        Action<Player, SeededRandom> Play);

    /// <summary>Plays parts on the beats of a piece.</summary>
    private sealed class Player
    {
        private readonly BeatPiece piece;
        private readonly SeededRandom random;
        private readonly int tonic, barsPerChord;
        private readonly int[] scale, progression;
        private readonly double jitter;

        public Player(BeatPiece piece, SeededRandom random)
        {
            (this.piece, this.random) = (piece, random);
            tonic = random.Next(0, 12);
            scale = random.Chance(.6) ? Major : Minor;
            progression = random.Pick(Progressions);
            barsPerChord = random.Chance(.75) ? 1 : 2;
            jitter = random.Uniform(.001, .014);
        }

        public BeatPiece Piece => piece;

        private int Length => piece.BeatsPerBar;

        private IEnumerable<int> Beats => Enumerable.Range(0, piece.Beats.Count - 1);

        private double Parts => piece.Metre is "6/8" or "12/8" ? 3 : 2;

        /// <summary>Plays, and drums by chance.</summary>
        public void WithDrums(Action play, double chance = 1)
        {
            play();
            if (random.Chance(chance)) DrumPatterns.Lay(piece, DrumPatterns.Draw(piece, random), random);
        }

        /// <summary>Broken chords in so many notes a beat over a bass that moves with the bars.</summary>
        public void Arpeggio(int parts, double tune)
        {
            piece.Programs[Chords] = random.Pick(Soft);
            int[] order = random.Pick<int[]>(
                [[0, 1, 2, 1], [0, 2, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 2, 1], [3, 2, 1, 2]]);
            bool bass = random.Chance(.8), halves = random.Chance(.5), accents = random.Chance(.6);
            foreach (var beat in Beats)
            {
                var chord = Chord(beat);
                for (var part = 0; part < parts; part++)
                {
                    var step = ((piece.PlaceOf(beat) * parts) + part) % order.Length;
                    Play(
                        Chords, beat + (part / (double)parts), 1.5 / parts, Tone(chord, order[step]) + 48,
                        accents && part == 0 ? 76 : 64);
                }

                if (bass && (piece.PlaceOf(beat) == 0 || (halves && Length == 4 && piece.PlaceOf(beat) == 2)))
                    Play(Chords, beat, halves ? 1.9 : Length * .95, Tone(chord, 0) + 36, 76);
            }

            Sing(tune, 1);
        }

        /// <summary>Whole chords, struck so many times a beat, or once a beat in long notes.</summary>
        public void Strokes(int parts, double tune, bool drums)
        {
            piece.Programs[Chords] = random.Pick(Soft);
            var every = parts == 1 ? random.Pick<int>([1, 1, 2]) : 1;
            foreach (var beat in Beats.Where(beat => piece.PlaceOf(beat) % every == 0))
            {
                for (var part = 0; part < parts; part++)
                    Strum(beat + (part / (double)parts), every * .9 / parts, part == 0 ? 72 : 60);
            }

            Roots(random.Chance(.5) ? 2 : Length);
            if (drums) DrumPatterns.Lay(piece, DrumPatterns.Draw(piece, random), random);
            Sing(tune, 2);
        }

        /// <summary>Plays, with these drums.</summary>
        public void WithDrums(DrumPatterns.Pattern drums, Action play)
        {
            play();
            DrumPatterns.Lay(piece, drums, random);
        }

        /// <summary>Guitars and bass that run on whatever the drums do.</summary>
        public void Driven(DrumPatterns.Pattern drums, DrumPatterns.Pattern? other = null)
        {
            piece.Programs[Chords] = random.Pick(Hard);
            piece.Programs[Bass] = random.Pick(Basses);
            double[] chords = random.Pick(Figures), bass = random.Pick<double[]>([[0], [0, .5], [0, .5], chords]);
            bool held = random.Chance(.25), low = random.Chance(.4);
            foreach (var beat in Beats)
            {
                if (held && piece.PlaceOf(beat) == 0) Power(beat, Length * .95, 92, low);
                foreach (var part in held ? [] : chords)
                {
                    if (low) Power(beat + part, .8 / chords.Length, part == 0 ? 92 : 82, low);
                    else Strum(beat + part, .8 / chords.Length, part == 0 ? 88 : 76);
                }

                foreach (var part in bass)
                    Play(Bass, beat + part, .8 / bass.Length, Tone(Chord(beat), 0) + 36, part == 0 ? 96 : 86);
            }

            DrumPatterns.Lay(piece, drums, random, other);
            Sing(.5, 1);
        }

        /// <summary>Bass on the strong beats, chords on the weak ones, a tune that runs.</summary>
        public void OomPah(DrumPatterns.Pattern? drums, int tune)
        {
            piece.Programs[Chords] = random.Pick(Folk);
            piece.Programs[Bass] = random.Pick(Basses);
            foreach (var beat in Beats)
            {
                var place = piece.PlaceOf(beat);
                var strong = Length == 3 ? place == 0 : place % 2 == 0 || Length == 2;
                if (strong) Play(Bass, beat, .9, Tone(Chord(beat), place == 0 ? 0 : 2) % 12 + 36, 92);
                if (!strong || Length == 2) Strum(beat + (Length == 2 ? 2 / 3.0 : 0), .4, 78);
            }

            if (drums is not null) DrumPatterns.Lay(piece, drums, random);
            Sing(tune > 1 ? 1 : .6, tune);
        }

        /// <summary>A walking bass, chords off the beat, a swung tune.</summary>
        public void Walking(DrumPatterns.Pattern? drums)
        {
            piece.Programs[Chords] = random.Pick<int>([0, 4, 26, 16, 0]);
            piece.Programs[Bass] = random.Pick<int>([32, 32, 33]);
            foreach (var beat in Beats)
            {
                int[] walk = [0, 1, 2, random.Next(0, 4)];
                Play(Bass, beat, .85, Tone(Chord(beat), walk[piece.PlaceOf(beat)]) + 36, 92);
                if (random.Chance(.3)) Strum(beat + (random.Chance(.5) ? 2 / 3.0 : 0), .3, 70);
            }

            if (drums is not null) DrumPatterns.Lay(piece, drums, random);
            Sing(.6, 2, swung: true);
        }

        /// <summary>A bar-long figure that comes again with every bar.</summary>
        public void Riff()
        {
            piece.Programs[Chords] = random.Pick(random.Chance(.5) ? Hard : Soft);
            piece.Programs[Bass] = random.Pick(Basses);
            int[] group = Length == 5
                ? random.Pick<int[]>([[0, 3], [0, 2]])
                : random.Pick<int[]>([[0, 2, 4], [0, 3, 5], [0, 2, 5], [0, 4], [0, 3]]);
            var parts = piece.Tempo > 175 ? 1 : random.Pick<int>([1, 2]);
            int[] tones = [.. Enumerable.Range(0, Length * parts).Select(_ => random.Next(0, 4))];
            var chordal = random.Chance(.5);
            foreach (var beat in Beats)
            {
                var place = piece.PlaceOf(beat);
                if (group.Contains(place)) Play(Bass, beat, 1.5, Tone(Chord(beat), 0) + 36, place == 0 ? 100 : 84);
                if (chordal && group.Contains(place)) Strum(beat, 1.2, 82);
                for (var part = 0; !chordal && part < parts; part++)
                {
                    Play(
                        Chords, beat + (part / (double)parts), .8 / parts,
                        Tone(Chord(beat), tones[(place * parts) + part]) + 48,
                        group.Contains(place) && part == 0 ? 92 : 74);
                }
            }

            Sing(.3, 1);
        }

        // A tune of so many notes a beat, each of which is there by chance; a beat's first more often.
        private void Sing(double chance, int perBeat, bool swung = false)
        {
            if (chance <= 0 || random.Chance(.25)) return;
            piece.Programs[Tune] = random.Pick(Leads);
            var degree = 7;
            foreach (var beat in Beats)
            {
                for (var part = 0; part < perBeat; part++)
                {
                    if (!random.Chance(part == 0 ? chance : chance * .8)) continue;
                    degree = Math.Clamp(degree + random.Next(-2, 3), 3, 14);
                    var at = swung && part == 1 ? 2 / 3.0 : part / (double)perBeat;
                    if (part == 0 && perBeat == 1 && random.Chance(.25)) at = 1 / Parts;
                    Play(Tune, beat + at, .9 / perBeat, tonic + scale[degree % 7] + (12 * (degree / 7)) + 60, 88);
                }
            }
        }

        private void Roots(int every)
        {
            piece.Programs[Bass] = random.Pick(Basses);
            foreach (var beat in Beats.Where(beat => piece.PlaceOf(beat) % every == 0))
                Play(Bass, beat, every * .9, Tone(Chord(beat), 0) + 36, 88);
        }

        private void Strum(double beat, double length, int velocity)
        {
            for (var tone = 0; tone < 3; tone++)
                Play(Chords, beat + (tone * .003), length, Tone(Chord((int)beat), tone) + 52, velocity);
        }

        // Root and fifth.
        private void Power(double beat, double length, int velocity, bool low)
        {
            var root = Tone(Chord((int)beat), 0) + (low ? 40 : 52);
            Play(Chords, beat, length, root, velocity);
            Play(Chords, beat, length, root + 7, velocity);
        }

        private int Chord(int beat)
        {
            var bar = (beat - piece.FirstDownbeat + Length) / Length;
            return progression[bar / barsPerChord % progression.Length];
        }

        private int Tone(int degree, int number)
        {
            var step = degree + (number == 3 ? 7 : 2 * number);
            return tonic + scale[step % 7] + (12 * (step / 7)) - (tonic > 6 ? 12 : 0);
        }

        private void Play(int channel, double beat, double length, int pitch, double velocity)
        {
            if (beat >= piece.Beats.Count - 1) return;
            var start = Math.Max(0, piece.At(beat) + random.Uniform(-jitter, jitter));
            piece.Notes.Add(new PlayedNote(
                start, Math.Max(start + .04, piece.At(Math.Min(beat + length, piece.Beats.Count - 1))), channel,
                Math.Clamp(pitch, 24, 100), (int)Math.Clamp(velocity + random.Uniform(-9, 9), 10, 127)));
        }
    }
}
