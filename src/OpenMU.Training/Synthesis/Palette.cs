using OpenMU.Music;

namespace OpenMU.Training.Synthesis;

/// <summary>Which instruments may stand in for one another, and which a genre still sounds like itself with.</summary>
internal static class Palette
{
    // Instruments of one part of the band; any of a row that the genre allows can take over from another of it.
    private static readonly string[][] Roles =
    [
        ["piano", "electric piano", "organ"],
        ["acoustic guitar", "electric guitar", "banjo", "distorted guitar"],
        ["strings", "choir", "synth pad", "organ"],
        ["brass", "saxophone", "clarinet", "flute", "accordion", "harmonica", "mallets", "synth lead"],
        ["bass"],
    ];

    // Beside piano, bass, strings and drums, which are at home everywhere.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["pop"] =
        [
            "electric piano", "organ", "acoustic guitar", "electric guitar", "synth pad", "synth lead", "mallets",
            "saxophone", "choir", "flute", "brass"
        ],
        ["ballad"] =
        [
            "mallets", "electric piano", "acoustic guitar", "electric guitar", "synth pad", "choir", "saxophone",
            "flute", "harmonica"
        ],
        ["rock"] = ["synth lead", "organ", "electric guitar", "distorted guitar", "saxophone", "harmonica", "acoustic guitar"],
        ["metal"] = ["distorted guitar", "choir", "organ", "synth pad", "synth lead"],
        ["blues"] = ["electric piano", "organ", "electric guitar", "harmonica", "saxophone", "distorted guitar", "acoustic guitar"],
        ["jazz"] = ["choir", "electric guitar", "saxophone", "brass", "clarinet", "mallets", "flute", "electric piano"],
        ["latin"] = ["clarinet", "acoustic guitar", "flute", "brass", "mallets", "accordion", "electric guitar", "saxophone"],
        ["country"] = ["organ", "acoustic guitar", "electric guitar", "banjo", "harmonica", "accordion"],
        ["folk"] = ["acoustic guitar", "flute", "harmonica", "accordion", "banjo", "clarinet"],
        ["funk"] = ["flute", "electric piano", "organ", "electric guitar", "brass", "saxophone", "synth lead"],
        ["soul"] = ["flute", "synth pad", "electric piano", "organ", "electric guitar", "brass", "saxophone", "choir"],
        ["electronic"] = ["synth pad", "synth lead", "electric piano", "choir", "mallets"],
        ["waltz"] = ["accordion", "clarinet", "flute", "acoustic guitar", "mallets", "choir"],
        ["march"] = ["brass", "clarinet", "flute", "mallets"],
        ["polka"] = ["accordion", "clarinet", "brass"],
        ["gospel"] = ["organ", "choir", "electric piano", "saxophone"],
        [Orchestra.Genre] = ["brass", "flute", "clarinet", "choir", "organ", "mallets", "acoustic guitar"],
    };

    // Instruments that carry a tune where the genre has them. Piano and guitars accompany nearly
    // everything and are left to that.
    private static readonly string[] Leads =
        [
            "distorted guitar", "strings", "brass", "saxophone", "clarinet", "flute", "synth lead", "mallets",
            "accordion", "harmonica", "banjo", "choir"
        ];

    // General MIDI programs (from 0) that stand for an instrument when it is chosen; single strings come
    // before sections as leads.
    private static readonly Dictionary<string, int[]> Programs = new()
    {
        ["piano"] = [0, 1, 0, 3],
        ["electric piano"] = [4, 5],
        ["organ"] = [16, 17, 18, 19],
        ["accordion"] = [21, 23],
        ["harmonica"] = [22],
        ["acoustic guitar"] = [24, 25],
        ["electric guitar"] = [26, 27, 28],
        ["distorted guitar"] = [29, 30],
        ["bass"] = [32, 33, 34, 35, 36, 38, 39],
        ["strings"] = [48, 49, 44, 50],
        ["choir"] = [52, 53],
        ["brass"] = [56, 57, 59, 60, 61],
        ["saxophone"] = [64, 65, 66, 67],
        ["clarinet"] = [71],
        ["flute"] = [73, 72, 75],
        ["synth lead"] = [80, 81, 84, 87],
        ["synth pad"] = [88, 89, 90, 91, 94],
        ["mallets"] = [11, 12, 9, 13],
        ["banjo"] = [105],
    };

    private static readonly int[] SynthBasses = [38, 39];

    public static bool Allows(string genre, string instrument) =>
        instrument is "piano" or "bass" or "strings" or "drums" || Allowed[genre].Contains(instrument);

    /// <summary>Another program for the same part of the band; the same one where nothing else fits.</summary>
    public static int StandIn(int program, string genre, SeededRandom random)
    {
        if (MusicVocabulary.InstrumentOf(program) is not { } instrument)
            return random.Chance(.8) ? Any("strings", genre, random) : program;
        var others = Roles.Where(role => role.Contains(instrument))
            .SelectMany(role => role).Where(other => Allows(genre, other)).Distinct().ToList();
        if (genre == "metal" && others.Contains("distorted guitar")) return Any("distorted guitar", genre, random);
        return others.Count == 0
            ? program
            : Any(random.Chance(.4) && others.Contains(instrument) ? instrument : random.Pick(others), genre, random);
    }

    /// <summary>A program to carry the tune.</summary>
    public static int Lead(string genre, SeededRandom random)
    {
        var instrument = random.Pick([.. Leads.Where(lead => Allows(genre, lead))]);
        return instrument == "strings" ? random.Pick([40, 41, 42, 48, 110]) : Any(instrument, genre, random);
    }

    /// <summary>A program that plays the instrument.</summary>
    public static int Any(string instrument, string genre, SeededRandom random)
    {
        var programs = Programs[instrument];
        if (instrument != "bass") return random.Pick(programs);
        var isSynthetic = genre == "electronic" || (genre is "pop" or "funk" && random.Chance(.25));
        return random.Pick(isSynthetic ? SynthBasses : [.. programs.Except(SynthBasses)]);
    }
}
