using System.Text.RegularExpressions;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>Precision, recall and their harmonic mean, 0 to 1.</summary>
public readonly record struct RougeScore(double Precision, double Recall, double F)
{
    internal static RougeScore Of(int matches, int candidate, int reference)
    {
        if (matches == 0) return default;
        var (precision, recall) = ((double)matches / candidate, (double)matches / reference);
        return new(precision, recall, 2 * precision * recall / (precision + recall));
    }
}

/// <summary>
/// ROUGE-1, ROUGE-2 and ROUGE-L (Lin, 2004) of a text, as google's rouge_score computes them: lower case, ASCII
/// letters and digits only.
/// </summary>
public sealed partial record Rouge(RougeScore One, RougeScore Two, RougeScore L)
{
    /// <summary>Scores a text; of several references the best F counts, for each measure by itself.</summary>
    /// <param name="pair">The texts.</param>
    /// <param name="stem">Compare stems of words over three letters. The published figures do not.</param>
    public static Rouge Score(TextPair pair, bool stem = false)
    {
        var candidate = Tokens(pair.Candidate, stem);
        string[][] references = [.. pair.References.Select(reference => Tokens(reference, stem))];
        RougeScore Best(Func<string[], RougeScore> score) => references.Select(score).MaxBy(result => result.F);
        RougeScore Runs(string[] reference, int n)
            => RougeScore.Of(
                NGrams.Overlap(NGrams.Count(candidate, n), NGrams.Count(reference, n)), candidate.Length - n + 1,
                reference.Length - n + 1);
        return new(
            Best(reference => Runs(reference, 1)), Best(reference => Runs(reference, 2)),
            Best(reference =>
                RougeScore.Of(LongestCommonSubsequence(candidate, reference), candidate.Length, reference.Length)));
    }

    private static string[] Tokens(string text, bool stem)
    {
        var words = NotAlphanumeric().Replace(text.ToLowerInvariant(), " ")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return stem ? [.. words.Select(word => word.Length > 3 ? PorterStemmer.Stem(word) : word)] : words;
    }

    private static int LongestCommonSubsequence(string[] one, string[] other)
    {
        var row = new int[other.Length + 1];
        foreach (var word in one)
        {
            var diagonal = 0;
            for (var j = 1; j < row.Length; j++)
            {
                var above = row[j];
                row[j] = word == other[j - 1] ? diagonal + 1 : Math.Max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return row[^1];
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotAlphanumeric();
}
