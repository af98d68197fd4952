namespace OpenMU.Training.Evaluation.Text;

/// <summary>A text that was written and the texts that would have been right.</summary>
public sealed record TextPair(string Candidate, IReadOnlyList<string> References);

/// <summary>A BLEU score and its parts.</summary>
/// <param name="Score">0 to 1, or 0 to 100 from <see cref="SacreBleu"/>.</param>
/// <param name="Precisions">Of orders 1 to n, in the score's scale.</param>
/// <param name="BrevityPenalty">1 unless the candidates are shorter than the references.</param>
/// <param name="CandidateLength">Tokens.</param>
/// <param name="ReferenceLength">Tokens.</param>
public sealed record BleuScore(double Score, IReadOnlyList<double> Precisions, double BrevityPenalty, int CandidateLength, int ReferenceLength);

/// <summary>
/// BLEU (Papineni et al., 2002) as Hugging Face's evaluate computes it, which the published figures use: over a corpus, words of
/// <see cref="Mteval13a"/>, case kept, geometric mean of the orders 1 to n, the shortest reference counts for the brevity penalty.
/// </summary>
public static class Bleu
{
    /// <summary>Scores a corpus. Without smoothing a missing order makes the score 0, as it does an empty corpus.</summary>
    /// <param name="pairs">Texts; a corpus of one is a sentence.</param>
    /// <param name="order">Longest run of words that is compared.</param>
    /// <param name="smooth">Add one to every count (Lin and Och, 2004).</param>
    public static BleuScore Score(IEnumerable<TextPair> pairs, int order = 4, bool smooth = false) => Scores(pairs, order, smooth)[^1];

    /// <summary>BLEU-1 to BLEU-n of a corpus, in one pass over its texts.</summary>
    public static IReadOnlyList<BleuScore> Scores(IEnumerable<TextPair> pairs, int order = 4, bool smooth = false)
    {
        var counts = BleuCounts.Of(pairs, order, (candidate, references) => references.Min());
        var added = smooth ? 1.0 : 0.0;
        double[] precisions = [.. counts.Matches.Zip(counts.Possible, (match, all) => all + added > 0 ? (match + added) / (all + added) : 0)];
        var penalty = counts.CandidateLength > counts.ReferenceLength ? 1 : counts.CandidateLength == 0 ? 0 : Math.Exp(1 - (double)counts.ReferenceLength / counts.CandidateLength);
        return [.. Enumerable.Range(1, order).Select(n =>
        {
            var mean = precisions[..n].Min() > 0 ? Math.Exp(precisions[..n].Average(Math.Log)) : 0;
            return new BleuScore(mean * penalty, precisions[..n], penalty, counts.CandidateLength, counts.ReferenceLength);
        })];
    }
}
