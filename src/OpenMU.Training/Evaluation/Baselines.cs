using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>Answers that need no hearing, or no language model. What does not beat them is no understanding.</summary>
public static class Baselines
{
    /// <summary>
    /// For each task the answer that is given most often in training. Answers are alike if they state the same facts,
    /// call the same tools, name the same theme or choose the same letter; of those that are alike the first is given.
    /// </summary>
    public static Func<BenchRecord, string> MostFrequent(IEnumerable<BenchRecord> training)
    {
        var answers = training.GroupBy(record => record.Task).ToDictionary(
            task => task.Key, task => task.GroupBy(Likeness).OrderByDescending(alike => alike.Count())
                .ThenBy(alike => alike.Key, StringComparer.Ordinal).First().First().Output);
        return record => answers.GetValueOrDefault(record.Task, "");
    }

    /// <summary>
    /// The training answer about the clip that sounds most alike: to the same instruction if there is one, else to the
    /// first of the task. Of choices it takes the one that states most of what is true of that clip.
    /// </summary>
    /// <param name="training">Records of the training clips.</param>
    /// <param name="truths">By the training clips' ids.</param>
    /// <param name="neighbour">Id of a clip to id of the training clip beside it.</param>
    public static Func<BenchRecord, string> NearestNeighbour(
        IEnumerable<BenchRecord> training, IReadOnlyDictionary<string, ClipTruth> truths,
        Func<string, string?> neighbour)
    {
        var records = training.Where(record => record.Clip is not null).ToLookup(record => (record.Clip!, record.Task));
        return record =>
        {
            if (record.Clip is null || neighbour(record.Clip) is not { } beside) return "";
            if (record is { Task: BenchRecord.Choice, Choices: { } choices })
                return choices.MaxBy(choice => TextFacts.In(choice).Count(truths[beside].Facts().Contains))!;
            var answers = records[(beside, record.Task)];
            return (answers.FirstOrDefault(answer => answer.Instruction == record.Instruction)
                ?? answers.FirstOrDefault())?.Output ?? "";
        };
    }

    private static string Likeness(BenchRecord record) => record.Task switch
    {
        BenchRecord.Tools => string.Join(' ', AnswerScores.Calls(record.Output).Order(StringComparer.Ordinal)),
        BenchRecord.Lyrics => record.Answer ?? record.Output,
        BenchRecord.Choice => $"{record.Choices?.ToList().IndexOf(record.Answer ?? "")}",
        _ =>
            string.Join(' ', TextFacts.In(record.Output).Select(fact => fact.ToString()).Order(StringComparer.Ordinal)),
    };
}
