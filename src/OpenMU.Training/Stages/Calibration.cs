// Calibration.cs - makes confidences mean what they say, on clips that were not trained on. N
// clips, L labels of a group.
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Training.Evaluation;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>Fits temperatures and thresholds of tag groups and measures how well confidences fit.</summary>
public static class Calibration
{
    private const int Bins = 10;

    // Of what is stated of a group with one true label, three of four should be right; a track may stay without.
    private const double LeastPrecision = 0.75;

    // In the other groups a wrong tag weighs more than a missing one: F0.5.
    private const double BetaSquared = 0.25;

    // A few validation clips can ask for extremes that do not suit others.
    private const double Lowest = 0.2, LowestExclusive = 0.4, Highest = 0.9;

    private static readonly double[] Temperatures = [.. Enumerable.Range(0, 61).Select(i => 0.4 * Math.Pow(1.05, i))];

    /// <summary>
    /// The temperature under which the truth is likeliest, and thresholds: of an exclusive group the least at which
    /// three of four stated labels are right, of each label of other groups the one with the best F0.5.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="logits">(N, L).</param>
    /// <param name="truth">(N, L), 1 where a label holds.</param>
    public static TagGroup Fit(TagGroup group, Tensor logits, Tensor truth)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        if (logits.shape[0] == 0) return group;
        var fitted = group with
        {
            Temperature = Temperatures.MinBy(temperature =>
                Loss(group with { Temperature = temperature }, logits, truth))
        };
        var probabilities = TagHead.Probabilities(logits, fitted);
        if (group.Exclusive)
        {
            var (confidence, chosen) = probabilities.max(1);
            var threshold = PreciseThreshold(Flat(confidence), Flat(truth.gather(1, chosen.unsqueeze(1))));
            return fitted with { Thresholds = [.. group.Labels.Select(_ => threshold)] };
        }
        return fitted with
        {
            Thresholds = [.. Enumerable.Range(0, group.Labels.Count)
                .Select(label => Threshold(Column(probabilities, label), Column(truth, label)))]
        };
    }

    /// <summary>
    /// Expected calibration error: the mean distance between confidence and share of right answers over ten bins,
    /// weighted by their size.
    /// </summary>
    /// <param name="group">With its temperature.</param>
    /// <param name="logits">(N, L).</param>
    /// <param name="truth">(N, L), 1 where a label holds.</param>
    public static double Error(TagGroup group, Tensor logits, Tensor truth)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var probabilities = TagHead.Probabilities(logits, group);
        if (!group.Exclusive) return Error(Flat(probabilities), Flat(truth));
        var (confidence, chosen) = probabilities.max(1);
        return Error(Flat(confidence), Flat(truth.gather(1, chosen.unsqueeze(1))));
    }

    private static double Error(double[] confidences, double[] right)
        => CalibrationError.Of([.. confidences.Zip(right, (confidence, isRight) => (confidence, isRight > 0.5))], Bins);

    private static double Loss(TagGroup group, Tensor logits, Tensor truth) => (group.Exclusive
        ? -(functional.log_softmax(logits / Scalars.Of(group.Temperature), 1) * truth).sum()
        : functional.binary_cross_entropy_with_logits(
            logits / Scalars.Of(group.Temperature), truth, reduction: Reduction.Sum)).to(float64).item<double>();

    /// <summary>
    /// The confidence in the middle between two neighbours that separates best; 0.5 where the label never holds.
    /// </summary>
    private static double Threshold(double[] confidences, double[] truth)
    {
        var order = Falling(confidences);
        var total = truth.Sum();
        if (total == 0) return 0.5;
        var (best, threshold, hits) = (0.0, 0.5, 0.0);
        for (var stated = 1; stated <= order.Length; stated++)
        {
            hits += truth[order[stated - 1]];
            var f = (1 + BetaSquared) * hits / (stated + (BetaSquared * total));
            if (f <= best) continue;
            best = f;
            threshold = Below(confidences, order, stated);
        }
        return Math.Clamp(threshold, Lowest, Highest);
    }

    /// <summary>
    /// The least confidence from which on enough of what is stated is right; the highest where none is.
    /// </summary>
    private static double PreciseThreshold(double[] confidences, double[] right)
    {
        var order = Falling(confidences);
        var (threshold, hits) = (Highest, 0.0);
        for (var stated = 1; stated <= order.Length; stated++)
        {
            hits += right[order[stated - 1]];
            if (hits >= LeastPrecision * stated) threshold = Below(confidences, order, stated);
        }
        return Math.Clamp(threshold, LowestExclusive, Highest);
    }

    private static int[] Falling(double[] confidences) =>
        [.. Enumerable.Range(0, confidences.Length).OrderByDescending(i => confidences[i])];

    // Between the last of the highest that are stated and the next.
    private static double Below(double[] confidences, int[] order, int stated) => stated == order.Length
        ? confidences[order[^1]] / 2
        : (confidences[order[stated - 1]] + confidences[order[stated]]) / 2;

    private static double[] Column(Tensor matrix, int column) => Flat(matrix[.., column]);

    private static double[] Flat(Tensor values) => values.to(float64, CPU).contiguous().data<double>().ToArray();
}
