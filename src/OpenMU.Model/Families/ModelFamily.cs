// ModelFamily.cs - what all families of models are: sound in, music tokens, spliced into the embeddings of a prompt, a
// language model. B prompts, T positions after splicing, M music tokens of a track, A width of a music token, D width
// of the language model, W width of its input (D, or more where the encoder also feeds its first layers), V vocabulary.
using OpenMU.Model.Audio;
using OpenMU.Model.Decoder;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Families;

/// <summary>
/// A prompt: token ids with <see cref="ModelConfig.MusicToken"/> as the placeholder of a track's music, the
/// tracks' music in the same order, and for training one label per id (<see cref="ModelConfig.IgnoredLabel"/>
/// where there is no loss).
/// </summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Music">The music tokens (M, A) of each placeholder, as
/// <see cref="ModelFamily.EncodeWindows"/> returns.</param>
/// <param name="Labels">One per id, or null.</param>
public sealed record MusicPrompt(
    IReadOnlyList<int> Ids, IReadOnlyList<Tensor> Music, IReadOnlyList<int>? Labels = null);

/// <summary>Prompts after splicing: embeddings (B, T, D), mask (B, T) with 0 on padding, labels (B, T).</summary>
public sealed record SplicedBatch(Tensor Embeddings, Tensor Mask, Tensor Labels);

/// <summary>A window of a recording.</summary>
/// <param name="Recording">All of it, mono at 16 kHz, at least <see cref="AudioPreprocessor.MinimumSamples"/>.</param>
/// <param name="Mean">The mean of all of it, see <see cref="AudioPreprocessor.MeanOf"/>.</param>
/// <param name="Start">Where the window begins, one of <see cref="ModelFamily.WindowStarts"/>.</param>
public sealed record SoundWindow(float[] Recording, float Mean, int Start);

/// <summary>One window of a track, encoded.</summary>
/// <param name="Music">Its music tokens (M, A), for the prompt.</param>
/// <param name="Mean">The mean (width of the encoder) of those that hold sound and not padding, in float32.</param>
public sealed record EncodedWindow(Tensor Music, Tensor Mean);

/// <summary>
/// A model of some family: its encoder, its joiner from music tokens to the language model, its prompts. A family is
/// one file with a subclass and its configuration.
/// </summary>
public abstract class ModelFamily : Module
{
    private protected ModelFamily(string name) : base(name)
    {
    }

    public abstract ModelConfig Config { get; }

    public abstract Llama Llama { get; }

    /// <summary>Samples at 16 kHz that are encoded at once. Longer recordings are cut into windows.</summary>
    public abstract int WindowSamples { get; }

    /// <summary>W: the width of what <see cref="Splice(MusicPrompt)"/> returns.</summary>
    private protected virtual int InputWidth => Config.Llama.HiddenSize;

    /// <summary>
    /// Encodes the windows of a recording one after the other, those of <see cref="WindowStarts"/>; the caller
    /// disposes.
    /// </summary>
    /// <param name="mono16kHz">At least <see cref="AudioPreprocessor.MinimumSamples"/> numbers in [-1, 1].</param>
    /// <exception cref="ArgumentException">It is shorter, or holds a number that is not finite.</exception>
    public IEnumerable<EncodedWindow> EncodeWindows(float[] mono16kHz)
    {
        var mean = AudioPreprocessor.MeanOf(mono16kHz);
        foreach (var start in WindowStarts(mono16kHz.Length))
            yield return EncodeTogether([new(mono16kHz, mean, start)])[0];
    }

    /// <summary>
    /// Encodes windows of any recordings in one pass, each as it is alone up to rounding; the caller disposes.
    /// </summary>
    public abstract IReadOnlyList<EncodedWindow> EncodeTogether(IReadOnlyList<SoundWindow> windows);

    /// <summary>Music tokens (M, A) -> what the language model reads in place of them (n, W).</summary>
    public abstract Tensor Project(Tensor music);

    /// <summary>n of <see cref="Project"/>, without computing it.</summary>
    public abstract int PositionsOfMusic(Tensor music);

    /// <summary>
    /// The ids of a prompt up to where generation begins, with one <see cref="ModelConfig.MusicToken"/> for each track.
    /// Without tracks the music and what marks it are left out: the same language model, deaf.
    /// Names of special tokens in the instruction are ordinary text.
    /// </summary>
    public abstract int[] PromptFor(Tokenizer tokenizer, string instruction, int tracks = 1);

    /// <summary>Where the windows of a recording of this many samples begin.</summary>
    public IReadOnlyList<int> WindowStarts(int samples)
        => AudioPreprocessor.WindowStarts(samples, WindowSamples, Config.Windows);

    /// <summary>Positions that a prompt takes in the language model.</summary>
    public int LengthOf(MusicPrompt prompt)
        => prompt.Ids.Count - prompt.Music.Count + prompt.Music.Sum(PositionsOfMusic);

    /// <summary>
    /// One prompt -> its embeddings (T, W), each placeholder replaced by its track's music. Not truncated.
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
            if (i < prompt.Ids.Count && prompt.Ids[i] != ModelConfig.MusicToken) continue;
            if (i > start) parts.Add(Widened(EmbedIds(prompt.Ids.Skip(start).Take(i - start))));       // (i - start, W)
            if (i < prompt.Ids.Count) parts.Add(Project(prompt.Music[track++]));                       // (n, W)
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
            Padded(LabelsOf(prompt, (int)row.shape[0]), Constant(T - row.shape[0], ModelConfig.IgnoredLabel)));
        return new(Stacked(embeddings), Stacked(mask), Stacked(labels));

        Tensor Padded(Tensor row, Tensor padding) => cat(padLeft ? [padding, row] : [row, padding], 0);
        Tensor Constant(long length, long value) => full(length, Scalars.Of(value), dtype: int64, device: Llama.Device);
        Tensor Stacked(IEnumerable<Tensor> padded) => stack(padded.ToArray()).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Logits (B, T, V) of a batch. Without <paramref name="positions"/> every row has the positions 0 .. T-1, as in
    /// the reference's training; left-padded rows need those of <see cref="PositionsOf"/>.
    /// </summary>
    public Tensor Logits(SplicedBatch batch, Tensor? positions = null)
        => Llama.Logits(Llama.Hidden(batch.Embeddings, batch.Mask, positions));

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
        var hidden = Llama.Hidden(batch.Embeddings, batch.Mask);                                            // (B, T, D)
        // Only positions with a target go through the head, whose output is the largest tensor of a training step.
        var labels = batch.Labels[.., 1..].flatten();                                                    // (B * (T-1))
        var targets = labels.ne(Scalars.Of(ModelConfig.IgnoredLabel)).nonzero().flatten();              // (targets)
        var logits = Llama.Logits(hidden[.., ..((int)T - 1)].flatten(0, 1).index_select(0, targets));    // (targets, V)
        return functional.cross_entropy(logits, labels.index_select(0, targets)).MoveToOuterDisposeScope();
    }

    /// <summary>Every tensor of the model by its published key, without adapters.</summary>
    public IEnumerable<(string Key, Tensor Tensor)> NamedWeights()
        => state_dict().Select(entry => (PublishedKey(entry.Key), entry.Value));

    /// <summary>The samples of a window, fewer than <see cref="WindowSamples"/> at a recording's end.</summary>
    private protected ReadOnlySpan<float> SamplesOf(SoundWindow window) => window.Recording.AsSpan(
        window.Start, Math.Min(WindowSamples, window.Recording.Length - window.Start));

    /// <summary>The published key of a tensor of the module's state dict.</summary>
    private protected abstract string PublishedKey(string key);

    /// <exception cref="ArgumentException">A track's music has a shape that this family does not make.</exception>
    private protected abstract void RequireMusic(Tensor music);

    /// <summary>Token ids (n) -> embeddings (n, D).</summary>
    private protected Tensor EmbedIds(IEnumerable<int> ids)
        => Llama.Embed(tensor(ids.Select(id => (long)id).ToArray(), device: Llama.Device));

    /// <summary>Embeddings (n, D) -> (n, W): nothing enters the language model's first layers here.</summary>
    private protected Tensor Widened(Tensor embeddings)
    {
        var added = InputWidth - embeddings.shape[1];
        return added == 0 ? embeddings : functional.pad(embeddings, [0, added]);
    }

    private static Tensor Truncated(Tensor row, int limit) => row[..(int)Math.Min(limit, row.shape[0])];

    /// <summary>The labels of a spliced prompt (length); music has none.</summary>
    private Tensor LabelsOf(MusicPrompt prompt, int length)
    {
        var labels = new List<long>();
        var track = 0;
        for (var i = 0; i < prompt.Ids.Count; i++)
        {
            var isMusic = prompt.Ids[i] == ModelConfig.MusicToken;
            var label = isMusic ? ModelConfig.IgnoredLabel : prompt.Labels?[i] ?? ModelConfig.IgnoredLabel;
            labels.AddRange(Enumerable.Repeat((long)label, isMusic ? PositionsOfMusic(prompt.Music[track++]) : 1));
        }
        return tensor(labels.Take(length).ToArray(), device: Llama.Device);
    }

    private void Check(MusicPrompt prompt)
    {
        if (prompt.Ids.Count == 0) throw new ArgumentException("The prompt is empty.");
        var placeholders = prompt.Ids.Count(id => id == ModelConfig.MusicToken);
        if (placeholders != prompt.Music.Count)
        {
            throw new ArgumentException(
                $"The prompt has {placeholders} places for music and {prompt.Music.Count} tracks.");
        }
        if (prompt.Labels is not null && prompt.Labels.Count != prompt.Ids.Count)
            throw new ArgumentException($"{prompt.Labels.Count} labels for {prompt.Ids.Count} ids.");
        foreach (var id in prompt.Ids)
        {
            if (id != ModelConfig.MusicToken && (id < 0 || id >= Config.Llama.VocabSize))
                throw new ArgumentException($"{id} is not a token of a vocabulary of {Config.Llama.VocabSize}.");
        }
        foreach (var music in prompt.Music) RequireMusic(music);
    }
}
