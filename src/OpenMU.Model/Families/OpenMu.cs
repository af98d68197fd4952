// OpenMuModel.cs - the whole model on one page: encode the music, project it, splice it into the words.
// B prompts, T positions after splicing, M music tokens of a track (192), A audio width, D width of the language model, V vocabulary.
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Families;

/// <summary>Two linear layers with an exact GELU between: (.., A) -> (.., D).</summary>
internal sealed class Projector : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    public Projector(WeightSource weights, int audioWidth, int width) : base(nameof(Projector))
    {
        layers = Sequential(
            ("0", new Dense(weights.Under("0"), audioWidth, width, Fresh.FanIn)),
            ("1", GELU()),
            ("2", new Dense(weights.Under("2"), width, width, Fresh.FanIn)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}

/// <summary>
/// A prompt: token ids with <see cref="OpenMuConfig.MusicToken"/> where a track's music goes, the tracks' music in the same order, and for
/// training one label per id (<see cref="OpenMuConfig.IgnoredLabel"/> where the loss looks away).
/// </summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Music">One encoding (M, A) per placeholder, as <see cref="OpenMu.Encode"/> gives.</param>
/// <param name="Labels">As many as ids, or null.</param>
public sealed record MusicPrompt(IReadOnlyList<int> Ids, IReadOnlyList<Tensor> Music, IReadOnlyList<int>? Labels = null);

/// <summary>Prompts after splicing: embeddings (B, T, D), mask (B, T) with 0 on padding, labels (B, T).</summary>
public sealed record SplicedBatch(Tensor Embeddings, Tensor Mask, Tensor Labels);

/// <summary>AudioMAE -> projector -> Llama.</summary>
public sealed class OpenMu : Module
{
    private readonly AudioMae vision_tower;     // upstream's name for the audio tower
    private readonly Projector mm_projector;
    private readonly Llama llama;

    /// <summary>Builds the model from the published names: "model.vision_tower.mae.", "model.mm_projector.", and the language model's own.</summary>
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

    /// <summary>Pictures (B, 1, 3072, 128) -> the tracks' music (B, M, A), to be kept for as many prompts as one likes.</summary>
    public Tensor Encode(Tensor pictures) => vision_tower.call(pictures);

    /// <summary>Music (.., M, A) -> what the language model reads (.., M, D).</summary>
    public Tensor Project(Tensor music) => mm_projector.call(music.to(llama.ComputeType));

    /// <summary>One prompt -> its embeddings (T, D), each placeholder replaced by its track's music. Not truncated.</summary>
    /// <exception cref="ArgumentException">Placeholders and tracks differ in number, or an id is no token.</exception>
    public Tensor Splice(MusicPrompt prompt)
    {
        Check(prompt);
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var (start, track) = (0, 0);
        for (var i = 0; i <= prompt.Ids.Count; i++)
        {
            if (i < prompt.Ids.Count && prompt.Ids[i] != OpenMuConfig.MusicToken) continue;
            if (i > start) parts.Add(llama.Embed(tensor(prompt.Ids.Skip(start).Take(i - start).Select(id => (long)id).ToArray(), device: llama.Device)));
            if (i < prompt.Ids.Count) parts.Add(Project(prompt.Music[track++]));
            start = i + 1;
        }
        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Several prompts as one batch: spliced, cut to <paramref name="maxLength"/> positions at the end, and padded with zeros to the longest, on
    /// the right for training and on the left for generation.
    /// </summary>
    public SplicedBatch Splice(IReadOnlyList<MusicPrompt> prompts, bool padLeft = false, int? maxLength = null)
    {
        using var scope = NewDisposeScope();
        var limit = maxLength ?? Config.MaxLength;
        Tensor[] rows = [.. prompts.Select(prompt => { var row = Splice(prompt); return row[..(int)Math.Min(limit, row.shape[0])]; })];
        var T = rows.Max(row => row.shape[0]);
        Tensor Padded(Tensor row, Tensor filling) => cat(padLeft ? [filling, row] : [row, filling], 0);
        Tensor Constant(long length, long value) => full(length, Scalars.Of(value), dtype: int64, device: llama.Device);
        return new(
            stack(rows.Select(row => Padded(row, zeros(T - row.shape[0], row.shape[1], dtype: row.dtype, device: row.device))).ToArray()).MoveToOuterDisposeScope(),
            stack(rows.Select(row => Padded(Constant(row.shape[0], 1), Constant(T - row.shape[0], 0))).ToArray()).MoveToOuterDisposeScope(),
            stack(rows.Zip(prompts, (row, prompt) => Padded(tensor(SplicedLabels(prompt, (int)row.shape[0]), device: llama.Device), Constant(T - row.shape[0], OpenMuConfig.IgnoredLabel))).ToArray()).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Logits (B, T, V) of a batch. Without <paramref name="positions"/> every row counts 0 .. T-1, as the reference trains; left-padded
    /// rows must count from their first real token (<see cref="PositionsOf"/>).
    /// </summary>
    public Tensor Logits(SplicedBatch batch, Tensor? positions = null) => llama.Logits(llama.Hidden(batch.Embeddings, batch.Mask, positions));

    /// <summary>Positions (B, T) that count the real tokens of each row from 0.</summary>
    public static Tensor PositionsOf(Tensor mask) => (mask.cumsum(1) - Scalars.Of(1)).clamp_min(Scalars.Of(0));

    /// <summary>Cross-entropy in float32 between each position's logits and the next label, averaged over all labels of the batch that count.</summary>
    public Tensor Loss(SplicedBatch batch)
    {
        using var scope = NewDisposeScope();
        var T = batch.Labels.shape[1];
        var hidden = llama.Hidden(batch.Embeddings, batch.Mask);
        // Only the positions that are judged go through the head: its output is the largest tensor of a training step.
        var labels = batch.Labels[.., 1..].flatten();
        var judged = labels.ne(Scalars.Of(OpenMuConfig.IgnoredLabel)).nonzero().flatten();
        var logits = llama.Logits(hidden[.., ..((int)T - 1)].flatten(0, 1).index_select(0, judged));
        return functional.cross_entropy(logits, labels.index_select(0, judged)).MoveToOuterDisposeScope();
    }

    /// <summary>Every tensor of the model by its published key, without adapters.</summary>
    public IEnumerable<(string Key, Tensor Tensor)> NamedWeights()
        => state_dict().Select(entry => (PublishedKey(entry.Key), entry.Value));

    private static string PublishedKey(string key)
        => key.StartsWith("vision_tower.", StringComparison.Ordinal) ? "model.vision_tower.mae." + key["vision_tower.".Length..]
            : key.StartsWith("mm_projector.layers.", StringComparison.Ordinal) ? "model.mm_projector." + key["mm_projector.layers.".Length..]
            : key["llama.".Length..];

    private long[] SplicedLabels(MusicPrompt prompt, int length)
    {
        var labels = new List<long>();
        for (var i = 0; i < prompt.Ids.Count; i++)
        {
            if (prompt.Ids[i] == OpenMuConfig.MusicToken) labels.AddRange(Enumerable.Repeat((long)OpenMuConfig.IgnoredLabel, Config.Audio.MusicTokens));
            else labels.Add(prompt.Labels?[i] ?? OpenMuConfig.IgnoredLabel);
        }
        return [.. labels.Take(length)];
    }

    private void Check(MusicPrompt prompt)
    {
        if (prompt.Ids.Count == 0) throw new ArgumentException("The prompt is empty.");
        var placeholders = prompt.Ids.Count(id => id == OpenMuConfig.MusicToken);
        if (placeholders != prompt.Music.Count) throw new ArgumentException($"The prompt has {placeholders} places for music and {prompt.Music.Count} tracks.");
        if (prompt.Labels is not null && prompt.Labels.Count != prompt.Ids.Count) throw new ArgumentException($"{prompt.Labels.Count} labels for {prompt.Ids.Count} ids.");
        foreach (var id in prompt.Ids)
        {
            if (id != OpenMuConfig.MusicToken && (id < 0 || id >= Config.Llama.VocabSize)) throw new ArgumentException($"{id} is not a token of a vocabulary of {Config.Llama.VocabSize}.");
        }
        foreach (var music in prompt.Music) Shape.Require(music, "A track's music", Config.Audio.MusicTokens, Config.Audio.EmbedDim);
    }
}
