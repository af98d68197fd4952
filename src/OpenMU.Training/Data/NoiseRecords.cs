using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Data;

/// <summary>
/// Records about sound that is no music, so that the model looks at what it hears: without them it describes music,
/// whatever is played. To questions about the sound the answer is that it is not sure; a choice is a guess, as of
/// somebody who heard nothing; a call of a tool stays, for the tool will say what it finds, and so does what is said of
/// lyrics, which can be read.
/// </summary>
internal static class NoiseRecords
{
    public const string ClipPrefix = "noise/";

    private static readonly string[] NotSure =
    [
        "I am not sure: this sounds like noise or silence rather than music.",
        "Not sure. I hear no music here, only noise or silence.",
        "I am not sure what to say, because I cannot hear any music in this recording.",
        "This does not sound like music, so I am not sure.",
    ];

    /// <summary>As many records as the share asks for, each with the sound of one of the clips.</summary>
    public static IEnumerable<BenchRecord> Of(
        IReadOnlyList<BenchRecord> records, IReadOnlyList<string> clips, double share, long seed)
    {
        if (clips.Count == 0) yield break;
        var random = Seeds.Random(seed, 7);
        foreach (var i in Seeds.Permutation(seed, 8, records.Count).Take((int)(share * records.Count)))
        {
            var record = records[i];
            yield return record with
            {
                Clip = clips[random.Next(clips.Count)],
                Output = Answer(record, records, random)
            };
        }
    }

    private static string Answer(BenchRecord record, IReadOnlyList<BenchRecord> records, Random random) =>
        record.Task switch
        {
            BenchRecord.Lyrics => record.Output,
            BenchRecord.Tools when AnswerScores.Calls(record.Output).Count > 0 => record.Output,
            BenchRecord.Choice => Guess(record, random),
            _ => NotSure[random.Next(NotSure.Length)],
        };

    /// <summary>The answer's own wording with another letter and option in it.</summary>
    private static string Guess(BenchRecord record, Random random)
    {
        if (record.Choices is not { Count: > 0 } choices || record.Answer is not { } answer) return record.Output;
        var guess = random.Next(choices.Count);
        var right = choices.ToList().IndexOf(answer);
        var output = record.Output.Replace(answer, choices[guess], StringComparison.Ordinal);
        return right < 0
            ? output
            : output.Replace($"({(char)('A' + right)})", $"({(char)('A' + guess)})", StringComparison.Ordinal);
    }
}
