namespace OpenMU.Training.Synthesis.Beats;

/// <summary>
/// Plays the sections of a song on the beats of a piece. Each kind of section has chords, a texture, drums and a tune
/// of its own; an intro and a solo have the chords of another one.
/// </summary>
internal sealed class SongPlayer
{
    private const int Chords = 0, Tune = 1, Bass = 2, Layer = 3, Solo = 4;
    private const int Kick = 36, Snare = 38, Tom = 45, Crash = 49;

    private static readonly int[] Major = [0, 2, 4, 5, 7, 9, 11], Minor = [0, 2, 3, 5, 7, 8, 10];
    private static readonly int[] Accompaniments = [0, 1, 4, 5, 24, 25, 26, 27, 16, 88],
        Layers = [48, 49, 50, 52, 61, 89, 16, 92], Leads = [40, 53, 54, 56, 65, 66, 68, 71, 73, 80, 81, 85],
        Soloists = [27, 29, 30, 56, 57, 65, 66, 22, 0, 73], Basses = [32, 33, 34, 35, 38, 39];

    private static readonly int[][] Progressions =
    [
        [0, 4, 5, 3], [3, 4, 2, 5], [0, 5, 3, 4], [5, 3, 0, 4], [0, 3, 0, 4], [0, 0, 3, 4], [1, 4, 0, 0], [0, 2, 3, 4],
        [5, 4, 3, 4], [0, 6, 5, 6], [0, 0, 5, 5, 3, 3, 4, 4], [0, 4, 5, 2, 3, 0, 3, 4], [3, 0, 4, 5], [1, 1, 4, 4],
        [0, 5, 1, 4], [2, 5, 1, 4], [3, 3, 0, 0, 3, 3, 4, 4], [0, 1, 2, 3], [5, 5, 4, 4, 3, 3, 4, 4],
    ];

    private static readonly int[] TwelveBars = [0, 0, 0, 0, 3, 3, 0, 0, 4, 3, 0, 4];

    private readonly BeatPiece piece;
    private readonly SeededRandom random;
    private readonly int[] scale;
    private readonly int tonic, lift;
    private readonly double jitter, loud;
    private readonly bool isBlues, hasDrums, hasBass, isLateWithDrums;
    private readonly DrumPatterns.Pattern beat;
    private readonly Dictionary<string, Material> materials = [];

    public SongPlayer(BeatPiece piece, SeededRandom random, bool isBlues)
    {
        (this.piece, this.random, this.isBlues) = (piece, random, isBlues);
        tonic = random.Next(0, 12);
        scale = isBlues || random.Chance(.6) ? Major : Minor;
        jitter = random.Uniform(.002, .014);
        loud = random.Uniform(.5, 1);
        (hasDrums, hasBass, isLateWithDrums) = (random.Chance(.8), random.Chance(.85), random.Chance(.25));
        lift = random.Chance(.15) ? random.Pick<int>([1, 2]) : 0;
        beat = DrumPatterns.Draw(piece, random);
        piece.Programs[Chords] = random.Pick(Accompaniments);
        piece.Programs[Tune] = random.Pick(Leads);
        piece.Programs[Bass] = random.Pick(Basses);
        piece.Programs[Layer] = random.Pick(Layers);
        piece.Programs[Solo] = random.Pick(Soloists);
    }

    private int Length => piece.BeatsPerBar;

    /// <summary>Plays a section.</summary>
    /// <param name="name">Its kind.</param>
    /// <param name="first">Its first beat.</param>
    /// <param name="bars">How many bars.</param>
    /// <param name="time">How often its kind was played before.</param>
    /// <param name="isLast">It ends the song.</param>
    public void Play(string name, int first, int bars, int time, bool isLast)
    {
        var part = Of(name, bars);
        var up = name == "chorus" && isLast && time > 1 ? lift : 0;
        var isBare = name == "intro" || (name == "outro" && random.Chance(.5));
        var drums = hasDrums && part.HasDrums && !(isLateWithDrums && name == "verse" && time == 0);
        var level = part.Level * random.Uniform(.95, 1.03);
        for (var k = first; k < first + (bars * Length); k++)
        {
            var bar = (k - first) / Length;
            var chord = part.Progression[bar % part.Progression.Length];
            Accompany(part, k, chord, up, level);
            if (hasBass && !isBare) PlayBass(part, k, chord, up, level);
            if ((part.HasLayer || (name == "chorus" && time > 1)) && piece.PlaceOf(k) == 0)
            {
                for (var tone = 0; tone < 3; tone++) Add(Layer, k, Length, Tone(chord, tone) + up + 60, 58 * level);
            }

            if (drums) Drum(part, k, bar == bars - 1 && part.HasFill, k == first && part.HasCrash, level);
        }

        foreach (var note in part.Tune)
        {
            if (random.Chance(.06)) continue;
            var degree = random.Chance(.05) ? note.Degree + random.Next(-1, 2) : note.Degree;
            Add(part.Lead, first + note.Beat, note.Length, Pitch(degree) + up + 60, 92 * level);
        }
    }

    private Material Of(string name, int bars)
    {
        if (materials.TryGetValue(name, out var known)) return known;
        var source = name is "intro" or "solo" or "outro" && (isBlues || random.Chance(.7))
            ? materials.GetValueOrDefault(random.Chance(.5) && !isBlues ? "chorus" : "verse")
            : null;
        // Songs also change nothing but texture and tune from verse to chorus.
        if (name == "chorus" && random.Chance(.2)) source = materials.GetValueOrDefault("verse");
        var used = materials.Values.Select(material => material.Progression).ToList();
        var chords = source?.Progression ?? (isBlues && name != "intro"
            ? TwelveBars
            : random.Pick<int[]>([.. Progressions.Where(progression => !used.Contains(progression))]));
        var isTexture = source is null || random.Chance(.5);
        var before = materials.Values.LastOrDefault();
        Material part = new(
            chords,
            isTexture || before is null ? random.Next(0, 5) : before.Texture,
            random.Next(0, 3),
            HasLayer: random.Chance(name == "chorus" ? .6 : .2),
            HasDrums: name switch { "intro" => random.Chance(.35), "bridge" => random.Chance(.75), _ => true },
            HasFill: random.Chance(.6), HasCrash: random.Chance(.6),
            Cymbal: random.Chance(.5) ? 42 : random.Pick<int>([46, 51]),
            Level: name switch
            {
                "chorus" => random.Uniform(.95, 1.1),
                "intro" or "outro" => random.Uniform(.7, .95),
                "solo" => random.Uniform(.9, 1.05),
                _ => random.Uniform(.75, 1),
            },
            Lead: name == "solo" ? Solo : Tune,
            Tune: name is "intro" or "outro"
                ? []
                : Sing(bars, name == "solo" ? .85 : random.Uniform(.35, .75), chords));
        return materials[name] = part;
    }

    // Phrases of two bars, of which the second two are like the first two; some end otherwise.
    private List<(double Beat, double Length, int Degree)> Sing(int bars, double chance, int[] chords)
    {
        List<(double, double, int)> phrase = [];
        List<(double Beat, double Length, int Degree)> tune = [];
        var degree = 7 + random.Next(-2, 4);
        var step = random.Pick<double>([1, .5, .5]);
        for (var bar = 0; bar < bars; bar += 2)
        {
            if (bar % 4 == 0 || random.Chance(.3))
            {
                phrase = [];
                for (var at = 0.0; at < 2 * Length; at += step)
                {
                    if (!random.Chance(chance)) continue;
                    degree = Math.Clamp(degree + random.Next(-2, 3), 3, 14);
                    // Strong beats rather have notes of the chord.
                    if (at % Length == 0)
                        degree += (((chords[(bar + (int)(at / Length)) % chords.Length] - degree) % 7) + 7) % 2;
                    phrase.Add((at, step * random.Pick<double>([.9, .9, 1.8]), degree));
                }
            }

            foreach (var (at, length, note) in phrase) tune.Add(((bar * Length) + at, length, note));
        }

        return [.. tune.Where(note => note.Beat < bars * Length)];
    }

    private void Accompany(Material part, int k, int chord, int up, double level)
    {
        var place = piece.PlaceOf(k);
        switch (part.Texture)
        {
            case 0 when place == 0 || (Length == 4 && place == 2):
                Strum(k, Length == 4 ? 1.9 : Length * .9, 72);
                break;
            case 1:
                Strum(k, .9, 74);
                break;
            case 2:
                Strum(k, .45, 76);
                Strum(k + .5, .4, 64);
                break;
            case 3:
                for (var half = 0; half < 2; half++)
                {
                    Add(Chords, k + (half / 2.0), .9, Tone(chord, ((2 * place) + half) % 4) + up + 48, 68 * level);
                }

                break;
            case 4 when place % 2 == 1 || Length == 3:
                Strum(k, .4, 78);
                break;
        }

        void Strum(double at, double length, int velocity)
        {
            for (var tone = 0; tone < 3; tone++)
                Add(Chords, at + (tone * .004), length, Tone(chord, tone) + up + 52, velocity * level);
            if (isBlues) Add(Chords, at, length, Tone(chord, 0) + up + 62, velocity * level);
        }
    }

    private void PlayBass(Material part, int k, int chord, int up, double level)
    {
        var root = Tone(chord, 0) + up + 36;
        var place = piece.PlaceOf(k);
        if (part.Bass == 0 && place == 0) Add(Bass, k, Length * .9, root, 88 * level);
        else if (part.Bass == 1)
            Add(Bass, k, .9, place == 2 && Length == 4 ? root + 7 : root, (place == 0 ? 94 : 80) * level);
        else if (part.Bass == 2)
        {
            Add(Bass, k, .45, root, 90 * level);
            Add(Bass, k + .5, .4, root, 78 * level);
        }
    }

    private void Drum(Material part, int k, bool isFill, bool isCrash, double level)
    {
        var place = piece.PlaceOf(k);
        if (isCrash) Hit(k, Crash, 100);
        if (isFill && place >= Length - 2)
        {
            for (var quarter = 0; quarter < 4; quarter++)
                Hit(k + (quarter / 4.0), place == Length - 1 && quarter > 1 ? Tom : Snare, 74 + (6 * quarter));
            return;
        }

        foreach (var kick in beat.Kicks.Where(kick => (int)kick == place)) Hit(k + kick - place, Kick, 104);
        foreach (var snare in beat.Snares.Where(snare => (int)snare == place))
            Hit(k + snare - place, beat.SnareSound, 98);
        var strokes = Math.Max(1, Math.Abs(beat.Parts));
        for (var stroke = 0; stroke < strokes; stroke++)
        {
            var at = beat.Swung && stroke == 1 ? 2 / 3.0 : stroke / (double)strokes;
            Hit(k + at, part.Cymbal, stroke == 0 ? 78 : 60);
        }

        void Hit(double at, int sound, double velocity) => Add(BeatPiece.Drums, at, .2, sound, velocity * level * loud);
    }

    private int Tone(int degree, int number) => Pitch(degree + (number == 3 ? 7 : 2 * number)) - (tonic > 6 ? 12 : 0);

    private int Pitch(int degree) => tonic + scale[((degree % 7) + 7) % 7] + (12 * (int)Math.Floor(degree / 7.0));

    private void Add(int channel, double at, double length, int pitch, double velocity)
    {
        if (at >= piece.Beats.Count - 1) return;
        var start = Math.Max(0, piece.At(at) + random.Uniform(-jitter, jitter));
        var end = piece.At(Math.Min(at + length, piece.Beats.Count - 1.01));
        piece.Notes.Add(new PlayedNote(
            start, Math.Max(start + .04, end), channel, channel == BeatPiece.Drums ? pitch : Math.Clamp(pitch, 26, 98),
            (int)Math.Clamp(velocity + random.Uniform(-8, 8), 10, 127)));
    }

    /// <summary>What makes a kind of section.</summary>
    /// <param name="Progression">Degrees of the scale, a bar each.</param>
    /// <param name="Texture">How the chords are played.</param>
    /// <param name="Bass">How the bass is played.</param>
    /// <param name="HasLayer">Held chords above.</param>
    /// <param name="HasDrums">Where the song has drums at all.</param>
    /// <param name="HasFill">The last bar leads on.</param>
    /// <param name="HasCrash">The first beat is struck.</param>
    /// <param name="Cymbal">What divides the beats.</param>
    /// <param name="Level">How loud.</param>
    /// <param name="Lead">Channel of the tune.</param>
    /// <param name="Tune">Notes from the first beat: beats and degrees of the scale.</param>
    private sealed record Material(
        int[] Progression, int Texture, int Bass, bool HasLayer, bool HasDrums, bool HasFill, bool HasCrash, int Cymbal,
        double Level, int Lead, List<(double Beat, double Length, int Degree)> Tune);
}
