namespace OpenMU.Training.Synthesis;

/// <summary>
/// All that chance decides about one clip, before anything is rendered. The same seed, split and index make the same
/// plan, whatever else is rendered.
/// </summary>
internal sealed record ClipPlan
{
    public required string Id { get; init; }

    public required string Seed { get; init; }

    public required GrooveFamily Family { get; init; }

    /// <summary>Verse and bridge: MMA's names, file included.</summary>
    public required IReadOnlyList<string> Grooves { get; init; }

    /// <summary>
    /// The family whose drums are played in place of this one's, and its grooves; null keeps what belongs together.
    /// </summary>
    public required (string Family, IReadOnlyList<string> Grooves)? Drummer { get; init; }

    /// <summary>MMA's beats a bar over the taps of the metre: an eighth is MMA's beat in 6/8.</summary>
    public required int MmaBeatsPerTap { get; init; }

    /// <summary>Taps a minute.</summary>
    public required double Tempo { get; init; }

    public required int Tonic { get; init; }

    public required bool IsMajor { get; init; }

    /// <summary>Chords of each bar, one or two.</summary>
    public required IReadOnlyList<IReadOnlyList<Chord>> Bars { get; init; }

    /// <summary>
    /// Only drums are taken from MMA, and a band plays to them: always where the pattern is a drum machine's,
    /// sometimes to train on.
    /// </summary>
    public required bool NeedsBand { get; init; }

    public required bool HasMelody { get; init; }

    public required bool DropsDrums { get; init; }

    /// <summary>Deviation from A = 440 Hz in cents.</summary>
    public required double TuningCents { get; init; }

    public required string Soundfont { get; init; }

    /// <summary>Seconds from the start of the rendered piece to the start of the clip.</summary>
    public required double CropStart { get; init; }

    /// <summary>Length of the clip in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>
    /// Clips to train on vary in more ways than music does: see <see cref="Timbre"/>, <see cref="Mastering"/> and
    /// <see cref="Drummer"/>.
    /// </summary>
    public bool IsVaried => Family.Split == GrooveLibrary.Train;

    /// <summary>Seconds of a bar.</summary>
    public double BarSeconds => 60 / Tempo * Family.Metre.Beats;

    /// <summary>Choices of one stage of the work, apart from those of the others.</summary>
    public SeededRandom RandomFor(string stage) => new($"{Seed}/{stage}");

    /// <param name="seed">Seed of the data set.</param>
    /// <param name="split">Which families to draw from.</param>
    /// <param name="index">Number of the clip, from 0.</param>
    /// <param name="library">The grooves.</param>
    /// <param name="soundfonts">Files to draw from.</param>
    /// <param name="seconds">Length of the clip.</param>
    public static ClipPlan Draw(
        int seed, string split, int index, GrooveLibrary library, IReadOnlyList<string> soundfonts, double seconds)
    {
        var id = $"{split}-{seed}-{index:D5}";
        var random = new SeededRandom(id);
        var family = DrawFamily(seed, index, library.ByGenre(split));
        var file = random.Pick(family.Files);
        var tempo = Math.Round(random.Uniform(family.Slowest, family.Fastest), 2);
        var barSeconds = 60 / tempo * family.Metre.Beats;
        var bars = (int)Math.Ceiling(seconds / barSeconds) + 4;
        var isMajor = Harmony.DrawMajor(family.Chords, random);
        var tonic = random.Next(0, 12);
        var first = random.Pick(file.Grooves);
        return new ClipPlan
        {
            Id = id,
            Seed = id,
            Family = family,
            Grooves = VerseAndBridge(file, first, random),
            Drummer = DrawDrummer(family, file, library, new SeededRandom($"{id}/drummer")),
            MmaBeatsPerTap = Math.Max(1, file.MmaBeats / family.Metre.Beats),
            Tempo = tempo,
            Tonic = tonic,
            IsMajor = isMajor,
            Bars = Harmony.Write(
                family.Chords, isMajor, tonic, bars,
                canShareBars: family.Metre.Beats % 2 == 0 && family.Metre.Label != "6/8", random),
            NeedsBand = file.IsDrumsOnly || (family.Split == GrooveLibrary.Train && Band.Plays(family.Genre)
                && new SeededRandom($"{id}/band").Chance(.15)),
            HasMelody = random.Chance(.6),
            DropsDrums = !file.IsDrumsOnly
                && family.Genre is not ("metal" or "electronic" or "funk" or "march" or "rock") && random.Chance(.15),
            TuningCents = random.Chance(.25) ? Math.Round(random.Uniform(-35, 35), 1) : 0,
            Soundfont = random.Pick(soundfonts),
            CropStart = Math.Round(random.Uniform(0, 2 * barSeconds), 4),
            Seconds = seconds,
        };
    }

    private static string[] VerseAndBridge(GrooveFile file, string verse, SeededRandom random) =>
        [.. new[] { verse, random.Chance(.5) ? verse : random.Pick(file.Grooves) }.Select(groove =>
            $"{file.Name}:{groove}")];

    // In half of the clips to train on, drums and the other parts come from two families of a genre: what a genre's
    // families have in common is then worth more than what tells one family from another.
    private static (string Family, IReadOnlyList<string> Grooves)? DrawDrummer(
        GrooveFamily family, GrooveFile file, GrooveLibrary library, SeededRandom random)
    {
        if (family.Split != GrooveLibrary.Train || file.IsDrumsOnly || Orchestra.Plays(family) || random.Chance(.5))
            return null;
        var others = library.Families
            .Where(other => other.Genre == family.Genre && other.Split == family.Split && other.Name != family.Name
                && other.Metre == family.Metre)
            .SelectMany(other =>
                other.Files.Where(drums => drums.MmaBeats == file.MmaBeats).Select(drums => (other.Name, Drums: drums)))
            .ToList();
        if (others.Count == 0) return null;
        var (name, chosen) = random.Pick(others);
        return (name, VerseAndBridge(chosen, random.Pick(chosen.Grooves), random));
    }

    // Genres take turns, and within a genre its families do, in an order of their own every time round.
    private static GrooveFamily DrawFamily(int seed, int index, IReadOnlyList<IGrouping<string, GrooveFamily>> genres)
    {
        var families = genres[index % genres.Count].ToList();
        var (round, place) = Math.DivRem(index / genres.Count, families.Count);
        return new SeededRandom($"{seed}/{genres[index % genres.Count].Key}/{round}").Shuffled(families)[place];
    }
}
