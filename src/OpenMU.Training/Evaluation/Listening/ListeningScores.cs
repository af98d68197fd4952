using System.Globalization;
using System.Text;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation.Listening;

/// <summary>What a listener chose in one trial.</summary>
/// <param name="Listener">Who.</param>
/// <param name="Trial">Number of the trial.</param>
/// <param name="Choice">The side that describes the recording better; null for neither.</param>
/// <param name="LeftUntrue">Whether the left text says something untrue.</param>
/// <param name="RightUntrue">Likewise the right.</param>
public sealed record ListeningAnswer(string Listener, int Trial, Side? Choice, bool LeftUntrue, bool RightUntrue)
{
    /// <summary>Reads what the page saved.</summary>
    /// <exception cref="InvalidDataException">The file is no such table; the message names file and row.</exception>
    public static IReadOnlyList<ListeningAnswer> ReadTable(string path)
    {
        var (answers, row) = (new List<ListeningAnswer>(), 1);
        foreach (var fields in CsvFile.Read(path))
        {
            row++;
            answers.Add(
                fields.TryGetValue("listener", out var listener) && fields.TryGetValue("choice", out var choice)
                    && int.TryParse(
                        fields.GetValueOrDefault("trial"), NumberStyles.None, CultureInfo.InvariantCulture, out var trial)
                    && bool.TryParse(fields.GetValueOrDefault("left_untrue"), out var left)
                    && bool.TryParse(fields.GetValueOrDefault("right_untrue"), out var right)
                    && choice is "left" or "same" or "right"
                    ? new ListeningAnswer(
                        listener, trial, choice switch { "left" => Side.Left, "right" => Side.Right, _ => null }, left, right)
                    : throw new InvalidDataException($"{path}, row {row} is no answer that the page saved."));
        }

        return answers;
    }
}

/// <summary>One line of the scores.</summary>
/// <param name="Measure">What.</param>
/// <param name="Percent">With its 95 % interval.</param>
/// <param name="Answers">That it was counted from.</param>
public sealed record ListeningScore(string Measure, Interval Percent, int Answers);

/// <summary>What came of a <see cref="ListeningTest"/>.</summary>
/// <param name="Scores">In percent; intervals are bootstrapped over recordings, whose answers are not independent.</param>
/// <param name="Listeners">That were counted.</param>
/// <param name="Recordings">That were judged.</param>
/// <param name="LeftOut">Listeners that were not, because they failed more than half of the checks.</param>
public sealed record ListeningScores(
    IReadOnlyList<ListeningScore> Scores, int Listeners, int Recordings, IReadOnlyList<string> LeftOut)
{
    /// <summary>Counts answers. Where a listener has answered a trial twice, the last counts.</summary>
    /// <param name="test">The key.</param>
    /// <param name="answers">Of all listeners.</param>
    /// <param name="withAll">Also those of listeners who failed the checks.</param>
    /// <exception cref="ArgumentException">An answer is about a trial that the test lacks, or none is about a
    /// recording.</exception>
    public static ListeningScores Of(ListeningTest test, IEnumerable<ListeningAnswer> answers, bool withAll)
    {
        var trials = test.Trials.ToDictionary(trial => trial.Number);
        var last = new Dictionary<(string, int), ListeningAnswer>();
        foreach (var answer in answers)
        {
            if (!trials.ContainsKey(answer.Trial))
                throw new ArgumentException($"The test has no trial {answer.Trial}: these answers belong to another key.");
            last[(answer.Listener, answer.Trial)] = answer;
        }

        var checks = last.Values.Where(answer => trials[answer.Trial].True is not null)
            .Select(answer => (answer.Listener, IsRight: answer.Choice == trials[answer.Trial].True)).ToList();
        string[] inattentive =
        [
            .. checks.GroupBy(check => check.Listener)
                .Where(all => 2 * all.Count(check => !check.IsRight) > all.Count())
                .Select(all => all.Key).Order(StringComparer.Ordinal),
        ];
        var counted = last.Values.Where(answer => trials[answer.Trial].A is not null)
            .Where(answer => withAll || !inattentive.Contains(answer.Listener))
            .Select(answer => (Trial: trials[answer.Trial], Answer: answer)).ToList();
        if (counted.Count == 0) throw new ArgumentException("There is no answer to count.");
        var scores = new List<ListeningScore>
        {
            Share($"{test.SystemA} is better", one => Is(IsA(one.Trial, one.Answer.Choice) == true)),
            Share("about the same", one => Is(one.Answer.Choice is null)),
            Share($"{test.SystemB} is better", one => Is(IsA(one.Trial, one.Answer.Choice) == false)),
            Share(
                $"{test.SystemB} over {test.SystemA}, the same as half",
                one => IsA(one.Trial, one.Answer.Choice) switch { true => 0, false => 1, null => 0.5 }),
            Share($"{test.SystemA} says something untrue", one => Is(Untrue(one.Answer, one.Trial.A!.Value))),
            Share($"{test.SystemB} says something untrue", one => Is(Untrue(one.Answer, Other(one.Trial.A!.Value)))),
            Share("the left one is better, whichever it is", one => Is(one.Answer.Choice == Side.Left)),
        };
        if (checks.Count > 0)
        {
            scores.Add(new ListeningScore(
                "checks passed", new Interval(100.0 * checks.Count(check => check.IsRight) / checks.Count), checks.Count));
        }

        return new ListeningScores(
            scores, counted.Select(one => one.Answer.Listener).Distinct().Count(),
            counted.Select(one => one.Trial.Recording).Distinct().Count(), withAll ? [] : inattentive);

        ListeningScore Share(string measure, Func<(ListeningTrial Trial, ListeningAnswer Answer), double> score) => new(
            measure, Bootstrap.Mean([.. counted.Select(one => (one.Trial.Recording, 100 * score(one)))]),
            counted.Count);
    }

    /// <summary>As CSV: measure, percent, low, high, answers.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder("measure,percent,low,high,answers\r\n");
        foreach (var score in Scores)
        {
            csv.Append(CultureInfo.InvariantCulture, $"\"{score.Measure.Replace("\"", "\"\"")}\",{score.Percent.Value:0.0},");
            csv.Append(CultureInfo.InvariantCulture, $"{score.Percent.Low:0.0},{score.Percent.High:0.0},{score.Answers}\r\n");
        }

        return csv.ToString();
    }

    private static double Is(bool holds) => holds ? 1 : 0;

    // Whether it is the first system's; null where neither was chosen.
    private static bool? IsA(ListeningTrial trial, Side? side) => side is null ? null : side == trial.A;

    private static Side Other(Side side) => side == Side.Left ? Side.Right : Side.Left;

    private static bool Untrue(ListeningAnswer answer, Side side) =>
        side == Side.Left ? answer.LeftUntrue : answer.RightUntrue;
}
