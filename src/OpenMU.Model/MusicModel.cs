// MusicModel.cs - a track is encoded once; then it is tagged, and texts about it are generated.
// W windows of a track, M music tokens of a window, A width of the encoder.
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Music;
using OpenMU.Music.Grounding;
using static TorchSharp.torch;

namespace OpenMU.Model;

/// <summary>A text about a track.</summary>
/// <param name="Text">With tools: what may be published, see <see cref="GroundedText"/>. Without: the
/// model's own text.</param>
/// <param name="ToolCalls">Tool calls that got a result.</param>
/// <param name="DroppedSentences">Sentences removed because no tool result backs a number, key, metre or
/// chord in them.</param>
public sealed record GeneratedText(string Text, int ToolCalls, int DroppedSentences);

/// <summary>
/// Encodes tracks, tags them and generates texts about them. One per process, for one thread at a time.
/// </summary>
public sealed class MusicModel : IDisposable
{
    /// <summary>
    /// Room for the results of a few tool calls. A list of all beats does not fit; it is inserted
    /// when the text is complete.
    /// </summary>
    private const int ToolResultTokens = 128;

    private readonly ModelFamily model;
    private readonly Tokenizer tokenizer;
    private readonly TagHead? tags;
    private readonly TextGenerator generator;
    private long steps;

    /// <param name="model">The model. The caller disposes it, and the tag head.</param>
    /// <param name="tokenizer">The tokenizer of its language model.</param>
    /// <param name="tags">The tag head; null where the model has none.</param>
    public MusicModel(ModelFamily model, Tokenizer tokenizer, TagHead? tags = null)
    {
        (this.model, this.tokenizer, this.tags) = (model, tokenizer, tags);
        generator = new(model, silent: SilentIds(model, tokenizer));
    }

    /// <summary>Tokens of all texts so far.</summary>
    public long TokensGenerated { get; private set; }

    /// <summary>
    /// Windows encoded and steps of generation so far: it grows while the model makes progress. May be read by another
    /// thread.
    /// </summary>
    public long Steps => Volatile.Read(ref steps);

    /// <summary>Runs the audio tower over a track.</summary>
    /// <param name="mono16kHz">Mono samples at 16 kHz in [-1, 1].</param>
    /// <param name="cancel">Stops between two windows.</param>
    /// <exception cref="ArgumentException">There are fewer than 0.25 s, or a sample is NaN or infinite.</exception>
    public EncodedTrack Encode(float[] mono16kHz, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        model.eval();
        var encoded = new List<EncodedWindow>();
        cancel.ThrowIfCancellationRequested();
        foreach (var window in model.EncodeWindows(mono16kHz))
        {
            encoded.Add(window);
            Volatile.Write(ref steps, steps + 1);
            cancel.ThrowIfCancellationRequested();
        }
        var windows = stack(encoded.Select(window => window.Mean));                         // (W, A)
        var mean = windows.mean([0]);                                                       // (A)
        // The window nearest to the mean represents the track. With one window this is the published behaviour.
        var typical = nn.functional.cosine_similarity(windows, mean.unsqueeze(0), 1).argmax().item<long>();
        var unit = mean / mean.norm().clamp_min(Scalars.Of(1e-12));                         // (A)
        return new(
            encoded[(int)typical].Music.clone().DetachFromDisposeScope(),                   // (M, A)
            mean.DetachFromDisposeScope(),
            unit.cpu().data<float>().ToArray(),
            SecondsEncoded(mono16kHz.Length));
    }

    /// <summary>The track's tags as in <see cref="TagHead.Score"/>; empty where the model has no tag head.</summary>
    public IReadOnlyList<TagScore> Tag(EncodedTrack track) => tags?.Score(track.MeanToken) ?? [];

    /// <summary>
    /// One text for each instruction, generated as one batch. The prompt up to the music is prefilled once for a track.
    /// </summary>
    /// <param name="track">The track.</param>
    /// <param name="instructions">One for each text.</param>
    /// <param name="facts">The measurements that answer tool calls and that figures are checked against; null leaves
    /// the texts as generated.</param>
    /// <param name="options">How tokens are chosen; null means greedy, at most 256 tokens.</param>
    /// <param name="cancel">Stops between two tokens.</param>
    /// <exception cref="ArgumentException">An instruction is too long for the model.</exception>
    public IReadOnlyList<GeneratedText> Generate(
        EncodedTrack track, IReadOnlyList<string> instructions, MusicalFacts? facts, GenerationOptions? options,
        CancellationToken cancel)
    {
        var texts = new List<(GenerationRequest Request, ToolLoop? Loop)>();
        try
        {
            foreach (var instruction in instructions) texts.Add(Submit(track, instruction, facts, options ?? new()));
            while (texts.Any(text => text.Request.State is GenerationState.Waiting or GenerationState.Running))
            {
                cancel.ThrowIfCancellationRequested();
                generator.Step();
                Volatile.Write(ref steps, steps + 1);
            }
        }
        finally
        {
            foreach (var (request, _) in texts) generator.Cancel(request);
        }
        return [.. texts.Select(text => Finish(text.Request, text.Loop, facts))];
    }

    public void Dispose() => generator.Dispose();

    /// <summary>Ids that the vocabulary has and no text, which a model must never choose.</summary>
    private static int[] SilentIds(ModelFamily model, Tokenizer tokenizer)
        => [.. Enumerable.Range(0, model.Config.Llama.VocabSize).Where(id => tokenizer.BytesOf(id) is null)];

    private double SecondsEncoded(int samples)
    {
        var (covered, end) = (0L, 0L);
        foreach (var start in model.WindowStarts(samples))
        {
            var next = Math.Min(samples, (long)start + model.WindowSamples);
            covered += next - Math.Max(end, start);
            end = next;
        }
        return (double)covered / Fbank.SampleRate;
    }

    private (GenerationRequest Request, ToolLoop? Loop) Submit(
        EncodedTrack track, string instruction, MusicalFacts? facts, GenerationOptions options)
    {
        var ids = model.PromptFor(tokenizer, instruction);
        var prefixLength = Array.LastIndexOf(ids, ModelConfig.MusicToken) + 1;
        track.Prefix ??= generator.Prefill(new(ids[..prefixLength], [track.MusicTokens]));
        var loop = facts is null ? null : new ToolLoop(tokenizer, facts);
        var readsResults = loop is not null && model.Config.ReadsToolResults && options.Beams == 1;
        var request = generator.Submit(
            new(ids[prefixLength..], []),
            readsResults ? options with { MaxInsertedTokens = ToolResultTokens } : options,
            track.Prefix,
            tokenHook: readsResults ? loop!.AnswerWhileWriting : null);
        return (request, loop);
    }

    private GeneratedText Finish(GenerationRequest request, ToolLoop? loop, MusicalFacts? facts)
    {
        TokensGenerated += request.Tokens.Count;
        var text = tokenizer.Decode(ChatMl.WithoutThoughts(request.Tokens, tokenizer));
        if (loop is null || facts is null) return new(text.Trim(), 0, 0);
        var grounded = GroundedText.Of(loop.Answer(text), loop.Results, facts);
        return new(grounded.Text, loop.Results.Count, grounded.Dropped);
    }
}
