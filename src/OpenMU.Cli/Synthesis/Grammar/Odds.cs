using OpenMU.Model.Bench;

namespace OpenMU.Cli.Synthesis.Grammar;

/// <summary>
/// How often labels are to be wrong options, so that a question cannot be answered without the music: nobody gains by preferring the piano. The weights are
/// the odds of being true of a clip (share over one minus share), moved until each label was right in about a quarter of the questions that showed it.
/// </summary>
internal static class Odds
{
    private static readonly Dictionary<string, double> Of = new()
    {
        ["piano"] = 1.202,
        ["strings"] = .591,
        ["electric guitar"] = .481,
        ["acoustic guitar"] = .273,
        ["organ"] = .172,
        ["brass"] = .080,
        ["distorted guitar"] = .168,
        ["choir"] = .124,
        ["mallets"] = .122,
        ["flute"] = .100,
        ["saxophone"] = .096,
        ["electric piano"] = .094,
        ["accordion"] = .062,
        ["synth lead"] = .067,
        ["clarinet"] = .055,
        ["synth pad"] = .032,
        ["harmonica"] = .031,
        ["banjo"] = .029,
        ["energetic"] = .703,
        ["happy"] = .359,
        ["calm"] = .311,
        ["groovy"] = .389,
        ["dramatic"] = .342,
        ["romantic"] = .071,
        ["playful"] = .083,
        ["dark"] = .096,
        ["solemn"] = .094,
        ["sad"] = .030,
    };

    /// <summary>Instruments that are not in the clip, in an order drawn by their odds. Bass and drums, which nearly every clip has, are never asked for.</summary>
    public static List<string> MissingInstruments(SyntheticTruth truth, Dice dice) =>
        Drawn(MusicVocabulary.Instruments.Select(label => label.Name).Where(name => name is not ("bass" or "drums") && !truth.Instruments.Contains(name)), dice);

    /// <summary>Moods that the clip has not, in an order drawn by their odds.</summary>
    public static List<string> OtherMoods(SyntheticTruth truth, Dice dice) => Drawn(MusicVocabulary.Moods.Select(label => label.Name).Where(name => !truth.Moods.Contains(name)), dice);

    // Sampling without replacement by exponential races (Efraimidis and Spirakis, 2006).
    private static List<string> Drawn(IEnumerable<string> names, Dice dice) => [.. names.Select(name => (name, time: -Math.Log(1 - dice.Roll()) / Of[name])).OrderBy(pair => pair.time).Select(pair => pair.name)];
}
