using OpenMU.Training.Evaluation;
using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

/// <summary>
/// Multiple choice must need the music: a guesser who has read other questions, and hears nothing, gets
/// about a quarter right.
/// </summary>
public class TextOnlyGuessTests
{
    [Fact]
    public void Knowing_which_genres_were_right_elsewhere_does_not_help()
    {
        var records = Enumerable.Range(0, 2000).Select(RecordWriterTests.Truth).SelectMany(RecordWriter.Write)
            .Where(record => record.Task == BenchRecord.Choice && record.Instruction.Split('\n')[0].Contains("genre"))
            .ToList();
        var learnt = records.Take(records.Count / 2)
            .SelectMany(record => record.Choices!.Select(option => (option, right: option == record.Answer)))
            .GroupBy(pair => pair.option)
            .ToDictionary(group => group.Key, group => (group.Count(pair => pair.right) + 1.0) / (group.Count() + 4));

        var asked = records.Skip(records.Count / 2).ToList();
        var right = asked.Count(record =>
            record.Choices!.MaxBy(option => learnt.GetValueOrDefault(option, .25)) == record.Answer);

        (right / (double)asked.Count).Should().BeInRange(.18, .33);
    }
}
