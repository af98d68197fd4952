namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// chrF2 (Popovic, 2015) as sacrebleu computes it, 0 to 100: F-score of runs of 1 to 6 characters without
/// blanks, recall weighed twice.
/// </summary>
public static class ChrF
{
    private const int Order = 6;
    private const double Weight = 4;

    /// <summary>
    /// Over a corpus: the counts of all texts together, each against the reference that suits it best.
    /// </summary>
    public static double Score(IEnumerable<TextPair> pairs)
    {
        return pairs.AsParallel()
            .Select(pair =>
                pair.References.Select(reference => Compare(pair.Candidate, reference)).MaxBy(counts => counts.Score)!)
            .Aggregate(new Counts(), (sum, counts) => sum.Plus(counts)).Score;
    }

    private static Counts Compare(string candidate, string reference)
    {
        var counts = new Counts();
        var (candidateRunes, referenceRunes) = (Characters(candidate), Characters(reference));
        for (var n = 1; n <= Order; n++)
        {
            var (ours, theirs) = (NGrams.Count(candidateRunes, n), NGrams.Count(referenceRunes, n));
            // Runs that the reference is too short for are not held against the candidate.
            counts.Candidate[n - 1] = theirs.Count == 0 ? 0 : ours.Values.Sum();
            counts.Reference[n - 1] = theirs.Values.Sum();
            counts.Matches[n - 1] = NGrams.Overlap(ours, theirs);
        }
        return counts;
    }

    private static string[] Characters(string text) =>
        [.. text.EnumerateRunes().Where(rune => !System.Text.Rune.IsWhiteSpace(rune)).Select(rune => rune.ToString())];

    private sealed class Counts
    {
        public int[] Candidate { get; private init; } = new int[Order];
        public int[] Reference { get; private init; } = new int[Order];
        public int[] Matches { get; private init; } = new int[Order];

        public double Score
        {
            get
            {
                var orders = Enumerable.Range(0, Order).Where(n => Candidate[n] > 0 && Reference[n] > 0).ToArray();
                if (orders.Length == 0) return 0;
                var precision = orders.Average(n => (double)Matches[n] / Candidate[n]);
                var recall = orders.Average(n => (double)Matches[n] / Reference[n]);
                return precision + recall > 0
                    ? 100 * (1 + Weight) * precision * recall / (Weight * precision + recall)
                    : 0;
            }
        }

        public Counts Plus(Counts other)
        {
            static int[] Add(int[] a, int[] b) => [.. a.Zip(b, (x, y) => x + y)];
            return new()
            {
                Candidate = Add(Candidate, other.Candidate),
                Reference = Add(Reference, other.Reference),
                Matches = Add(Matches, other.Matches)
            };
        }
    }
}
