using OpenMU.Music;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>One thing that can be said of music and checked against its truth.</summary>
/// <param name="Aspect">One of <see cref="Aspects"/>.</param>
/// <param name="Value">Its label; keys as pitch class and mode, so that C# and Db are one.</param>
public readonly record struct Fact(string Aspect, string Value)
{
    public const string Genre = "genre", Instrument = "instrument", Mood = "mood", TempoClass = "tempo class",
        Metre = "metre", Key = "key", Mode = "mode";

    /// <summary>A key, however it is spelled.</summary>
    public static Fact OfKey(MusicalKey key) => new(Key, $"{key.Tonic} {key.Mode}");

    /// <summary>Every aspect, in the order of tables.</summary>
    public static IReadOnlyList<string> Aspects { get; } = [Genre, Instrument, Mood, TempoClass, Metre, Key, Mode];
}

/// <summary>
/// How true a text is. Precision: share of the facts it states that are true of the clip. Recall: share of the facts in
/// the reference text that it states, so that a short caption is not blamed for what no caption says. Both are taken
/// over all aspects together.
/// </summary>
/// <param name="Precision">0 to 1; 0 for a text that states nothing.</param>
/// <param name="Recall">0 to 1.</param>
public readonly record struct FactScore(double Precision, double Recall)
{
    /// <summary>The factual score: the harmonic mean.</summary>
    public double F => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    /// <summary>
    /// Scores stated facts; null where the reference text states none that is true, so that there is
    /// nothing to be right about.
    /// </summary>
    /// <param name="stated">Of the text.</param>
    /// <param name="expected">Of the reference text.</param>
    /// <param name="truth">Of the clip.</param>
    public static FactScore? Of(IEnumerable<Fact> stated, IEnumerable<Fact> expected, IReadOnlySet<Fact> truth)
    {
        var said = stated.ToHashSet();
        var wanted = expected.Where(truth.Contains).ToHashSet();
        if (wanted.Count == 0) return null;
        return new(
            said.Count == 0 ? 0 : (double)said.Count(truth.Contains) / said.Count,
            (double)wanted.Count(said.Contains) / wanted.Count);
    }

    /// <summary>
    /// The score of one aspect alone. Of an aspect with a single true value, F is 1 for that value alone, less where
    /// others are named beside it.
    /// </summary>
    public static FactScore? Of(
        string aspect, IEnumerable<Fact> stated, IEnumerable<Fact> expected, IReadOnlySet<Fact> truth)
        => Of(stated.Where(fact => fact.Aspect == aspect), expected.Where(fact => fact.Aspect == aspect), truth);
}
