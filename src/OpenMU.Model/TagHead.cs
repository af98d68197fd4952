// TagHead.cs - what a track is tagged with, and how sure the model is. A width of the audio tower, L labels of all groups together.
using System.Text.Json;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Music;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model;

/// <summary>Labels of one kind: genres, instruments, moods.</summary>
public sealed record TagGroup
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Such as "genre".</summary>
    public required string Group { get; init; }

    /// <summary>Exactly one label holds (softmax); otherwise each holds or not by itself (sigmoid).</summary>
    public bool Exclusive { get; init; }

    /// <summary>Logits are divided by it, so that a confidence of 0.8 is right in 80 of 100 cases.</summary>
    public double Temperature { get; init; } = 1;

    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The confidence from which a label is stated, one per label; empty means 0.5 for each of a group that is not exclusive, 0 else.</summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [];

    /// <summary>Reads tags.json: a list of groups.</summary>
    /// <exception cref="InvalidDataException">The text is not such a list, or a group contradicts itself.</exception>
    public static IReadOnlyList<TagGroup> FromJson(string json)
    {
        try
        {
            var groups = JsonSerializer.Deserialize<TagGroup[]>(json, Json) ?? throw new InvalidDataException("The list of tag groups is empty.");
            foreach (var group in groups) group.Validate();
            return groups;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The list of tag groups cannot be read: {e.Message}", e);
        }
    }

    public static string ToJson(IReadOnlyList<TagGroup> groups) => JsonSerializer.Serialize(groups, Json);

    internal double ThresholdOf(int label) => Thresholds.Count > 0 ? Thresholds[label] : Exclusive ? 0 : 0.5;

    private void Validate()
    {
        if (Labels.Count == 0 || Labels.Distinct(StringComparer.Ordinal).Count() != Labels.Count) throw new InvalidDataException($"The tag group '{Group}' needs labels, each once.");
        if (Thresholds.Count > 0 && Thresholds.Count != Labels.Count) throw new InvalidDataException($"The tag group '{Group}' has {Labels.Count} labels and {Thresholds.Count} thresholds.");
        if (!(Temperature > 0)) throw new InvalidDataException($"The tag group '{Group}' has the temperature {Temperature}; it must be positive.");
    }
}

/// <summary>
/// One linear layer from the mean of a track's encoder tokens to the labels of all groups. The mean is taken over the patches that hold sound:
/// a chunk that is nothing but padding does not count. Keys: "weight" (L, A) and "bias" (L).
/// </summary>
public sealed class TagHead : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;

    public TagHead(int width, IReadOnlyList<TagGroup> groups, WeightSource weights) : base(nameof(TagHead))
    {
        Groups = groups;
        var labels = groups.Sum(group => group.Labels.Count);
        weight = weights.Take("weight", Fresh.Normal(0.01), labels, width);
        bias = weights.Take("bias", Fresh.Zeros, labels);
        RegisterComponents();
    }

    /// <summary>In the order in which their labels stand in the output. Only calibration changes, never the labels.</summary>
    public IReadOnlyList<TagGroup> Groups { get; private set; }

    /// <summary>Mean tokens (.., A) -> logits of all labels, group after group (.., L).</summary>
    public override Tensor forward(Tensor meanTokens) => functional.linear(meanTokens, weight, bias);

    /// <summary>Logits (.., L) cut into one tensor per group.</summary>
    public IReadOnlyList<Tensor> Split(Tensor logits) => logits.split([.. Groups.Select(group => (long)group.Labels.Count)], -1);

    /// <summary>
    /// What the head stands behind: of an exclusive group the likeliest label, of others every label, each only if its confidence reaches its
    /// threshold; the surest of a group first. A group that is not sure of anything is absent.
    /// </summary>
    /// <param name="meanTokens">The mean of a track's encoder tokens (A).</param>
    public IReadOnlyList<TagScore> Score(Tensor meanTokens)
    {
        var scores = new List<TagScore>();
        foreach (var (group, confidences) in Confidences(meanTokens))
        {
            var ranked = Enumerable.Range(0, confidences.Length).OrderByDescending(label => confidences[label]).Take(group.Exclusive ? 1 : confidences.Length);
            scores.AddRange(ranked.Where(label => confidences[label] >= group.ThresholdOf(label)).Select(label => new TagScore(group.Group, group.Labels[label], confidences[label])));
        }
        return scores;
    }

    /// <summary>The confidence of every label of every group, in the order of the groups' labels.</summary>
    /// <param name="meanTokens">The mean of a track's encoder tokens (A).</param>
    public IReadOnlyList<(TagGroup Group, double[] Confidences)> Confidences(Tensor meanTokens)
    {
        Shape.Require(meanTokens, "The mean of a track's tokens", weight.shape[1]);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return [.. Split(call(meanTokens.to(weight.dtype)).to(float64)).Zip(Groups, (logits, group) => (group, Probabilities(logits, group).cpu().data<double>().ToArray()))];
    }

    /// <summary>Takes over temperatures and thresholds that were fitted on held-out tracks.</summary>
    /// <exception cref="ArgumentException">The groups or their labels are other ones.</exception>
    public void Calibrate(IReadOnlyList<TagGroup> calibrated)
    {
        if (!HasLabelsOf(calibrated))
            throw new ArgumentException("Calibration must not change groups or labels.", nameof(calibrated));
        Groups = [.. calibrated];
    }

    /// <summary>True where the groups and their labels are this head's, in its order.</summary>
    internal bool HasLabelsOf(IReadOnlyList<TagGroup> groups)
        => groups.SelectMany(group => group.Labels.Prepend(group.Group)).SequenceEqual(Groups.SelectMany(group => group.Labels.Prepend(group.Group)), StringComparer.Ordinal);

    internal static Tensor Probabilities(Tensor logits, TagGroup group)
        => group.Exclusive ? functional.softmax(logits / Scalars.Of(group.Temperature), -1) : sigmoid(logits / Scalars.Of(group.Temperature));
}
