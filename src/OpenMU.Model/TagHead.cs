// TagHead.cs - multi-label tagging with calibrated confidences. A width of the audio tower, L labels
// of all groups together.
using System.Text.Json;
using System.Text.Json.Serialization;
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
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Its name, "genre" for example.</summary>
    public required string Group { get; init; }

    /// <summary>Whether exactly one label is right (softmax) or each independently (sigmoid).</summary>
    public bool Exclusive { get; init; }

    /// <summary>
    /// Temperature scaling (arXiv 1706.04599): logits are divided by it, so that a confidence of 0.8 is
    /// right in 80 of 100 cases.
    /// </summary>
    public double Temperature { get; init; } = 1;

    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>
    /// The least confidence at which a label is reported, one per label. Empty means 0.5: what is more likely not so is
    /// not said, and of several labels of which one must be right none is said that is less likely than all others.
    /// </summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [];

    /// <summary>Reads tags.json: a list of groups.</summary>
    /// <exception cref="InvalidDataException">The text is not such a list, or a group contradicts itself.</exception>
    public static IReadOnlyList<TagGroup> FromJson(string json)
    {
        try
        {
            var groups = JsonSerializer.Deserialize<TagGroup[]>(json, Json)
                ?? throw new InvalidDataException("The list of tag groups is empty.");
            foreach (var group in groups) group.Validate();
            return groups;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The list of tag groups cannot be read: {e.Message}", e);
        }
    }

    public static string ToJson(IReadOnlyList<TagGroup> groups) => JsonSerializer.Serialize(groups, Json);

    /// <summary>
    /// How many labels are stated at most, the likeliest first; null for all that reach their thresholds. Of an
    /// exclusive group it is one.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Most { get; init; }

    /// <summary>How many labels of those that reach their thresholds may be stated.</summary>
    internal int Stateable => Exclusive ? 1 : Most ?? Labels.Count;

    internal double ThresholdOf(int label) => Thresholds.Count > 0 ? Thresholds[label] : 0.5;

    /// <summary>Logits of all groups, one after the other (.., L), float64 -> the confidence of every label.</summary>
    internal static IReadOnlyList<(TagGroup Group, double[] Confidences)> Confidences(
        Tensor logits, IReadOnlyList<TagGroup> groups) =>
        [.. logits.split([.. groups.Select(group => (long)group.Labels.Count)], -1).Zip(
            groups, (part, group) => (group, TagHead.Probabilities(part, group).cpu().data<double>().ToArray()))];

    /// <summary>
    /// The tags to report: the most probable label of an exclusive group, every label of the others, each only if its
    /// confidence reaches its threshold; the highest confidence of a group first. A group without such a label
    /// abstains.
    /// </summary>
    internal static IReadOnlyList<TagScore> Stated(IReadOnlyList<(TagGroup Group, double[] Confidences)> heard)
    {
        var tags = new List<TagScore>();
        foreach (var (group, confidences) in heard)
        {
            var ranked = Enumerable.Range(0, confidences.Length).OrderByDescending(label => confidences[label])
                .Take(group.Stateable);
            tags.AddRange(ranked.Where(label => confidences[label] >= group.ThresholdOf(label))
                .Select(label => new TagScore(group.Group, group.Labels[label], confidences[label])));
        }
        return tags;
    }

    /// <summary>The same as tags, whether they reach their thresholds or not.</summary>
    internal static IReadOnlyList<TagScore> Scores(IReadOnlyList<(TagGroup Group, double[] Confidences)> heard) =>
        [.. heard.SelectMany(group => group.Group.Labels.Zip(group.Confidences)
            .Select(label => new TagScore(group.Group.Group, label.First, label.Second)))];

    /// <summary>
    /// The same labels as two have heard them: means of their log odds. What the other does not know stays as it is.
    /// </summary>
    /// <param name="heard">By the first.</param>
    /// <param name="other">By the second.</param>
    /// <param name="share">How much the second counts, 0 to 1.</param>
    internal static IReadOnlyList<(TagGroup Group, double[] Confidences)> Together(
        IReadOnlyList<(TagGroup Group, double[] Confidences)> heard, IReadOnlyList<TagScore> other, double share)
    {
        var known = other.ToDictionary(score => (score.Group, score.Tag), score => score.Confidence);
        return [.. heard.Select(one => (one.Group, one.Group.Labels.Zip(
            one.Confidences,
            (label, own) => known.TryGetValue((one.Group.Group, label), out var also)
                ? LogOdds.Mean(own, also, share)
                : own).ToArray()))];
    }

    internal void Validate()
    {
        if (Labels.Count == 0 || Labels.Distinct(StringComparer.Ordinal).Count() != Labels.Count)
            throw new InvalidDataException($"The tag group '{Group}' needs labels, each once.");
        if (Thresholds.Count > 0 && Thresholds.Count != Labels.Count)
        {
            throw new InvalidDataException(
                $"The tag group '{Group}' has {Labels.Count} labels and {Thresholds.Count} thresholds.");
        }
        if (!(Temperature > 0))
        {
            throw new InvalidDataException(
                $"The tag group '{Group}' has the temperature {Temperature}; it must be positive.");
        }
    }
}

/// <summary>
/// One linear layer from the mean of a track's music tokens to the labels of all groups. The mean leaves out chunks
/// that are only padding. Keys: "weight" (L, A) and "bias" (L); those of <see cref="Sound"/> behind "sound.".
/// </summary>
public sealed class TagHead : Module<Tensor, Tensor>
{
    /// <summary>Before the keys of <see cref="Sound"/>.</summary>
    public const string SoundPrefix = "sound.";

    private readonly Parameter weight, bias;
    private readonly SoundHead? sound;

    public TagHead(int width, IReadOnlyList<TagGroup> groups, WeightSource weights) : base(nameof(TagHead))
    {
        Groups = groups;
        var labels = groups.Sum(group => group.Labels.Count);
        weight = weights.Take("weight", Initializers.Normal(0.01), labels, width);
        bias = weights.Take("bias", Initializers.Zeros, labels);
        // A few numbers, of which a sum decides: they stay exact.
        if (weights.Has($"{SoundPrefix}weight")) sound = new(width, weights.Under("sound").On(weights.Device, float32));
        RegisterComponents();
    }

    /// <summary>The groups in the order of the output. Calibration may change, the labels never do.</summary>
    public IReadOnlyList<TagGroup> Groups { get; private set; }

    /// <summary>Hears whether there is music to be tagged; null where nothing was trained to.</summary>
    public SoundHead? Sound => sound;

    /// <summary>Mean tokens (.., A) -> logits of all labels, group after group (.., L).</summary>
    public override Tensor forward(Tensor meanTokens) => functional.linear(meanTokens, weight, bias);

    /// <summary>Logits (.., L) -> one tensor (.., labels of the group) per group.</summary>
    public IReadOnlyList<Tensor> Split(Tensor logits)
        => logits.split([.. Groups.Select(group => (long)group.Labels.Count)], -1);

    /// <summary>The tags to report, see <see cref="TagGroup.Stated"/>.</summary>
    /// <param name="meanTokens">The mean of a track's music tokens (A).</param>
    public IReadOnlyList<TagScore> Score(Tensor meanTokens) => TagGroup.Stated(Confidences(meanTokens));

    /// <summary>All labels that may be reported.</summary>
    public IReadOnlyList<(string Group, string Tag)> Labels =>
        [.. Groups.SelectMany(group => group.Labels.Select(label => (group.Group, label)))];

    /// <summary>The confidence of every label of every group, in the order of the groups' labels.</summary>
    /// <param name="meanTokens">The mean of a track's music tokens (A).</param>
    public IReadOnlyList<(TagGroup Group, double[] Confidences)> Confidences(Tensor meanTokens)
    {
        Shape.Require(meanTokens, "The mean of a track's tokens", weight.shape[1]);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return TagGroup.Confidences(call(meanTokens.to(weight.dtype)).to(float64), Groups);
    }

    /// <summary>The same as tags, whether they reach their thresholds or not.</summary>
    /// <param name="meanTokens">The mean of a track's music tokens (A).</param>
    public IReadOnlyList<TagScore> Scores(Tensor meanTokens) => TagGroup.Scores(Confidences(meanTokens));

    /// <summary>Sets temperatures and thresholds that were fitted on a validation set.</summary>
    /// <exception cref="ArgumentException">The groups or their labels differ from this head's.</exception>
    public void Calibrate(IReadOnlyList<TagGroup> calibrated)
    {
        if (!HasLabelsOf(calibrated))
            throw new ArgumentException("Calibration must not change groups or labels.", nameof(calibrated));
        Groups = [.. calibrated];
    }

    /// <summary>Whether the groups and their labels are this head's, in its order.</summary>
    internal bool HasLabelsOf(IReadOnlyList<TagGroup> groups)
        => groups.SelectMany(group => group.Labels.Prepend(group.Group))
            .SequenceEqual(Groups.SelectMany(group => group.Labels.Prepend(group.Group)), StringComparer.Ordinal);

    /// <summary>A group's logits (.., labels) -> calibrated probabilities (.., labels).</summary>
    internal static Tensor Probabilities(Tensor logits, TagGroup group)
    {
        var scaled = logits.div_scalar(group.Temperature);
        return group.Exclusive ? functional.softmax(scaled, -1) : sigmoid(scaled);
    }
}
