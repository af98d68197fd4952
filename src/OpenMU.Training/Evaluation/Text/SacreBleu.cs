namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// BLEU as sacrebleu computes it (Post, 2018), 0 to 100: <see cref="Mteval13a"/>, the reference whose length lies closest counts, and an order
/// without a match counts half of one match, a quarter the next time (exponential smoothing).
/// </summary>
public static class SacreBleu
{
    private const int Order = 4;

    /// <summary>Over a corpus.</summary>
    public static BleuScore Corpus(IEnumerable<TextPair> pairs) => Score(pairs, effectiveOrder: false);

    /// <summary>Of one text: orders longer than the text are left out of the mean.</summary>
    public static BleuScore Sentence(TextPair pair) => Score([pair], effectiveOrder: true);

    private static BleuScore Score(IEnumerable<TextPair> pairs, bool effectiveOrder)
    {
        var trimmed = pairs.Select(pair => new TextPair(pair.Candidate.TrimEnd(), [.. pair.References.Select(reference => reference.TrimEnd())]));
        var (matches, possible, candidateLength, referenceLength) = BleuCounts.Of(
            trimmed, Order, (candidate, references) => references.OrderBy(length => Math.Abs(length - candidate)).ThenBy(length => length).First());
        var penalty = candidateLength >= referenceLength ? 1 : candidateLength == 0 ? 0 : Math.Exp(1 - (double)referenceLength / candidateLength);
        var (precisions, order) = Precisions(matches, possible, effectiveOrder);
        var score = matches.Sum() == 0 || precisions.Take(order).Min() == 0 ? 0 : penalty * Math.Exp(precisions.Take(order).Average(Math.Log));
        return new(score, precisions, penalty, candidateLength, referenceLength);
    }

    private static (double[] Precisions, int Order) Precisions(int[] matches, int[] possible, bool effectiveOrder)
    {
        var precisions = new double[Order];
        if (matches.Sum() == 0) return (precisions, Order);
        var (divisor, order) = (1.0, Order);
        for (var n = 0; n < Order && possible[n] > 0; n++)
        {
            if (effectiveOrder) order = n + 1;
            if (matches[n] == 0) divisor *= 2;
            precisions[n] = matches[n] == 0 ? 100 / (divisor * possible[n]) : 100.0 * matches[n] / possible[n];
        }
        return (precisions, order);
    }
}
