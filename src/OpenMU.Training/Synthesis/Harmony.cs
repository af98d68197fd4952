namespace OpenMU.Training.Synthesis;

/// <summary>
/// Makes the chords of a piece: usual progressions of its style, and others that a small grammar of functions (tonic,
/// predominant, dominant) writes.
/// </summary>
internal static class Harmony
{
    private static readonly WordList Progressions = WordList.Read("progressions.txt");

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

    /// <summary>
    /// Chords for a number of bars, one or two a bar: four phrases, of which the first two are alike and the last
    /// closes, again and again.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<Chord>> Write(
        string style, bool isMajor, int tonic, int bars, bool canShareBars, SeededRandom random)
    {
        var usual = Progressions[$"{(isMajor ? "major" : "minor")} {style}"];
        string Phrase() => random.Chance(.35) && style is not ("blues" or "metal")
            ? Invent(style, isMajor, random)
            : random.Pick(usual);
        string first = Phrase(), second = Phrase(),
            last = style is "blues" or "electronic" or "metal" ? first : Cadence(style, isMajor);
        List<string> numerals = [];
        for (var k = 0; numerals.Count < bars; k++)
            numerals.AddRange((k % 4 == 2 ? second : k % 4 == 3 ? last : first).Split(' '));
        return [.. numerals.Take(bars).Select(bar => (IReadOnlyList<Chord>)[.. bar.Split(',')
            .Take(canShareBars ? 2 : 1)
            .Select(numeral => Chord.Roman(numeral, tonic, !isMajor))])];
    }

    // Tonic, perhaps its substitute, predominant, dominant: four bars that lead back to the tonic.
    private static string Invent(string style, bool isMajor, SeededRandom random)
    {
        var hasSevenths = style is "jazz" or "funk";
        string[] tonics = isMajor ? ["I", "vi", "iii"] : ["i", "VI", "III"],
            predominants = isMajor ? ["IV", "ii", "ii"] : ["iv", "VI", "iv"];
        string[] bars =
            [tonics[0], random.Pick(tonics), random.Pick(predominants), random.Chance(.15) ? predominants[0] : "V"];
        if (random.Chance(.25)) (bars[1], bars[2]) = (bars[2], bars[1]);
        return string.Join(' ', bars.Select(bar =>
            !hasSevenths ? bar : bar + (char.IsUpper(bar[0]) && bar != "V" && style == "jazz" ? "M7" : "7")));
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
