using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>How well a group's tags fit on the validation clips, before and after calibration.</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Clips">How many clips.</param>
/// <param name="Accuracy">Of a group with one true label; null for others.</param>
/// <param name="Chance">The accuracy of guessing; null for others.</param>
/// <param name="F1">Over all labels of a group with any number of true ones; null for others.</param>
/// <param name="Temperature">By which logits are divided.</param>
/// <param name="CalibrationErrorBefore">Expected calibration error without temperature.</param>
/// <param name="CalibrationErrorAfter">The same with it.</param>
/// <param name="Calibrated">The group with its temperature and thresholds.</param>
public sealed record TagReport(
    string Group, long Clips, double? Accuracy, double? Chance, double? F1, double Temperature,
    double CalibrationErrorBefore, double CalibrationErrorAfter,
    [property: JsonIgnore] TagGroup Calibrated)
{
    private static readonly JsonSerializerOptions Json =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>
    /// What a whole model says of clips that it was not trained on, and its groups calibrated on them.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="head">Its tag head.</param>
    /// <param name="clips">Clips of music.</param>
    /// <param name="told">Told of each clip that was heard; may be null.</param>
    /// <param name="cancel">Stops between two clips.</param>
    public static IReadOnlyList<TagReport> Of(
        MusicModel model, TagHead head, IReadOnlyList<EvaluationClip> clips, Action? told, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var logits = stack(clips.Select(clip =>
        {
            using var heard = model.Encode(clip.Read(), cancel);
            told?.Invoke();
            return head.call(heard.MeanToken.to(float32)).cpu();
        }));
        var truth = tensor(
            [.. clips.SelectMany(clip => head.Groups.SelectMany(group =>
            {
                var holds = TagLabels.TrueLabels(clip.Truth, group.Group);
                return group.Labels.Select(label => holds.Contains(label) ? 1f : 0f);
            }))],
            [clips.Count, logits.shape[1]]);
        return Of(head.Groups, head.Split(logits), head.Split(truth));
    }

    /// <summary>Calibrates all groups.</summary>
    /// <param name="groups">Before calibration.</param>
    /// <param name="logits">(N, labels) of each group.</param>
    /// <param name="truth">(N, labels) of each group.</param>
    public static IReadOnlyList<TagReport> Of(
        IReadOnlyList<TagGroup> groups, IReadOnlyList<Tensor> logits, IReadOnlyList<Tensor> truth)
        => [.. groups.Select((group, i) => Of(group, logits[i], truth[i]))];

    public static string ToJson(IReadOnlyList<TagReport> report) => JsonSerializer.Serialize(report, Json);

    private static TagReport Of(TagGroup group, Tensor logits, Tensor truth)
    {
        var calibrated = Calibration.Fit(group, logits, truth);
        return new(
            group.Group, logits.shape[0],
            group.Exclusive ? AccuracyOf(logits, truth) : null,
            group.Exclusive ? 1.0 / group.Labels.Count : null,
            group.Exclusive ? null : F1Of(calibrated, logits, truth),
            calibrated.Temperature, Calibration.Error(group, logits, truth),
            Calibration.Error(calibrated, logits, truth), calibrated);
    }

    private static double AccuracyOf(Tensor logits, Tensor truth)
        => truth.gather(1, logits.argmax(1, keepdim: true)).to(float64).mean().item<double>();

    private static double F1Of(TagGroup group, Tensor logits, Tensor truth)
    {
        var stated = (TagHead.Probabilities(logits, group) >= tensor(group.Thresholds.ToArray(), device: logits.device))
            .to(float64);
        return 2 * (stated * truth).sum().item<double>()
            / Math.Max(1, stated.sum().add_tensor(truth.sum()).item<double>());
    }
}
