namespace OpenMU.Training.Evaluation.Text;

/// <summary>What BLEU counts over a corpus: for each order runs that match and runs that could, and the lengths of both sides in tokens.</summary>
internal sealed record BleuCounts(int[] Matches, int[] Possible, int CandidateLength, int ReferenceLength)
{
    /// <summary>Counts many texts side by side; sums of whole numbers do not depend on their order.</summary>
    /// <param name="pairs">The texts.</param>
    /// <param name="order">Longest run of words.</param>
    /// <param name="referenceLength">Length of a text and lengths of its references to the one that counts.</param>
    public static BleuCounts Of(IEnumerable<TextPair> pairs, int order, Func<int, IEnumerable<int>, int> referenceLength)
        => pairs.AsParallel().Select(pair => Of(pair, order, referenceLength)).Aggregate(new BleuCounts(new int[order], new int[order], 0, 0), Sum);

    private static BleuCounts Of(TextPair pair, int order, Func<int, IEnumerable<int>, int> referenceLength)
    {
        var candidate = Mteval13a.Tokens(pair.Candidate);
        string[][] references = [.. pair.References.Select(Mteval13a.Tokens)];
        return new(
            [.. Enumerable.Range(1, order).Select(n => NGrams.Overlap(NGrams.Count(candidate, n), NGrams.Union(references.Select(reference => NGrams.Count(reference, n)))))],
            [.. Enumerable.Range(1, order).Select(n => Math.Max(0, candidate.Length - n + 1))],
            candidate.Length, referenceLength(candidate.Length, references.Select(reference => reference.Length)));
    }

    private static BleuCounts Sum(BleuCounts one, BleuCounts other) => new(
        [.. one.Matches.Zip(other.Matches, (x, y) => x + y)], [.. one.Possible.Zip(other.Possible, (x, y) => x + y)],
        one.CandidateLength + other.CandidateLength, one.ReferenceLength + other.ReferenceLength);
}
