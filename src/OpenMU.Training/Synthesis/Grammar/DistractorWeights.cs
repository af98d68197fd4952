using System.Globalization;
using OpenMU.Music;
using OpenMU.Training.Data;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>
/// How often labels are to be wrong options, so that a question cannot be answered without the music: nobody gains by
/// preferring the piano. The weights are the odds of being true of a clip (share over one minus share), moved until
/// each label was right in about a quarter of the questions that showed it.
/// </summary>
internal static class DistractorWeights
{
    private static readonly Dictionary<string, double> Of = WordList.Read("distractors.txt")["weights"]
        .Select(line => line.Split('\t'))
        .ToDictionary(
            fields => fields[0], fields => double.Parse(fields[1], CultureInfo.InvariantCulture),
            StringComparer.Ordinal);

    /// <summary>
    /// Instruments that are not in the clip, in an order drawn by their odds. Bass and drums, which nearly every clip
    /// has, are never asked for.
    /// </summary>
    public static List<string> MissingInstruments(ClipTruth truth, SeededRandom random) =>
        Drawn(MusicVocabulary.Instruments.Select(label => label.Name)
            .Where(name => name is not ("bass" or "drums") && !truth.Instruments.Contains(name)), random);

    /// <summary>Moods that the clip has not, in an order drawn by their odds.</summary>
    public static List<string> OtherMoods(ClipTruth truth, SeededRandom random) =>
        Drawn(MusicVocabulary.Moods.Select(label => label.Name).Where(name => !truth.Moods.Contains(name)), random);

    // Sampling without replacement by exponential races (Efraimidis and Spirakis, 2006).
    private static List<string> Drawn(IEnumerable<string> names, SeededRandom random) => [.. names
        .Select(name => (name, time: -Math.Log(1 - random.NextDouble()) / Of[name]))
        .OrderBy(pair => pair.time)
        .Select(pair => pair.name)];
}
