// OpenMu.cs - OpenMU (arXiv 2410.15573) on one page: encode the music, project it, splice it into the prompt's
// embeddings. B prompts, T positions after splicing, M music tokens of a track (192), A audio width, D width of the
// language model, V vocabulary.
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Families;

/// <summary>
/// Two linear layers with an exact (erf) GELU between: (.., A) -> (.., D). Upstream: mm_projector, "mlp2x_gelu".
/// </summary>
internal sealed class Projector : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    public Projector(WeightSource weights, int audioWidth, int width) : base(nameof(Projector))
    {
        layers = Sequential(
            ("0", new Dense(weights.Under("0"), audioWidth, width, Initializers.FanIn)),
            ("1", GELU()),
            ("2", new Dense(weights.Under("2"), width, width, Initializers.FanIn)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}

/// <summary>
/// A prompt: token ids with <see cref="OpenMuConfig.MusicToken"/> as the placeholder of a track's music, the
/// tracks' music in the same order, and for training one label per id (<see cref="OpenMuConfig.IgnoredLabel"/>
/// where there is no loss).
/// </summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Music">The music tokens (M, A) of each placeholder, a row of what
/// <see cref="OpenMu.Encode"/> returns.</param>
/// <param name="Labels">One per id, or null.</param>
public sealed record MusicPrompt(
    IReadOnlyList<int> Ids, IReadOnlyList<Tensor> Music, IReadOnlyList<int>? Labels = null);

/// <summary>Prompts after splicing: embeddings (B, T, D), mask (B, T) with 0 on padding, labels (B, T).</summary>
public sealed record SplicedBatch(Tensor Embeddings, Tensor Mask, Tensor Labels);

/// <summary>AudioMAE -> projector -> Llama.</summary>
public sealed class OpenMu : Module
{
    private readonly AudioMae vision_tower;     // upstream's name for the audio tower
    private readonly Projector mm_projector;
    private readonly Llama llama;

    /// <summary>
    /// Builds the model from the published keys: "model.vision_tower.mae.", "model.mm_projector.", and
    /// the language model's own.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes contradict each other.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing or misshapen.</exception>
    public OpenMu(OpenMuConfig config, WeightSource weights) : base(nameof(OpenMu))
    {
        config.Validate();
        Config = config;
        vision_tower = new(config.Audio, weights.Under("model.vision_tower.mae"));
        mm_projector = new(weights.Under("model.mm_projector"), config.Audio.EmbedDim, config.Llama.HiddenSize);
        llama = new(config.Llama, weights);
        RegisterComponents();
        eval();
    }

    public OpenMuConfig Config { get; }

    public AudioMae AudioTower => vision_tower;

    public Llama Llama => llama;

    /// <summary>
    /// Log-mel spectrograms (B, 1, 3072, 128) -> music tokens (B, M, A), which serve any number of prompts.
    /// </summary>
    public Tensor Encode(Tensor spectrograms) => vision_tower.call(spectrograms);

    /// <summary>Music tokens (.., M, A) -> embeddings of the language model (.., M, D).</summary>
    public Tensor Project(Tensor music) => mm_projector.call(music.to(llama.ComputeType));

    /// <summary>
    /// One prompt -> its embeddings (T, D), each placeholder replaced by M music embeddings. Not truncated.
    /// </summary>
    /// <exception cref="ArgumentException">Placeholders and tracks differ in number, an id is no token, or music has
    /// another shape.</exception>
    public Tensor Splice(MusicPrompt prompt)
    {
        Check(prompt);
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var (start, track) = (0, 0);
        for (var i = 0; i <= prompt.Ids.Count; i++)
        {
            if (i < prompt.Ids.Count && prompt.Ids[i] != OpenMuConfig.MusicToken) continue;
            if (i > start) parts.Add(llama.Embed(Ids(prompt.Ids.Skip(start).Take(i - start))));        // (i - start, D)
            if (i < prompt.Ids.Count) parts.Add(Project(prompt.Music[track++]));                       // (M, D)
            start = i + 1;
        }
        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Several prompts as one batch: spliced, truncated to <paramref name="maxLength"/> positions, and padded with
    /// zeros to the longest, on the right for training and on the left for generation.
    /// </summary>
    public SplicedBatch Splice(IReadOnlyList<MusicPrompt> prompts, bool padLeft = false, int? maxLength = null)
    {
        using var scope = NewDisposeScope();
        var limit = maxLength ?? Config.MaxLength;
        Tensor[] rows = [.. prompts.Select(prompt => Truncated(Splice(prompt), limit))];    // (length, D) each
        var T = rows.Max(row => row.shape[0]);
        var embeddings = rows.Select(row =>
            Padded(row, zeros(T - row.shape[0], row.shape[1], dtype: row.dtype, device: row.device)));
        var mask = rows.Select(row => Padded(Constant(row.shape[0], 1), Constant(T - row.shape[0], 0)));
        var labels = rows.Zip(prompts, (row, prompt) =>
            Padded(LabelsOf(prompt, (int)row.shape[0]), Constant(T - row.shape[0], OpenMuConfig.IgnoredLabel)));
        return new(Stacked(embeddings), Stacked(mask), Stacked(labels));

        Tensor Padded(Tensor row, Tensor padding) => cat(padLeft ? [padding, row] : [row, padding], 0);
        Tensor Constant(long length, long value) => full(length, Scalars.Of(value), dtype: int64, device: llama.Device);
        Tensor Stacked(IEnumerable<Tensor> padded) => stack(padded.ToArray()).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Logits (B, T, V) of a batch. Without <paramref name="positions"/> every row has the positions 0 .. T-1, as in
    /// the reference's training; left-padded rows need those of <see cref="PositionsOf"/>.
    /// </summary>
    public Tensor Logits(SplicedBatch batch, Tensor? positions = null)
        => llama.Logits(llama.Hidden(batch.Embeddings, batch.Mask, positions));

    /// <summary>Mask (B, T) -> positions (B, T) that count the real tokens of each row from 0.</summary>
    public static Tensor PositionsOf(Tensor mask) => mask.cumsum(1).sub_scalar(1).clamp_min(Scalars.Of(0));

    /// <summary>
    /// Cross-entropy in float32 between each position's logits and the next label, averaged over all labels of the
    /// batch but the ignored ones: a scalar.
    /// </summary>
    public Tensor Loss(SplicedBatch batch)
    {
        using var scope = NewDisposeScope();
        var T = batch.Labels.shape[1];
        var hidden = llama.Hidden(batch.Embeddings, batch.Mask);                                            // (B, T, D)
        // Only positions with a target go through the head, whose output is the largest tensor of a training step.
        var labels = batch.Labels[.., 1..].flatten();                                                    // (B * (T-1))
        var targets = labels.ne(Scalars.Of(OpenMuConfig.IgnoredLabel)).nonzero().flatten();              // (targets)
        var logits = llama.Logits(hidden[.., ..((int)T - 1)].flatten(0, 1).index_select(0, targets));    // (targets, V)
        return functional.cross_entropy(logits, labels.index_select(0, targets)).MoveToOuterDisposeScope();
    }

    /// <summary>Every tensor of the model by its published key, without adapters.</summary>
    public IEnumerable<(string Key, Tensor Tensor)> NamedWeights()
        => state_dict().Select(entry => (PublishedKey(entry.Key), entry.Value));

    private static string PublishedKey(string key)
        => key.StartsWith("vision_tower.", StringComparison.Ordinal)
            ? "model.vision_tower.mae." + key["vision_tower.".Length..]
            : key.StartsWith("mm_projector.layers.", StringComparison.Ordinal)
                ? "model.mm_projector." + key["mm_projector.layers.".Length..]
            : key["llama.".Length..];

    private Tensor Ids(IEnumerable<int> ids) => tensor(ids.Select(id => (long)id).ToArray(), device: llama.Device);

    private static Tensor Truncated(Tensor row, int limit) => row[..(int)Math.Min(limit, row.shape[0])];

    /// <summary>The labels of a spliced prompt (length); music has none.</summary>
    private Tensor LabelsOf(MusicPrompt prompt, int length)
    {
        var labels = new List<long>();
        for (var i = 0; i < prompt.Ids.Count; i++)
        {
            var isMusic = prompt.Ids[i] == OpenMuConfig.MusicToken;
            var label = isMusic ? OpenMuConfig.IgnoredLabel : prompt.Labels?[i] ?? OpenMuConfig.IgnoredLabel;
            labels.AddRange(Enumerable.Repeat((long)label, isMusic ? Config.Audio.MusicTokens : 1));
        }
        return tensor(labels.Take(length).ToArray(), device: llama.Device);
    }

    private void Check(MusicPrompt prompt)
    {
        if (prompt.Ids.Count == 0) throw new ArgumentException("The prompt is empty.");
        var placeholders = prompt.Ids.Count(id => id == OpenMuConfig.MusicToken);
        if (placeholders != prompt.Music.Count)
        {
            throw new ArgumentException(
                $"The prompt has {placeholders} places for music and {prompt.Music.Count} tracks.");
        }
        if (prompt.Labels is not null && prompt.Labels.Count != prompt.Ids.Count)
            throw new ArgumentException($"{prompt.Labels.Count} labels for {prompt.Ids.Count} ids.");
        foreach (var id in prompt.Ids)
        {
            if (id != OpenMuConfig.MusicToken && (id < 0 || id >= Config.Llama.VocabSize))
                throw new ArgumentException($"{id} is not a token of a vocabulary of {Config.Llama.VocabSize}.");
        }
        foreach (var music in prompt.Music)
            Shape.Require(music, "A track's music", Config.Audio.MusicTokens, Config.Audio.EmbedDim);
    }
}
