namespace OpenMU.Training.Evaluation.Text;

/// <summary>Results of a set of multiple-choice questions.</summary>
/// <param name="Questions">How many were asked.</param>
/// <param name="Accuracy">Share answered rightly; what was not answered is wrong.</param>
/// <param name="InstructionFollowingRate">Share answered at all.</param>
public sealed record ChoiceScore(int Questions, double Accuracy, double InstructionFollowingRate);

/// <summary>Reads answers to multiple-choice questions as MuChoMusic's scorer does (Weck et al., 2024).</summary>
public static class MuChoMusic
{
    /// <summary>What the prompt ends with; an answer may repeat it.</summary>
    public const string AnswerPrefix = "The correct answer is:";

    private const string Letters = "ABCD";

    /// <summary>The prompt of a question.</summary>
    public static string Prompt(string question, IReadOnlyList<string> options)
        => $"Question: {question}\n Options: "
            + $"{string.Concat(options.Select((option, i) => $"({Letters[i]}) {option} "))}\n {AnswerPrefix} ";

    /// <summary>
    /// Which option was chosen; null for none. If just one of the letters A to D occurs, wherever it does - "Both" says
    /// B -, it is the choice; else the first option whose words occur.
    /// </summary>
    public static int? Choice(string answer, IReadOnlyList<string> options)
    {
        var said = answer.Split(AnswerPrefix)[^1].Trim();
        char[] letters = [.. Letters.Where(said.Contains)];
        if (letters.Length == 1) return Letters.IndexOf(letters[0], StringComparison.Ordinal);
        var lower = said.ToLowerInvariant();
        for (var i = 0; i < options.Count; i++)
        {
            if (lower.Contains(options[i].ToLowerInvariant().Trim(), StringComparison.Ordinal)) return i;
        }
        return null;
    }

    /// <summary>Scores choices against the right ones.</summary>
    public static ChoiceScore Score(IReadOnlyCollection<(int? Chosen, int Right)> answers)
        => answers.Count == 0 ? new(0, 0, 0) : new(
            answers.Count, answers.Average(answer => answer.Chosen == answer.Right ? 1.0 : 0),
            answers.Average(answer => answer.Chosen is null ? 0.0 : 1));
}
