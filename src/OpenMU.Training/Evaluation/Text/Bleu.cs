using System.Text.RegularExpressions;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>A text that was written and the texts that would have been right.</summary>
public sealed record TextPair(string Candidate, IReadOnlyList<string> References);

/// <summary>A BLEU score and its parts.</summary>
/// <param name="Score">0 to 1, or 0 to 100 from <see cref="SacreBleu"/>.</param>
/// <param name="Precisions">Of orders 1 to n, in the score's scale.</param>
/// <param name="BrevityPenalty">1 unless the candidates are shorter than the references.</param>
/// <param name="CandidateLength">Tokens.</param>
/// <param name="ReferenceLength">Tokens.</param>
public sealed record BleuScore(
    double Score, IReadOnlyList<double> Precisions, double BrevityPenalty, int CandidateLength, int ReferenceLength);

/// <summary>
/// BLEU (Papineni et al., 2002) as Hugging Face's evaluate computes it, which the published figures use: over a
/// corpus, words of <see cref="Mteval13a"/>, case kept, geometric mean of the orders 1 to n, the shortest reference
/// counts for the brevity penalty.
/// </summary>
public static class Bleu
{
    /// <summary>
    /// Scores a corpus. Without smoothing a missing order makes the score 0, as it does an empty corpus.
    /// </summary>
    /// <param name="pairs">Texts; a corpus of one is a sentence.</param>
    /// <param name="order">Longest run of words that is compared.</param>
    /// <param name="smooth">Add one to every count (Lin and Och, 2004).</param>
    public static BleuScore Score(IEnumerable<TextPair> pairs, int order = 4, bool smooth = false) =>
        Scores(pairs, order, smooth)[^1];

    /// <summary>BLEU-1 to BLEU-n of a corpus, in one pass over its texts.</summary>
    public static IReadOnlyList<BleuScore> Scores(IEnumerable<TextPair> pairs, int order = 4, bool smooth = false)
    {
        var counts = BleuCounts.Of(pairs, order, (candidate, references) => references.Min());
        var added = smooth ? 1.0 : 0.0;
        double[] precisions = [.. counts.Matches.Zip(
            counts.Possible, (match, all) => all + added > 0 ? (match + added) / (all + added) : 0)];
        var penalty = counts.CandidateLength > counts.ReferenceLength ? 1
            : counts.CandidateLength == 0 ? 0
            : Math.Exp(1 - (double)counts.ReferenceLength / counts.CandidateLength);
        return [.. Enumerable.Range(1, order).Select(n =>
        {
            var mean = precisions[..n].Min() > 0 ? Math.Exp(precisions[..n].Average(Math.Log)) : 0;
            return new BleuScore(
                mean * penalty, precisions[..n], penalty, counts.CandidateLength, counts.ReferenceLength);
        })];
    }
}

/// <summary>
/// BLEU as sacrebleu computes it (Post, 2018), 0 to 100: <see cref="Mteval13a"/>, the reference whose length
/// lies closest counts, and an order without a match counts half of one match, a quarter the next time
/// (exponential smoothing).
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
        var trimmed = pairs.Select(pair =>
            new TextPair(pair.Candidate.TrimEnd(), [.. pair.References.Select(reference => reference.TrimEnd())]));
        var (matches, possible, candidateLength, referenceLength) = BleuCounts.Of(
            trimmed, Order, (candidate, references) =>
                references.OrderBy(length => Math.Abs(length - candidate)).ThenBy(length => length).First());
        var penalty = candidateLength >= referenceLength ? 1
            : candidateLength == 0 ? 0
            : Math.Exp(1 - (double)referenceLength / candidateLength);
        var (precisions, order) = Precisions(matches, possible, effectiveOrder);
        var score = matches.Sum() == 0 || precisions.Take(order).Min() == 0
            ? 0
            : penalty * Math.Exp(precisions.Take(order).Average(Math.Log));
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

/// <summary>
/// What BLEU counts over a corpus: for each order runs that match and runs that could, and the lengths
/// of both sides in tokens.
/// </summary>
internal sealed record BleuCounts(int[] Matches, int[] Possible, int CandidateLength, int ReferenceLength)
{
    /// <summary>Counts many texts side by side; sums of whole numbers do not depend on their order.</summary>
    /// <param name="pairs">The texts.</param>
    /// <param name="order">Longest run of words.</param>
    /// <param name="referenceLength">Length of a text and lengths of its references to the one that counts.</param>
    public static BleuCounts Of(
        IEnumerable<TextPair> pairs, int order, Func<int, IEnumerable<int>, int> referenceLength)
        => pairs.AsParallel()
            .Select(pair => Of(pair, order, referenceLength))
            .Aggregate(new BleuCounts(new int[order], new int[order], 0, 0), Sum);

    private static BleuCounts Of(TextPair pair, int order, Func<int, IEnumerable<int>, int> referenceLength)
    {
        var candidate = Mteval13a.Tokens(pair.Candidate);
        string[][] references = [.. pair.References.Select(Mteval13a.Tokens)];
        return new(
            [.. Enumerable.Range(1, order).Select(n => NGrams.Overlap(
                NGrams.Count(candidate, n), NGrams.Union(references.Select(reference => NGrams.Count(reference, n)))))],
            [.. Enumerable.Range(1, order).Select(n => Math.Max(0, candidate.Length - n + 1))],
            candidate.Length, referenceLength(candidate.Length, references.Select(reference => reference.Length)));
    }

    private static BleuCounts Sum(BleuCounts one, BleuCounts other) => new(
        [.. one.Matches.Zip(other.Matches, (x, y) => x + y)], [.. one.Possible.Zip(other.Possible, (x, y) => x + y)],
        one.CandidateLength + other.CandidateLength, one.ReferenceLength + other.ReferenceLength);
}

/// <summary>Counts of runs of n tokens.</summary>
internal static class NGrams
{
    private const char Between = '\u001f';

    /// <summary>How often each run of <paramref name="n"/> tokens occurs.</summary>
    public static Dictionary<string, int> Count(IReadOnlyList<string> tokens, int n)
    {
        var counts = new Dictionary<string, int>();
        for (var i = 0; i + n <= tokens.Count; i++)
        {
            var run = string.Join(Between, tokens.Skip(i).Take(n));
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }
        return counts;
    }

    /// <summary>Runs that both have, as often as both have them.</summary>
    public static int Overlap(IReadOnlyDictionary<string, int> one, IReadOnlyDictionary<string, int> other) =>
        one.Sum(run => Math.Min(run.Value, other.GetValueOrDefault(run.Key)));

    /// <summary>Each run as often as the text that has it most often.</summary>
    public static Dictionary<string, int> Union(IEnumerable<IReadOnlyDictionary<string, int>> texts)
    {
        var union = new Dictionary<string, int>();
        foreach (var (run, count) in texts.SelectMany(text => text))
            union[run] = Math.Max(count, union.GetValueOrDefault(run));
        return union;
    }
}

/// <summary>
/// The tokeniser of BLEU: mteval-v13a, international marks left alone, as in sacrebleu and Hugging Face's evaluate.
/// </summary>
public static partial class Mteval13a
{
    /// <summary>Words and marks of a text, case kept.</summary>
    public static string[] Tokens(string text)
    {
        var line = text.Replace("<skipped>", "", StringComparison.Ordinal)
            .Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ');
        if (line.Contains('&'))
        {
            line = line.Replace("&quot;", "\"", StringComparison.Ordinal)
                .Replace("&amp;", "&", StringComparison.Ordinal)
                .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        }
        line = Marks().Replace($" {line} ", " $1 ");
        line = StopAfterOther().Replace(line, "$1 $2 ");
        line = StopBeforeOther().Replace(line, " $1 $2");
        line = DashAfterDigit().Replace(line, "$1 $2 ");
        return line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>ASCII marks but apostrophe, comma, hyphen and full stop.</summary>
    [GeneratedRegex(@"([{-~\[-` -&(-+:-@/])")]
    private static partial Regex Marks();

    [GeneratedRegex("([^0-9])([.,])")]
    private static partial Regex StopAfterOther();

    [GeneratedRegex("([.,])([^0-9])")]
    private static partial Regex StopBeforeOther();

    [GeneratedRegex("([0-9])(-)")]
    private static partial Regex DashAfterDigit();
}
