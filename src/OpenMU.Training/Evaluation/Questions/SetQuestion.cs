using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Evaluation.Questions;

/// <summary>A question of the set.</summary>
/// <param name="Kind">The heading that it stands under.</param>
/// <param name="Expected">What a right answer is; see <see cref="QuestionJudge"/>.</param>
/// <param name="Text">The question.</param>
public sealed record SetQuestion(string Kind, string Expected, string Text)
{
    /// <summary>The set of this project: questions.txt beside this file.</summary>
    public static IReadOnlyList<SetQuestion> All { get; } = Read("questions.txt");

    /// <summary>The same in other words, which no rule was made for: questions-reworded.txt.</summary>
    public static IReadOnlyList<SetQuestion> Reworded { get; } = Read("questions-reworded.txt");

    private static List<SetQuestion> Read(string file)
    {
        var kinds = WordList.Read(file);
        return [.. kinds.Sections.SelectMany(kind => kinds[kind].Select(line => line.Split('\t'))
            .Select(fields => new SetQuestion(kind, fields[0], fields[1])))];
    }
}
