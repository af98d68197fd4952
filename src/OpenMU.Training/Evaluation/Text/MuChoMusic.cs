using System.Text.RegularExpressions;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>Results of a set of multiple-choice questions.</summary>
/// <param name="Questions">How many were asked.</param>
/// <param name="Accuracy">Share answered rightly; what was not answered is wrong.</param>
/// <param name="InstructionFollowingRate">Share answered at all.</param>
public sealed record ChoiceScore(int Questions, double Accuracy, double InstructionFollowingRate);

/// <summary>
/// Reads answers to multiple-choice questions: as MuChoMusic's scorer does (Weck et al., 2024), and by two plain rules.
/// </summary>
public static partial class MuChoMusic
{
    /// <summary>What the prompt ends with; an answer may repeat it.</summary>
    public const string AnswerPrefix = "The correct answer is:";

    /// <summary>Of the options, in their order.</summary>
    public const string Letters = "ABCDEFGHIJ";

    /// <summary>The prompt of a question.</summary>
    public static string Prompt(string question, IReadOnlyList<string> options)
        => $"Question: {question}\n Options: "
            + $"{string.Concat(options.Select((option, i) => $"({Letters[i]}) {option} "))}\n {AnswerPrefix} ";

    /// <summary>
    /// The published rule: which option was chosen; null for none. If just one of the letters of the options occurs,
    /// wherever it does - "Both" says B -, it is the choice; else the first option whose words occur.
    /// </summary>
    public static int? Choice(string answer, IReadOnlyList<string> options)
    {
        var said = answer.Split(AnswerPrefix)[^1].Trim();
        char[] letters = [.. Letters.Take(options.Count).Where(said.Contains)];
        if (letters.Length == 1) return Letters.IndexOf(letters[0], StringComparison.Ordinal);
        var lower = said.ToLowerInvariant();
        for (var i = 0; i < options.Count; i++)
        {
            if (lower.Contains(options[i].ToLowerInvariant().Trim(), StringComparison.Ordinal)) return i;
        }
        return null;
    }

    /// <summary>
    /// The first capital letter of an option, A to D where there are four, wherever it stands: "Answer: D" says A. Null
    /// where there is none.
    /// </summary>
    public static int? FirstCapital(string answer, int options = 4)
    {
        var said = answer.Split(AnswerPrefix)[^1];
        var at = said.AsSpan().IndexOfAnyInRange('A', Letters[options - 1]);
        return at < 0 ? null : said[at] - 'A';
    }

    /// <summary>
    /// The options' own words: the one option all of whose words are in the answer, and beside which no other has words
    /// there that it lacks; where there is none, the one letter that stands alone, with or without brackets, and does
    /// not begin a sentence ("A slow piece"). Null for none, or several.
    /// </summary>
    public static int? OwnWords(string answer, IReadOnlyList<string> options)
    {
        var said = answer.Split(AnswerPrefix)[^1];
        var words = Words(said);
        HashSet<string>[] own = [.. options.Select(Words)];
        int[] named = [.. Enumerable.Range(0, options.Count).Where(i => own[i].Count > 0 && own[i].IsSubsetOf(words)
            && own.All(other => !other.Except(own[i]).Any(words.Contains)))];
        if (named.Length == 1) return named[0];
        int[] letters = [.. LoneLetter().Matches(said).Select(match => match.Groups[1].Value[0] - 'A')
            .Where(letter => letter < options.Count).Distinct()];
        return letters is [var only] ? only : null;
    }

    private static HashSet<string> Words(string text)
        => [.. Word().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<![\w'])([A-J])(?![\w'])(?! (?!or\b|and\b)[a-z])")]
    private static partial Regex LoneLetter();

    /// <summary>Scores choices against the right ones.</summary>
    public static ChoiceScore Score(IReadOnlyCollection<(int? Chosen, int Right)> answers)
        => answers.Count == 0 ? new(0, 0, 0) : new(
            answers.Count, answers.Average(answer => answer.Chosen == answer.Right ? 1.0 : 0),
            answers.Average(answer => answer.Chosen is null ? 0.0 : 1));
}
