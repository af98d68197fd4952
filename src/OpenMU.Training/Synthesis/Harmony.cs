namespace OpenMU.Training.Synthesis;

/// <summary>Makes the chords of a piece: usual progressions of its style, and others that a small grammar of functions (tonic, predominant, dominant) writes.</summary>
internal static class Harmony
{
    // Bars of Roman numerals; a comma shares a bar. In minor, degrees count in the natural minor scale.
    private static readonly Dictionary<string, string[]> Major = new()
    {
        ["pop"] = ["I V vi IV", "I vi IV V", "I IV I V", "I iii IV V", "IV I V vi", "I ii V I", "I,V vi IV,V I", "I I IV V", "vi IV I V", "I IV ii V", "I bVII IV I"],
        ["folk"] = ["I IV I V", "I I IV I", "I V IV I", "I vi ii V", "I IV V I", "I,IV I V I", "I iii IV I"],
        ["classic"] = ["I I V7 V7", "V7 V7 I I", "I IV V7 I", "I vi ii V7", "I I IV V7", "I V7 V7 I", "IV I V7 I", "I II7 V7 I"],
        ["ragtime"] = ["I VI7 II7 V7", "I I VI7 VI7 II7 V7 I I", "I I7 IV IV I,VI7 II7,V7 I I", "III7 VI7 II7 V7"],
        ["jazz"] = ["IM7 vi7 ii7 V7", "iii7 VI7 ii7 V7", "IM7 IVM7 iii7,VI7 ii7,V7", "ii7 V7 IM7 IM7", "IM7,vi7 ii7,V7 IM7 IM7", "IM7 I7 IVM7 V7", "ii7,V7 IM7 ii7,V7 IM7", "IM7 bVIIM7 IM7 V7"],
        ["blues"] = ["I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", "I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", "I7 I7 I7 I7 IV7 IV7 I7 VI7 ii7 V7 I7 V7", "I7 I7 IV7 IV7 I7 V7 I7 V7"],
        ["funk"] = ["I7 I7 IV7 I7", "I7 IV7 I7 IV7", "I7 I7 I7 I7 IV7 IV7 I7 I7", "I7 bVII7 IV7 I7", "ii7 V7 ii7 V7", "I7 I7 bVII bVII"],
        ["electronic"] = ["I V vi IV", "IV V vi vi", "I I IV IV", "vi IV I V", "I bVII IV IV", "IVM7 iii7 ii7 I"],
        ["metal"] = ["I bVII IV I", "I IV bVII IV", "I I bVI bVII", "I V IV I", "I bIII IV I"],
        ["heroic"] = ["I bVII IV I", "I IV V I", "I bVI bVII I", "I V vi IV", "I IV I V", "I,V vi,IV I,V I", "I iii IV V", "I I bVI bVII"],
        ["epic"] = ["I bVI IV I", "I IV iv I", "I bVI bVII I", "I v IV I"],
        ["lyric"] = ["I V vi iii IV I IV V", "I vi ii V7", "I iii IV V", "I IV V7 I", "IM7 IVM7 ii V", "I,V vi,iii IV,I ii,V", "I iv I V7", "I I ii V7", "vi IV I V"],
    };

    private static readonly Dictionary<string, string[]> Minor = new()
    {
        ["pop"] = ["i iv V i", "i VI iv V", "i VII VI V", "i iv VII III", "i III iv V", "i,VI iv,V i i", "i VI III VII", "i i iv V"],
        ["folk"] = ["i VII i VII", "i iv i V", "i VI VII i", "i v iv i", "i III VII i"],
        ["classic"] = ["i i V7 V7", "V7 V7 i i", "i iv V7 i", "i VI iio V7", "i iv i V7", "iv i V7 i"],
        ["ragtime"] = ["i i V7 i", "i iv i V7", "i VI V7 i"],
        ["jazz"] = ["i7 iv7 iio V7", "i7 VIM7 iio V7", "i7 iv7 VII7 IIIM7", "iio V7 i7 i7", "i7,iv7 iio,V7 i7 i7", "i7 i7 iv7 V7"],
        ["blues"] = ["i7 i7 i7 i7 iv7 iv7 i7 i7 VI7 V7 i7 V7", "i7 iv7 i7 i7 iv7 iv7 i7 i7 V7 iv7 i7 V7"],
        ["funk"] = ["i7 i7 iv7 i7", "i7 IV7 i7 IV7", "i7 VII i7 VII", "i7 i7 VIM7 V7"],
        ["electronic"] = ["i VI III VII", "i i VI VII", "i iv VI VII", "i v VI VII", "i7 i7 iv7 iv7", "i VII VI VII"],
        ["metal"] = ["i VI VII i", "i i VI VII", "i VII VI V", "i bII i VII", "i iv VI V", "i III VII VI"],
        ["heroic"] = ["i VI III VII", "i VII VI VII", "i III VI V", "i VI VII i"],
        ["epic"] = ["i VI III VII", "i i VI VI", "i VI iv V", "i i bII i", "i iv VI V", "i III VII iv", "i VII VI V", "i i iv V7", "i v VI iv", "i,VII VI,V i i"],
        ["lyric"] = ["i iv VII III VI iio V7 i", "i VI III VII", "i VII VI V7", "i iv V7 i", "i,v VI,III iv,i V", "i VI iv V7", "i III iv V"],
    };

    private static readonly Dictionary<string, double> ShareOfMajor = new()
    {
        ["blues"] = .8,
        ["ragtime"] = .9,
        ["classic"] = .72,
        ["folk"] = .68,
        ["pop"] = .6,
        ["jazz"] = .6,
        ["funk"] = .5,
        ["electronic"] = .3,
        ["metal"] = .15,
        ["heroic"] = .75,
        ["epic"] = .1,
        ["lyric"] = .6,
    };

    public static bool DrawMajor(string style, SeededRandom random) => random.Chance(ShareOfMajor[style]);

    /// <summary>Chords of so many bars, one or two a bar: four phrases, of which the first two are alike and the last closes, again and again.</summary>
    public static IReadOnlyList<IReadOnlyList<Chord>> Write(string style, bool isMajor, int tonic, int bars, bool canShareBars, SeededRandom random)
    {
        var usual = (isMajor ? Major : Minor)[style];
        string Phrase() => random.Chance(.35) && style is not ("blues" or "metal") ? Invent(style, isMajor, random) : random.Pick(usual);
        string first = Phrase(), second = Phrase(), last = style is "blues" or "electronic" or "metal" ? first : Cadence(style, isMajor);
        List<string> numerals = [];
        for (var k = 0; numerals.Count < bars; k++) numerals.AddRange((k % 4 == 2 ? second : k % 4 == 3 ? last : first).Split(' '));
        return [.. numerals.Take(bars).Select(bar => (IReadOnlyList<Chord>)[.. bar.Split(',').Take(canShareBars ? 2 : 1).Select(numeral => Chord.Roman(numeral, tonic, !isMajor))])];
    }

    // Tonic, perhaps its substitute, predominant, dominant: four bars that lead back to the tonic.
    private static string Invent(string style, bool isMajor, SeededRandom random)
    {
        var hasSevenths = style is "jazz" or "funk";
        string[] tonics = isMajor ? ["I", "vi", "iii"] : ["i", "VI", "III"], predominants = isMajor ? ["IV", "ii", "ii"] : ["iv", "VI", "iv"];
        string[] bars = [tonics[0], random.Pick(tonics), random.Pick(predominants), random.Chance(.15) ? predominants[0] : "V"];
        if (random.Chance(.25)) (bars[1], bars[2]) = (bars[2], bars[1]);
        return string.Join(' ', bars.Select(bar => !hasSevenths ? bar : bar + (char.IsUpper(bar[0]) && bar != "V" && style == "jazz" ? "M7" : "7")));
    }

    private static string Cadence(string style, bool isMajor) => (style, isMajor) switch
    {
        ("jazz", true) => "ii7 V7 IM7 IM7",
        ("jazz", false) => "iio V7 i7 i7",
        ("funk", true) => "IV7 V7 I7 I7",
        ("funk", false) => "iv7 V7 i7 i7",
        ("epic" or "heroic", true) => "bVI bVII I I",
        ("epic" or "heroic", false) => "VI VII i i",
        ("classic" or "ragtime", true) => "IV V7 I I",
        ("classic" or "ragtime", false) => "iv V7 i i",
        (_, true) => "IV V I I",
        (_, false) => "iv V i i",
    };
}
