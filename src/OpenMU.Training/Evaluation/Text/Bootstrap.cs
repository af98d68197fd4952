namespace OpenMU.Training.Evaluation.Text;

/// <summary>A value and its 95 % confidence interval, which measures of a whole corpus do not have here.</summary>
public readonly record struct Interval(double Value, double? Low = null, double? High = null);

/// <summary>
/// Bootstrap confidence intervals (Efron, 1979): percentiles over resamples of whole clips, as what is asked about one
/// clip is not independent.
/// </summary>
public static class Bootstrap
{
    private const int Resamples = 1000;

    /// <summary>The mean of scores; always the same resamples.</summary>
    /// <param name="scores">With the clip that each belongs to. Not empty.</param>
    public static Interval Mean(IReadOnlyCollection<(string Clip, double Score)> scores)
    {
        var clips = scores.GroupBy(score => score.Clip).OrderBy(clip => clip.Key, StringComparer.Ordinal)
            .Select(clip => (Sum: clip.Sum(score => score.Score), Count: clip.Count())).ToArray();
        var random = new Random(1);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var (sum, count) = (0.0, 0);
            for (var j = 0; j < clips.Length; j++)
            {
                var drawn = clips[random.Next(clips.Length)];
                sum += drawn.Sum;
                count += drawn.Count;
            }
            means[i] = sum / count;
        }
        Array.Sort(means);
        return new(scores.Average(score => score.Score), means[Resamples / 40], means[Resamples - 1 - Resamples / 40]);
    }
}
