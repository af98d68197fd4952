using System.Text.Json;
using OpenMU.Model;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>How well tags fit on held-out clips, and the groups calibrated there.</summary>
internal sealed class TagReport
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private readonly List<object> rows = [];

    /// <param name="groups">Before calibration.</param>
    /// <param name="logits">(N, labels) of each group.</param>
    /// <param name="truth">(N, labels) of each group.</param>
    public TagReport(IReadOnlyList<TagGroup> groups, IReadOnlyList<Tensor> logits, IReadOnlyList<Tensor> truth)
    {
        List<TagGroup> calibrated = [];
        for (var i = 0; i < groups.Count; i++)
        {
            var group = Calibration.Fit(groups[i], logits[i], truth[i]);
            calibrated.Add(group);
            rows.Add(new
            {
                group.Group,
                Clips = logits[i].shape[0],
                Accuracy = group.Exclusive ? Accuracy(logits[i], truth[i]) : (double?)null,
                Chance = group.Exclusive ? 1.0 / group.Labels.Count : (double?)null,
                F1 = group.Exclusive ? (double?)null : F1(group, logits[i], truth[i]),
                group.Temperature,
                CalibrationErrorBefore = Calibration.Error(groups[i], logits[i], truth[i]),
                CalibrationErrorAfter = Calibration.Error(group, logits[i], truth[i]),
            });
        }
        Calibrated = calibrated;
    }

    public IReadOnlyList<TagGroup> Calibrated { get; }

    public string ToJson() => JsonSerializer.Serialize(rows, Json);

    private static double Accuracy(Tensor logits, Tensor truth) => truth.gather(1, logits.argmax(1, keepdim: true)).to(float64).mean().item<double>();

    private static double F1(TagGroup group, Tensor logits, Tensor truth)
    {
        var stated = (TagHead.Probabilities(logits, group) >= tensor(group.Thresholds.ToArray(), device: logits.device)).to(float64);
        return 2 * (stated * truth).sum().item<double>() / Math.Max(1, stated.sum().Plus(truth.sum()).item<double>());
    }
}
