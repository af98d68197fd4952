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
public sealed record Certainty(
    string Tool, int Sure, double SureRight, int Unsure, double UnsureRight, double Discrimination)
{
    private const double Half = 0.5;

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
            ahead / ((double)right.Length * wrong.Length));
    }

    private static double Share((double Confidence, bool IsRight)[] answers) =>
        answers.Count(answer => answer.IsRight) / (double)answers.Length;
}
