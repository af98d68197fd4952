using static OpenMU.Training.Synthesis.OrchestraVoicing;

namespace OpenMU.Training.Synthesis;

/// <summary>How each orchestral family is scored: its parts, and who carries its tunes.</summary>
internal static class OrchestraScores
{
    // General MIDI programs from 0.
    private static readonly int[]
        Piano = [0, 0, 1], Harpsichord = [6], Celesta = [8], Bells = [9, 10, 14], Organ = [19, 19, 20], Guitar = [24],
        Harp = [46], Timpani = [47], Kit = [48],
        Strings = [48, 48, 49], SoftStrings = [49, 48, 50], Tremolo = [44], Pizzicato = [45], Violin = [40],
        Viola = [41], Cello = [42], Basses = [43], LowStrings = [42, 43, 48],
        Choir = [52, 52, 53], Brass = [61, 61, 60], Horn = [60], Trumpet = [56], Trombone = [57], LowBrass = [57, 58],
        Flute = [73], Clarinet = [71], Reeds = [68, 70, 71], Winds = [71, 73, 68, 60];

    private static readonly string[] Held = ["x-------"], HeldInThree = ["x-----"], Halves = ["x---x---", "x-------"],
        Steady = ["x"], WaltzChords = ["..x.x.", "..x-x-"];

    // A held bass, a held chord, and what stirs above: parts that several families have.
    private static readonly OrchestraPart
        HeldBass = new(1, LowStrings, Held, Bass, 36, 72),
        HeldStrings = new(1, SoftStrings, Held, Close, 55, 66),
        HighStrings = new(.5, Strings, Held, Line, 72, 62),
        QuietHorn = new(.3, Horn, Held, Line, 52, 60),
        SoftHarp = new(.3, Harp, Steady, Arpeggio, 52, 66);

    private static OrchestraPart Strike(double probability, int key, int velocity, params string[] rhythms) =>
        new(probability, Kit, rhythms, Struck, key, velocity);

    private static OrchestraPart Drum(double probability, params string[] rhythms) =>
        new(probability, Timpani, rhythms, Bass, 38, 92);

    /// <summary>The parts that a piece of the family may have, by the family's name.</summary>
    public static IReadOnlyDictionary<string, OrchestraPart[]> Parts { get; } = new Dictionary<string, OrchestraPart[]>
    {
        ["battle"] =
        [
            new(1, LowStrings, ["xxxxxxxx", "x.xxx.xx", "xxttxxtt", "xttxttxx"], Ostinato, 38, 94),
            new(1, [43, 58, 57], Halves, Octaves, 29, 84),
            new(.85, Brass, ["x.......", "x--x--x-", "x...x.xx", "x---x-x-"], Full, 53, 94),
            new(.5, Tremolo, Held, Close, 64, 70),
            new(.4, Strings, ["xxxxxxxx", "tttttttt"], Ostinato, 62, 82),
            new(.35, Choir, Held, Close, 60, 84),
            Drum(.7, "x...x.xx", "x.xxx.xx", "x.....tt"),
            Strike(.45, 38, 84, "x.xxx.xt", "xtxtxxxx", "..x...x."),
            Strike(.4, 36, 92, "x...x...", "x..x..x."),
            Strike(.25, 57, 74, "x......."),
        ],
        ["heroic"] =
        [
            new(1, Brass, ["x--xx---", "x---x-x-", "x-------", "x-xxx---"], Full, 53, 92),
            new(1, [58, 43, 42], Halves, Octaves, 29, 84),
            new(.8, Strings, ["x-------", "xxxxxxxx", "x-x-x-x-"], Close, 60, 74),
            new(.5, Strings, ["tttttttt", "xxxxxxxx"], Arpeggio, 60, 68),
            new(.35, Flute, ["xxxxxxxx"], Arpeggio, 72, 70),
            new(.3, Choir, Held, Close, 60, 78),
            Drum(.6, "x...x...", "x...x.xx", "x-....tt"),
            Strike(.3, 38, 78, "x.xxx.xx", "x..xx..x"),
            Strike(.25, 57, 76, "x......."),
        ],
        ["lament"] =
        [
            HeldBass,
            HeldStrings,
            HighStrings,
            new(.4, Viola, ["x---x---", "x-x-x-x-"], Broken, 55, 62),
            new(.25, Harp, ["x-x-x-x-"], Arpeggio, 48, 62),
            new(.3, Choir, Held, Close, 57, 62),
            new(.25, Piano, ["x---x---"], Close, 52, 60),
        ],
        ["requiem"] =
        [
            new(1, Choir, ["x-------", "x---x---"], Close, 57, 86),
            new(.55, Choir, Held, Octaves, 43, 78),
            new(.65, Organ, Held, Full, 55, 72),
            new(.7, LowStrings, Held, Octaves, 31, 76),
            new(.35, Strings, Halves, Close, 60, 66),
            new(.3, [14], ["x......."], Bass, 60, 74),
            Drum(.25, "x.......", "x.....xx"),
            new(.25, LowBrass, Held, Bass, 41, 72),
        ],
        ["pastorale"] =
        [
            HeldStrings,
            new(.7, Basses, ["x-------", "x---x---"], Bass, 33, 66),
            new(1, Winds, ["x---x---", "x-x-x-x-", "x-------"], Close, 62, 72),
            new(.6, Flute, ["x-x-x-x-", "..xxx-..", "xxxxxxxx"], Arpeggio, 67, 70),
            new(.5, Clarinet, ["xxxxxxxx", "x-x-x-x-"], Broken, 57, 68),
            SoftHarp,
            QuietHorn,
        ],
        ["mystery"] =
        [
            new(1, LowStrings, Held, Octaves, 31, 74),
            new(.7, Tremolo, Held, Close, 57, 64),
            new(.6, Choir, Held, Close, 60, 66),
            new(.55, SoftStrings, Held, Full, 60, 64),
            new(.35, Celesta, ["x.......", "..x...x.", "x.x.x..."], Arpeggio, 67, 64),
            new(.3, [70, 71], ["x---x---", "x-----x-"], Ostinato, 48, 66),
            new(.25, Piano, ["x.......", "x...x..."], Octaves, 33, 70),
            Drum(.3, "tt......", "x......."),
            QuietHorn,
        ],
        ["romance"] =
        [
            new(1, Piano, Steady, Arpeggio, 45, 72),
            HeldStrings,
            new(.7, Cello, Halves, Bass, 36, 68),
            HighStrings,
            new(.3, Reeds, ["x-------", "....x---"], Line, 64, 62),
            QuietHorn,
        ],
        ["concertwaltz"] =
        [
            new(1, [43, 45, 42], ["x-....", "x.....", "x-----"], Bass, 33, 82),
            new(1, Strings, WaltzChords, Close, 57, 72),
            new(.5, Horn, WaltzChords, Close, 53, 62),
            new(.5, [73, 71], ["x-----", "x---x-", "xxxxxx"], Arpeggio, 69, 70),
            new(.3, Harp, ["xxxxxx"], Arpeggio, 52, 64),
            new(.2, Bells, ["x....."], Line, 79, 66),
            Drum(.2, "x....."),
        ],
        ["barcarolle"] =
        [
            new(1, LowStrings, HeldInThree, Bass, 36, 72),
            new(1, [48, 49, 45, 46], ["xxx", "x.xx.x", "x-xx-x"], Arpeggio, 52, 70),
            new(.6, SoftStrings, ["x-----", "x--x--"], Close, 60, 62),
            new(.5, Clarinet, ["x--x--", "x-x"], Line, 60, 66),
            new(.35, Flute, ["x-xx-x", "x--"], Arpeggio, 69, 66),
            new(.3, Horn, HeldInThree, Line, 53, 58),
        ],
        ["pizzicato"] =
        [
            new(1, Pizzicato, ["..x...x.", ".xx..xx.", "x.x.x.x.", "xxxxxxxx"], Close, 57, 88),
            new(1, [45, 43, 70], ["x...x...", "x.x.x.x."], Bass, 36, 86),
            new(.6, Clarinet, ["x.x.xx..", "..xx..xx", "x...x.x."], Broken, 60, 76),
            new(.45, Flute, ["xx..xx..", "..x...xx"], Arpeggio, 72, 74),
            new(.35, [12, 9, 13], ["x.x.x.xx", "..x...x."], Arpeggio, 67, 76),
            new(.25, Strings, ["x-------"], Line, 67, 60),
            new(.25, [70], ["x.xxx.x."], Ostinato, 43, 76),
        ],
        ["quartet"] =
        [
            new(1, Cello, ["x-x-x-x-", "x---x---", "x-......", "xxxxxxxx"], Bass, 36, 80),
            new(1, Viola, ["xxxxxxxx", "x-x-x-x-", ".x.x.x.x"], Broken, 55, 72),
            new(.9, Violin, ["x---x---", "x-x-x-x-", "x-------"], Line, 64, 76),
            new(.55, Violin, ["xxxxxxxx", "x-x-x-xx"], Arpeggio, 67, 70),
            new(.5, Piano, ["x-......", "xxxxxxxx", "x---x---"], Close, 55, 70),
            new(.3, [71, 73], ["x---x---", "x-x-x-x-"], Line, 64, 72),
        ],
        ["sonatina"] =
        [
            new(1, Piano, ["xxxxxxxx", "tttttttt"], Broken, 52, 76),
            new(.6, Piano, ["x-------", "x---x---"], Bass, 36, 74),
            new(.45, Piano, ["x-x-x-xx", "x..xx..x", "xxxxxxxx"], Arpeggio, 67, 80),
            new(.15, Harpsichord, ["xxxxxxxx"], Arpeggio, 60, 72),
            new(.2, SoftStrings, Held, Close, 60, 54),
        ],
        ["prelude"] =
        [
            new(1, Piano, ["xxxxxxxx", "tttttttt", "x-xxxxxx"], Arpeggio, 45, 74),
            new(1, Piano, ["x-------", "x---x---"], Octaves, 29, 70),
            new(.4, Piano, ["x---x---", "x-----x-"], Line, 69, 78),
            new(.15, SoftStrings, Held, Close, 60, 54),
        ],
        ["musicbox"] =
        [
            new(1, Harp, ["xxxxxx", "x-x-x-"], Arpeggio, 48, 76),
            new(1, [8, 10, 11, 9], ["x.x.x.", "..x.x.", "x-----", "xxxxxx"], Arpeggio, 67, 76),
            new(.65, SoftStrings, HeldInThree, Close, 57, 62),
            new(.3, Flute, ["x-----", "x---x-"], Line, 69, 66),
            new(.3, Choir, HeldInThree, Close, 60, 60),
            new(.35, Pizzicato, ["x.....", "x.x.x."], Bass, 43, 76),
        ],
        ["chorale"] =
        [
            new(1, Brass, ["x-x-x-x-", "x---x---", "x---x-x-"], Close, 55, 82),
            new(1, LowBrass, ["x-x-x-x-", "x---x---"], Bass, 36, 80),
            new(.5, Trumpet, ["x---x---", "x-------"], Line, 64, 78),
            new(.5, Organ, Held, Full, 55, 66),
            new(.45, Strings, Halves, Close, 60, 64),
            new(.3, Choir, Halves, Close, 57, 74),
            Drum(.3, "x.......", "......tt"),
        ],
        ["minstrel"] =
        [
            new(1, [24, 45, 24, 25], ["x.xx.x", "xxx", "x-x"], Arpeggio, 52, 82),
            new(.3, Harp, ["x-x", "xxx"], Broken, 55, 72),
            new(.6, [42, 41, 109], ["x-----"], Bass, 43, 66),
            new(.6, [74, 75, 73], ["x-xx-x", "x--x--"], Line, 67, 72),
            new(.5, Harpsichord, ["x--x-x", "x-xxxx"], Close, 57, 68),
            new(.5, SoftStrings, HeldInThree, Close, 55, 56),
            Strike(.3, 54, 70, "x.xx.x"),
            Strike(.25, 36, 74, "x--x-x"),
        ],
        ["parade"] =
        [
            new(1, Brass, ["..x...x.", "x-x-x-x-", "x--xx-x-"], Close, 55, 86),
            new(1, [58, 57, 43], ["x...x...", "x-..x-.."], Bass, 31, 90),
            new(.6, Trumpet, ["x--xx-x-", "x-xxx-xx"], Arpeggio, 62, 86),
            new(.75, Strings, ["x-x-x-x-", "xxxxxxxx"], Close, 62, 74),
            new(.4, [72, 73], ["xxxxxxxx", "x-xxx-xx"], Arpeggio, 74, 74),
            Drum(.5, "x...x...", "x...x.xx"),
            Strike(.55, 38, 84, "x.xtx.xt", "x.xxx.xx", "xtxxxtxx"),
            Strike(.45, 36, 88, "x...x..."),
            Strike(.3, 57, 70, "x......."),
        ],
        ["voyage"] =
        [
            new(1, [48, 42, 44], ["xxx", "xttxxx", "x.xx.x"], Ostinato, 45, 84),
            new(1, [60, 61, 57], ["x--x--", "x-----", "x-xx-x"], Close, 55, 86),
            new(1, [43, 58], ["x--x--", "x-----"], Bass, 31, 84),
            new(.6, Strings, ["x-----", "x-xx-x"], Full, 60, 72),
            new(.45, Flute, ["xxxxxx"], Arpeggio, 72, 72),
            new(.35, Choir, HeldInThree, Close, 60, 80),
            Drum(.5, "x..x..", "x..xxx"),
            Strike(.35, 38, 78, "x.xx.x", "xxxx.t"),
            Strike(.25, 57, 74, "x....."),
        ],
        ["anthem"] =
        [
            new(1, Choir, ["x---x---", "x-x-x---"], Close, 57, 88),
            new(.8, Strings, ["x-------", "x-x-x-x-", "tttttttt"], Close, 62, 74),
            new(.8, [60, 57, 61], ["x-------", "x---x---", "x--xx---"], Full, 55, 84),
            new(1, [43, 58, 42], Halves, Octaves, 29, 82),
            new(.3, Organ, Held, Full, 55, 70),
            Drum(.5, "x...x...", "x.....tt"),
            Strike(.3, 57, 74, "x......."),
        ],
        ["assault"] =
        [
            new(1, [48, 44, 42], ["ttxxttxx", "xxxxxxxx", "x.xxx.x."], Ostinato, 43, 92),
            new(.8, [57, 58, 61], ["x-..x-..", "x--x--x-", "x-------"], Octaves, 34, 94),
            new(.7, [60, 61, 56], ["x---x---", "....x.xx", "x-------"], Close, 55, 90),
            new(.5, Choir, ["x---x---", "x..x..x."], Close, 57, 86),
            Drum(.7, "x.x.x.tt", "xxx.xxx."),
            Strike(.4, 36, 92, "x.x.x.x.", "x..x..xx"),
            Strike(.3, 38, 82, "..x...xt"),
        ],
        ["elegy"] =
        [
            new(1, SoftStrings, ["x-------", "x---x---"], Full, 57, 68),
            new(.6, Choir, Held, Close, 60, 62),
            new(.5, Cello, ["x---x---", "x-----x-"], Bass, 36, 72),
            new(.4, Reeds, ["x-------", "....x---"], Line, 62, 64),
            new(.3, Harp, ["x-x-x-x-"], Broken, 52, 62),
        ],
        ["minuet"] =
        [
            new(1, Cello, ["x-x-x-", "x---x-"], Bass, 36, 78),
            new(1, Strings, ["x-x-x-", "..x.x.", "x---x-"], Close, 57, 72),
            new(.6, Reeds, ["x-----", "x-x-x-"], Line, 62, 68),
            new(.5, [6, 6, 0], ["xxxxxx", "x-x-x-"], Arpeggio, 57, 70),
            new(.4, Flute, ["x---x-", "xxxxxx"], Arpeggio, 69, 70),
        ],
        ["nocturne"] =
        [
            new(1, Piano, ["xxxxxxxx", "x-xxx-xx"], Arpeggio, 41, 72),
            new(.6, Cello, Held, Line, 48, 68),
            new(.5, SoftStrings, Held, Close, 60, 58),
            new(.3, Piano, ["....x---", "x-----x-"], Line, 72, 74),
        ],
    };

    /// <summary>
    /// Programs of General MIDI (from 0) that carry the tune where a piece has one, by the family's name.
    /// </summary>
    public static IReadOnlyDictionary<string, int[]> Soloists { get; } = new Dictionary<string, int[]>
    {
        ["battle"] = [60, 56, 61, 48, 57],
        ["heroic"] = [60, 56, 61, 61, 48],
        ["lament"] = [40, 42, 73, 71, 68, 69, 40],
        ["requiem"] = [52, 48, 42, 52],
        ["pastorale"] = [73, 68, 71, 60, 40],
        ["mystery"] = [71, 69, 42, 73, 52, 8],
        ["romance"] = [40, 42, 48, 68, 71],
        ["concertwaltz"] = [48, 40, 73, 71],
        ["barcarolle"] = [40, 71, 73, 48, 68],
        ["pizzicato"] = [71, 73, 70, 45, 72],
        ["quartet"] = [40],
        ["sonatina"] = [0],
        ["prelude"] = [0],
        ["musicbox"] = [8, 10, 73, 9],
        ["chorale"] = [56, 60, 61],
        ["minstrel"] = [73, 74, 75, 68, 40],
        ["parade"] = [56, 61, 72, 48],
        ["voyage"] = [60, 48, 73, 56],
        ["anthem"] = [52, 56, 60, 48],
        ["assault"] = [60, 61, 48],
        ["elegy"] = [42, 40, 68, 71],
        ["minuet"] = [40, 68, 73],
        ["nocturne"] = [0, 42, 40],
    };
}
