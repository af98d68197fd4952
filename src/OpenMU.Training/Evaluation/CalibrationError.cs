namespace OpenMU.Training.Evaluation;

/// <summary>Whether confidences are probabilities.</summary>
public static class CalibrationError
{
    /// <summary>
    /// Expected calibration error (Naeini et al., 2015): the gap between mean confidence and share of right answers in bins of equal width, weighted
    /// by their sizes. 0 is perfect.
    /// </summary>
    public static double Of(IReadOnlyCollection<(double Confidence, bool IsRight)> answers, int bins = 15)
    {
        if (answers.Count == 0) return 0;
        return answers.GroupBy(answer => Math.Min(bins - 1, (int)(answer.Confidence * bins)))
            .Sum(bin => Math.Abs(bin.Average(answer => answer.Confidence) - bin.Average(answer => answer.IsRight ? 1.0 : 0)) * bin.Count() / answers.Count);
    }
}
