namespace OpenMU.Training.Synthesis.Beats;

/// <summary>Drums laid on the beats of a piece.</summary>
internal static class DrumPatterns
{
    private const int Kick = 36, Stick = 37, Snare = 38, ClosedHat = 42, PedalHat = 44, OpenHat = 46, Ride = 51,
        Crash = 49, Shaker = 70;

    private static readonly double[] Eighths = [.. Enumerable.Range(0, 8).Select(stroke => stroke / 2.0)],
        Sixteenths = [.. Enumerable.Range(0, 16).Select(stroke => stroke / 4.0)];

    /// <summary>A bar: beats of the kick and the snare, and how the cymbals divide a beat.</summary>
    /// <param name="Kicks">Beats from 0, with fractions.</param>
    /// <param name="Snares">The same.</param>
    /// <param name="Parts">Strokes a beat; 0 is none, minus one every other beat.</param>
    /// <param name="Cymbal">What divides.</param>
    /// <param name="Swung">The second of two strokes comes after two thirds of the beat.</param>
    internal sealed record Pattern(
        double[] Kicks, double[] Snares, int Parts, int Cymbal = ClosedHat, bool Swung = false)
    {
        public int SnareSound { get; init; } = Snare;

        /// <summary>All strokes of the snare are as loud.</summary>
        public bool IsEven { get; init; }
    }

    /// <summary>A pattern that suits the piece's metre and tempo.</summary>
    public static Pattern Draw(BeatPiece piece, SeededRandom random) => random.Pick<Pattern>(
        (piece.Metre, piece.BeatsPerBar) switch
        {
            ("6/8", _) =>
            [
                new([0], [1], 3), new([0, 2 / 3.0], [1], 3), new([0], [1], 3, Ride) { SnareSound = Stick },
                new([0, 5 / 3.0], [1], 3), new([0], [1], 1, Ride), new([0, 1 / 3.0], [1], 3, Shaker),
                new([0, 1], [2 / 3.0, 5 / 3.0], 0), new([0], [1, 5 / 3.0], 3, OpenHat),
            ],
            ("12/8", _) =>
            [
                new([0, 2], [1, 3], 3), new([0, 2, 5 / 3.0], [1, 3], 3, Ride), new([0], [2], 3),
                new([0, 2], [1, 3], 3) { SnareSound = Stick },
            ],
            (_, 7) =>
            [
                new([0, 4], [2, 5], 1), new([0, 3], [2, 4, 6], 1, Ride), new([0, 2], [4], 1), new([0, 3, 5], [2, 6], 1),
                new([0, 2, 4], [1, 3, 5, 6], 2), new([0, 4], [2, 6], 2, Ride), new([0], [4], 1, Shaker),
                new([0, 3.5], [2, 5], 1), new([0, 3, 5], [], 1),
            ],
            (_, 5) => [new([0, 3], [2, 4], 2), new([0, 3], [1, 4], 2, Ride), new([0, 2.5], [3], 2), new([0, 3], [], 1)],
            (_, 3) =>
            [
                new([0], [1, 2], 1), new([0], [2], 2), new([0], [1, 2], 1, Ride, Swung: true), new([0], [], 1),
                new([0], [1, 2], 0) { SnareSound = Stick },
            ],
            _ => OfFour(piece.Tempo),
        });

    /// <summary>Where the snare falls on three alone, as in the slow half of fast music.</summary>
    public static Pattern HalfTime(SeededRandom random) => random.Pick<Pattern>(
    [
        new([0, 1.5, 3.5], [2], 2), new([0], [2], 1, Ride), new([0, 0.5], [2], 1, OpenHat), new([0, 3], [2], 2),
        new([0, 1.5], [2], 1, Crash), new([0, 2.5], [2], 2, Ride), new([0, .75, 1.5, 3], [2], 4),
        new([0, .5, 1, 1.5, 2.5, 3, 3.5], [2], 1, Crash), new(Sixteenths, [2], 1, Ride),
        new([0, 1.5, 2.5, 3.25], [2, 3.75], 2), new([0, .75], [2], 3), new([0, 3.5], [2], 2, OpenHat),
    ]);

    /// <summary>Fast rock, punk and country: bass drum and snare take turns, the snare on two and four.</summary>
    public static Pattern FastBackbeat(SeededRandom random) => random.Pick<Pattern>(
    [
        new([0, 2], [1, 3], 1, Crash), new([0, 2], [1, 3], 2), new([0, 2], [1, 3], 1, OpenHat),
        new([0, 2, 2.5], [1, 3], 2), new([0, .5, 2], [1, 3], 1, Ride), new([0, 1.5, 2.5], [1, 3], 2, OpenHat),
        new([0, 2.5], [1, 3], 2, Ride), new([0, .5, 2, 2.5], [1, 3], 1), new([0, 1, 2, 3], [1, 3], 2, Shaker),
        // The d-beat of hardcore punk: the bass drum before and after the second snare.
        new([0, 1.5, 2.5], [1, 3], 1, Crash), new([0, .5, 1.5, 2.5], [1, 3], 2), new([0, 1.5, 2.5, 3.5], [1, 3], 1),
    ]);

    /// <summary>Metal: running bass drums, blast beats, and the snare off every beat.</summary>
    public static Pattern Blast(SeededRandom random) => random.Pick<Pattern>(
    [
        new(Sixteenths, [1, 3], 1, Ride), new(Eighths, [1, 3], 1, Crash), new(Sixteenths, [1, 3], 2, OpenHat),
        new([0, 1, 2, 3], [.5, 1.5, 2.5, 3.5], 2), new([0, 1, 2, 3], [.5, 1.5, 2.5, 3.5], 1, Crash),
        new(Eighths, Eighths, 1, Ride) { IsEven = true },
        new(Eighths, [.25, .75, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75], 2) { IsEven = true },
        new([0, .5, .75, 1, 1.5, 1.75, 2, 2.5, 2.75, 3, 3.5, 3.75], [1, 3], 1, Crash),
        new(Sixteenths, [0, 1, 2, 3], 1, Crash) { IsEven = true },
    ]);

    /// <summary>Broken beats at 160 to 180: the second bass drum late, ghost strokes of the snare.</summary>
    public static Pattern Breakbeat(SeededRandom random) => random.Pick<Pattern>(
    [
        new([0, 2.5], [1, 3], 2), new([0, .5, 2.5], [1, 3], 2, Ride), new([0, 2.5], [1, 1.75, 2.25, 3], 2),
        new([0, .5, 2.5, 2.75], [1, 1.75, 2.25, 3.75], 2, Ride), new([0, 1.75, 2.5], [1, 3], 4, Shaker),
        new([0, 2.5, 3.5], [1, 3], 1),
    ]);

    /// <summary>Funk and hip-hop that run in sixteenths over slow beats.</summary>
    public static Pattern Funk(SeededRandom random) => random.Pick<Pattern>(
    [
        new([0, .75, 2.5], [1, 3], 4), new([0, 1.75, 2.5], [1, 3], 4), new([0, 2.25, 2.5], [1, 1.75, 2.25, 3], 4),
        new([0, .75, 1.75, 2.5], [1, 3], 2), new([0, .5, 2.5], [1, 3], 4), new([0, 2.75], [1, 3], 2),
        new([0, 1.5, 2.25, 3.75], [1, 3], 4, Shaker), new([0, .25, 2.5], [1, 3.25], 4),
    ]);

    /// <summary>Country trains and reels: snare or shaker all through, accents off the beat.</summary>
    public static Pattern Train(SeededRandom random) => random.Pick<Pattern>(
    [
        new([0, 2], [0, .5, 1, 1.5, 2, 2.5, 3, 3.5], 0), new([0, 2], [1, 3], 2, Shaker), new([0, 2], [1, 3], 1),
        new([0, 1, 2, 3], [.5, 1.5, 2.5, 3.5], 0), new([0, 2], [1, 1.5, 3, 3.5], 2),
    ]);

    /// <summary>Ride cymbal and hi-hat of swing.</summary>
    public static Pattern Swing(SeededRandom random) => random.Pick<Pattern>(
    [
        new([], [1, 3], 2, Ride, Swung: true) { SnareSound = PedalHat },
        new([0], [3 + (2 / 3.0)], 2, Ride, Swung: true),
        new([0, 1, 2, 3], [1, 3], -1, Ride) { SnareSound = PedalHat },
        new([0, 2], [1, 3], 2, ClosedHat, Swung: true),
    ]);

    /// <summary>Adds the drums: in most pieces throughout, in some from a bar on or up to it.</summary>
    /// <param name="piece">To add to.</param>
    /// <param name="main">What is played.</param>
    /// <param name="random">Draws loudness and bars.</param>
    /// <param name="other">What takes turns with it, four bars each: the beat stays while the drums go double or half.
    /// </param>
    public static void Lay(BeatPiece piece, Pattern main, SeededRandom random, Pattern? other = null)
    {
        double loud = random.Uniform(.45, 1), cymbals = loud * random.Uniform(.4, .95),
            late = random.Uniform(-.006, .012);
        int bars = piece.Beats.Count / piece.BeatsPerBar, change = random.Next(1, Math.Max(2, bars)),
            from = random.Chance(.15) ? change : 0, to = from == 0 && random.Chance(.15) ? change : int.MaxValue,
            fill = random.Chance(.5) ? random.Pick<int>([4, 8]) : int.MaxValue;
        for (var k = 0; k + 1 < piece.Beats.Count; k++)
        {
            var bar = (k - piece.FirstDownbeat + piece.BeatsPerBar) / piece.BeatsPerBar;
            if (bar < from || bar >= to) continue;
            var pattern = bar / 4 % 2 == 1 ? other ?? main : main;
            var place = piece.PlaceOf(k);
            if (bar % fill == fill - 1 && place >= piece.BeatsPerBar - 1)
            {
                for (var part = 0; part < 4; part++) Hit(k + (part / 4.0), part < 2 ? Snare : 45, 80 + (8 * part));
                continue;
            }

            foreach (var kick in pattern.Kicks.Where(beat => (int)beat == place)) Hit(k + kick - place, Kick, 108);
            foreach (var snare in pattern.Snares.Where(beat => (int)beat == place))
            {
                // Where the snare runs all through, the strokes off the accent are soft.
                var soft = !pattern.IsEven && pattern.Snares.Length > 4 && (place % 2 == 0 || snare > place);
                Hit(k + snare - place, pattern.SnareSound, soft ? 62 : 104);
            }

            for (var part = 0; part < Math.Abs(pattern.Parts); part++)
            {
                if (pattern.Parts < 0 && place % 2 == 1) continue;
                if (pattern.Swung && part == 1 && pattern.Cymbal == Ride && place % 2 == 0) continue;
                var at = pattern.Swung && part == 1 ? 2 / 3.0 : part / (double)Math.Abs(pattern.Parts);
                Add(k + at, pattern.Cymbal, cymbals * (part == 0 ? 96 : 74));
            }
        }

        void Hit(double beat, int sound, double velocity) => Add(beat, sound, loud * velocity);

        void Add(double beat, int sound, double velocity)
        {
            var start = Math.Max(0, piece.At(beat) + late + random.Uniform(-.004, .004));
            piece.Notes.Add(new PlayedNote(
                start, start + .12, BeatPiece.Drums, sound,
                (int)Math.Clamp(velocity + random.Uniform(-9, 9), 8, 127)));
        }
    }

    // Slow beats are divided in four, fast ones may be counted by a snare on three.
    private static Pattern[] OfFour(double tempo)
    {
        List<Pattern> patterns =
        [
            new([0, 2], [1, 3], 2), new([0, 2.5], [1, 3], 2), new([0, 1.5, 2], [1, 3], 2),
            new([0, 2], [1, 3], 1, Ride),
            new([0, 1.5, 2.5], [1, 3], 2), new([0, 2], [1, 3], 2, Shaker) { SnareSound = Stick },
        ];
        if (tempo < 96)
        {
            patterns.AddRange(
            [
                new([0, 2.5], [1, 3], 4), new([0, .75, 2.5], [1, 3], 4),
                new([0, 2], [1, 3], 4, Shaker) { SnareSound = Stick },
                new([0, 1.75, 2.5], [1, 3], 4), new([0, 2], [1, 3], 3), new([0, 2.5], [1, 3], 2) { SnareSound = Stick },
            ]);
        }

        if (tempo is > 90 and < 150) patterns.Add(new([0, 1, 2, 3], [1, 3], 2, OpenHat));
        if (tempo is > 80 and < 150) patterns.Add(new([0, 2], [1, 3], 2, ClosedHat, Swung: true));
        if (tempo > 125) patterns.AddRange([new([0], [2], 2), new([0, 1.5], [2], 1, Ride)]);
        return [.. patterns];
    }
}
