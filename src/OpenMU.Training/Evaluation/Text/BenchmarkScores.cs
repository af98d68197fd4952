using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Music;
using OpenMU.Music.Grounding;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>Scores answers to a published benchmark, by the rules of its own scorer where it has one.</summary>
/// <param name="meteor">With or without WordNet.</param>
/// <param name="system">Whose answers.</param>
public sealed partial class BenchmarkScores(Meteor meteor, string system)
{
    /// <summary>
    /// Of questions that are asked several times, with other options each time: the answer given most often is right.
    /// </summary>
    public const string Majority = "accuracy, most often chosen";

    /// <summary>Tasks that are scored; others of CMI-Bench (melody, playing techniques) are not.</summary>
    public static IReadOnlyList<string> Tasks { get; } =
    [
        BenchRecord.Choice, PublishedBenchmarks.Classes, PublishedBenchmarks.Key, PublishedBenchmarks.Beats,
        PublishedBenchmarks.Tags, PublishedBenchmarks.Score, PublishedBenchmarks.Transcription, BenchRecord.Captioning
    ];

    /// <summary>Scores of single answers, and of all answers to a task together.</summary>
    public (IReadOnlyList<ScoredExample> Examples, IReadOnlyList<ScoredExample> Corpus) Of(
        IReadOnlyList<(BenchRecord Record, string Text)> answers)
    {
        var scorer = new AnswerScores(meteor);
        List<ScoredExample> examples = [], corpus = [];
        foreach (var task in answers.GroupBy(answer => answer.Record.Task))
        {
            (BenchRecord Record, string Text)[] all = [.. task];
            string[] labels = [.. all.Select(answer => Plain(answer.Record.Output)).Distinct()];
            foreach (var (record, text) in all)
            {
                examples.AddRange(OfOne(scorer, record, text, labels).Select(score =>
                    new ScoredExample(system, task.Key, score.Measure, record.Clip ?? "", score.Score)));
            }
            corpus.AddRange(OfAll(task.Key, all).Select(score =>
                new ScoredExample(system, task.Key, score.Measure, "", score.Score)));
        }
        examples.AddRange(Majorities(answers));
        return (examples, corpus);
    }

    private static IEnumerable<(string Measure, double Score)> OfOne(
        AnswerScores scorer, BenchRecord record, string text, string[] labels)
    {
        switch (record.Task)
        {
            case PublishedBenchmarks.Classes:
                // The right label is in the answer and no other is.
                var (said, right) = (Plain(text), Plain(record.Output));
                return [("accuracy", said.Contains(right, StringComparison.Ordinal)
                    && !labels.Any(label => label != right && said.Contains(label, StringComparison.Ordinal)) ? 1 : 0)];
            case PublishedBenchmarks.Key:
                return [("weighted key score", KeyMetrics.WeightedScore(KeyOf(record.Output), KeyOf(text)))];
            case PublishedBenchmarks.Beats:
                var (reference, estimated) = (Times(record.Output), Times(text));
                var continuity = BeatMetrics.Continuity(reference, estimated);
                return [("F-measure", BeatMetrics.FMeasure(reference, estimated)), ("CMLt", continuity.CmlT),
                    ("AMLt", continuity.AmlT)];
            case PublishedBenchmarks.Transcription:
                var (words, sung) = (Words(record.Output), Words(text));
                return [("word error rate", ErrorRate(words, sung)),
                    ("character error rate", ErrorRate(string.Join(' ', words).ToCharArray(), string.Join(' ', sung).ToCharArray()))];
            case BenchRecord.Choice or BenchRecord.Captioning:
                return scorer.Of(record, text, truth: null);
            default:
                return [];
        }
    }

    private static IEnumerable<(string Measure, double Score)> OfAll(
        string task, IReadOnlyList<(BenchRecord Record, string Text)> answers) => task switch
        {
            BenchRecord.Captioning =>
                CorpusScores.Of([.. answers.Select(answer => new TextPair(answer.Text, [answer.Record.Output]))]),
            PublishedBenchmarks.Tags => LabelScores(answers),
            PublishedBenchmarks.Score => [("R2", R2(answers))],
            _ => [],
        };

    /// <summary>
    /// The mean over labels of the areas under the two curves, of predictions that are yes or no: a label is predicted
    /// where the answer has it. Labels that all or none of the sounds have are left out.
    /// </summary>
    private static IEnumerable<(string Measure, double Score)> LabelScores(
        IReadOnlyList<(BenchRecord Record, string Text)> answers)
    {
        HashSet<string>[] truths =
            [.. answers.Select(answer => answer.Record.Output.Split(',').Select(Plain).ToHashSet())];
        string[] said = [.. answers.Select(answer => Plain(answer.Text))];
        List<double> roc = [], precision = [];
        foreach (var label in truths.SelectMany(truth => truth).Distinct().Where(label => label.Length > 0))
        {
            var (hits, positives, predicted) = (0.0, 0.0, 0.0);
            for (var i = 0; i < said.Length; i++)
            {
                var (isTrue, isSaid) = (truths[i].Contains(label), said[i].Contains(label, StringComparison.Ordinal));
                hits += isTrue && isSaid ? 1 : 0;
                positives += isTrue ? 1 : 0;
                predicted += isSaid ? 1 : 0;
            }
            var negatives = said.Length - positives;
            if (negatives == 0) continue;
            var recall = hits / positives;
            roc.Add((recall + 1 - (predicted - hits) / negatives) / 2);
            precision.Add((predicted > 0 ? recall * hits / predicted : 0) + (1 - recall) * positives / said.Length);
        }
        return roc.Count == 0 ? [] : [("ROC-AUC", roc.Average()), ("PR-AUC", precision.Average())];
    }

    /// <summary>
    /// The first number from 1 to 9 of each answer (the mean where there is none), made to a mean of 0 and a deviation
    /// of 1 as the truth is.
    /// </summary>
    private static double R2(IReadOnlyList<(BenchRecord Record, string Text)> answers)
    {
        double?[] said = [.. answers.Select(answer => ScaleNumber(answer.Text))];
        double[] known = [.. said.OfType<double>()];
        if (known.Length == 0) return 0;
        var mean = known.Average();
        var deviation = Math.Sqrt(known.Average(number => Square(number - mean)));
        double[] truth =
            [.. answers.Select(answer => double.Parse(answer.Record.Output, CultureInfo.InvariantCulture))];
        double[] guess = [.. said.Select(number => deviation > 0 ? ((number ?? mean) - mean) / deviation : 0)];
        var total = truth.Sum(value => Square(value - truth.Average()));
        return total == 0 ? 0 : 1 - truth.Zip(guess, (value, number) => Square(value - number)).Sum() / total;
    }

    private static double Square(double number) => number * number;

    private static double? ScaleNumber(string text)
    {
        var rest = ScaleWords().Replace(text, " ");
        return WholeNumber().Matches(rest).Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture))
            .Where(number => number is > 0 and < 10).Select(number => (double?)number).FirstOrDefault();
    }

    private IEnumerable<ScoredExample> Majorities(IReadOnlyList<(BenchRecord Record, string Text)> answers) =>
        from answer in answers
        where answer.Record is { Task: BenchRecord.Choice, Group: not null, Choices: not null }
        let chosen = MuChoMusic.Choice(answer.Text, answer.Record.Choices!)
        let option = chosen is { } i ? answer.Record.Choices![i] : null
        group (answer.Record, Chosen: option) by answer.Record.Group into asked
        let most = asked.Where(time => time.Chosen is not null).GroupBy(time => time.Chosen)
            .MaxBy(times => times.Count())?.Key
        select new ScoredExample(
            system, BenchRecord.Choice, Majority, asked.First().Record.Clip ?? "",
            most == asked.First().Record.Answer ? 1 : 0);

    private static string? KeyOf(string text) => ClaimFinder.Find(text).OfType<KeyClaim>()
        .Where(claim => claim.IsMinor is not null)
        .Select(claim => $"{PitchClass.Name(claim.Tonic, flat: false)} {(claim.IsMinor!.Value ? "minor" : "major")}")
        .FirstOrDefault();

    private static double[] Times(string text) => [.. Time().Matches(text)
        .Select(match => (match.Groups["minutes"].Success ? 60 * Value(match, "minutes") : 0) + Value(match, "seconds"))
        .Order()];

    private static double Value(Match match, string group) =>
        double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string[] Words(string text)
        => [.. Word().Matches(text.ToLowerInvariant()).Select(word => word.Value)];

    /// <summary>
    /// Left out, put in or changed, in relation to the reference's length: more than 1 where much is put in.
    /// </summary>
    private static double ErrorRate<T>(T[] reference, T[] said)
    {
        int[] row = [.. Enumerable.Range(0, said.Length + 1)];
        for (var i = 1; i <= reference.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= said.Length; j++)
            {
                var changed = diagonal + (EqualityComparer<T>.Default.Equals(reference[i - 1], said[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return (double)row[^1] / Math.Max(1, reference.Length);
    }

    /// <summary>Letters and digits alone, as CMI-Bench compares them.</summary>
    private static string Plain(string text) => Between().Replace(text.ToLowerInvariant().Replace('#', '♯'), "");

    [GeneratedRegex(@"[-_'.\s]")]
    private static partial Regex Between();

    [GeneratedRegex(@"(?:(?<minutes>\d+):)?(?<seconds>\d+(?:\.\d+)?)")]
    private static partial Regex Time();

    [GeneratedRegex(@"[\w']+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\d+")]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"1-9 scale|from 1 to 9|out of 9|\d-point scale|\d/\d (?:time signature|beat)|Example \d")]
    private static partial Regex ScaleWords();
}
