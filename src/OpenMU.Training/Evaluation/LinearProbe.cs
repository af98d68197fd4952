// LinearProbe.cs - what a linear classifier reads from the frozen encoder: how much of a tag is in the features before
// anything else is trained. N clips, A audio width, L labels of all groups.
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Evaluation;

/// <summary>Logistic regression on mean tokens, one for each group of labels.</summary>
public sealed class LinearProbe : IDisposable
{
    private const int Steps = 400;
    private const double Rate = 0.02, Decay = 1e-3;
    private readonly Tensor mean, deviation, weight, bias;

    private LinearProbe(Tensor mean, Tensor deviation, Tensor weight, Tensor bias) =>
        (this.mean, this.deviation, this.weight, this.bias) = (mean, deviation, weight, bias);

    /// <summary>What is probed for, by the words of <see cref="MusicVocabulary"/>.</summary>
    public static IReadOnlyList<TagGroup> Groups { get; } =
    [
        new()
        {
            Group = Fact.Genre,
            Exclusive = true,
            Labels = [.. MusicVocabulary.Genres.Select(label => label.Name)]
        },
        new() { Group = Fact.Instrument, Labels = [.. MusicVocabulary.Instruments.Select(label => label.Name)] },
        new() { Group = Fact.Mood, Labels = [.. MusicVocabulary.Moods.Select(label => label.Name)] },
        new()
        {
            Group = Fact.TempoClass,
            Exclusive = true,
            Labels = [.. MusicVocabulary.TempoClasses.Select(label => label.Name)]
        },
    ];

    /// <summary>Fits all groups by full-batch Adam from zero; there is no randomness in it.</summary>
    /// <param name="means">(N, A).</param>
    /// <param name="truths">N clips.</param>
    public static LinearProbe Fit(Tensor means, IReadOnlyList<ClipTruth> truths)
    {
        using var scope = NewDisposeScope();
        var x = means.to(float32, CPU);
        var (mean, deviation) = (x.mean([0]), x.std(0, unbiased: false).clamp_min(Scalars.Of(1e-6)));
        x = (x - mean) / deviation;
        var targets = tensor(
            truths.SelectMany(Targets).ToArray(), [truths.Count, Groups.Sum(group => group.Labels.Count)]);   // (N, L)
        var weight = new Parameter(zeros(targets.shape[1], x.shape[1]));
        var bias = new Parameter(zeros(targets.shape[1]));
        using var optimiser = new AdamW([new([("weight", weight), ("bias", bias)], Rate)]);
        for (var step = 0; step < Steps; step++)
        {
            using var _ = NewDisposeScope();
            Loss(functional.linear(x, weight, bias), targets).add_tensor(weight.pow2().sum() * Scalars.Of(Decay))
                .backward();
            optimiser.Step(1);
        }
        return new(
            mean.DetachFromDisposeScope(), deviation.DetachFromDisposeScope(), weight.detach().DetachFromDisposeScope(),
            bias.detach().DetachFromDisposeScope());
    }

    /// <summary>Confidences of one clip's mean token (A), as <see cref="TagHead.Confidences"/> gives them.</summary>
    public IReadOnlyList<(TagGroup Group, double[] Confidences)> Confidences(Tensor meanToken)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var logits = functional.linear((meanToken.to(float32, CPU) - mean) / deviation, weight, bias).to(float64);
        return [.. Split(logits).Zip(
            Groups, (part, group) => (group, TagHead.Probabilities(part, group).data<double>().ToArray()))];
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { mean, deviation, weight, bias }) tensor.Dispose();
    }

    private static Tensor[] Split(Tensor logits) =>
        logits.split([.. Groups.Select(group => (long)group.Labels.Count)], -1);

    private static IEnumerable<float> Targets(ClipTruth clip)
    {
        var truth = clip.Facts();
        return Groups.SelectMany(group =>
            group.Labels.Select(label => truth.Contains(new(group.Group, label)) ? 1f : 0f));
    }

    private static Tensor Loss(Tensor logits, Tensor targets)
    {
        var losses = Split(logits).Zip(Split(targets)).Zip(Groups, (pair, group) => group.Exclusive
            ? -(functional.log_softmax(pair.First, 1) * pair.Second).sum(1).mean()
            : functional.binary_cross_entropy_with_logits(pair.First, pair.Second));
        return losses.Aggregate((sum, loss) => sum.add_tensor(loss));
    }
}
