namespace OpenMU.Training.Evaluation.Mir;

/// <summary>
/// How far a tool's confidence can be trusted: how often it is right where it says that it is sure, and where
/// it says that it is not.
/// </summary>
/// <param name="Tool">Name.</param>
/// <param name="Sure">How many answers with a confidence of a half or more.</param>
/// <param name="SureRight">Share of them that is right, 0 to 1; NaN for none.</param>
/// <param name="Unsure">How many answers with less, and cases of no answer.</param>
/// <param name="UnsureRight">Share of them that is right.</param>
/// <param name="Discrimination">Chance that a right answer is surer than a wrong one (the area under the ROC curve);
/// NaN where all are right or all wrong.</param>
/// <param name="Bins">Reliability: the answers by their confidence, in five steps of a fifth.</param>
public sealed record Certainty(
    string Tool, int Sure, double SureRight, int Unsure, double UnsureRight, double Discrimination,
    IReadOnlyList<ReliabilityBin> Bins)
{
    private const double Half = 0.5;
    private const int Steps = 5;

    /// <summary>
    /// How far confidence and share of right answers lie apart, on average over the answers (the expected calibration
    /// error of Guo and others, 2017, with five bins); NaN without answers.
    /// </summary>
    public double CalibrationError =>
        Bins.Where(bin => bin.Answers > 0).Sum(bin => bin.Answers * Math.Abs(bin.Confidence - bin.Right))
        / Bins.Sum(bin => bin.Answers);

    /// <summary>Counts up answers.</summary>
    /// <param name="tool">Name.</param>
    /// <param name="answers">Confidence of each answer, and whether it is right.</param>
    public static Certainty Of(string tool, IReadOnlyList<(double Confidence, bool IsRight)> answers)
    {
        var (sure, unsure) = (
            answers.Where(answer => answer.Confidence >= Half).ToArray(),
            answers.Where(answer => answer.Confidence < Half).ToArray());
        var (right, wrong) =
            (answers.Where(answer => answer.IsRight).ToArray(), answers.Where(answer => !answer.IsRight).ToArray());
        var ahead = right.Sum(good =>
            wrong.Sum(bad => good.Confidence > bad.Confidence ? 1 : good.Confidence < bad.Confidence ? 0 : 0.5));
        return new Certainty(
            tool, sure.Length, Share(sure), unsure.Length, Share(unsure),
            ahead / ((double)right.Length * wrong.Length),
            [.. Enumerable.Range(0, Steps).Select(step => Bin(step, answers))]);
    }

    private static ReliabilityBin Bin(int step, IReadOnlyList<(double Confidence, bool IsRight)> answers)
    {
        var inside = answers.Where(answer => Math.Clamp((int)(Steps * answer.Confidence), 0, Steps - 1) == step)
            .ToArray();
        return new ReliabilityBin(
            inside.Length, inside.Select(answer => answer.Confidence).DefaultIfEmpty(double.NaN).Average(),
            Share(inside));
    }

    private static double Share((double Confidence, bool IsRight)[] answers) =>
        answers.Count(answer => answer.IsRight) / (double)answers.Length;
}

/// <summary>Answers of about one confidence.</summary>
/// <param name="Answers">How many.</param>
/// <param name="Confidence">Their mean confidence; NaN for none.</param>
/// <param name="Right">Share of them that is right; NaN for none.</param>
public sealed record ReliabilityBin(int Answers, double Confidence, double Right);
