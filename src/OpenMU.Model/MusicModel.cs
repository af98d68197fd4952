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
/// <param name="Tools">Tool calls that got a result, in their order.</param>
/// <param name="DroppedSentences">Sentences removed because no tool result backs a number, key, metre or
/// chord in them.</param>
public sealed record GeneratedText(string Text, IReadOnlyList<ToolResult> Tools, int DroppedSentences)
{
    /// <summary>The same sentences, each with what was wrong with it.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; init; } = [];
}

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

    // More than a sentence has.
    private const int SentenceTokens = 64;

    private readonly ModelFamily model;
    private readonly Tokenizer tokenizer;
    private readonly TagHead? tags;
    private readonly Tagger? tagger;
    private readonly TextGenerator generator;

    /// <param name="model">The model. The caller disposes it, and what gives tags.</param>
    /// <param name="tokenizer">The tokenizer of its language model.</param>
    /// <param name="tags">The tag head; null where the model has none.</param>
    /// <param name="budget">Positions of KV cache that fit into memory, over all texts at once.</param>
    /// <param name="tagger">Gives the tags, the tag head beside it; null where the model has none.</param>
    public MusicModel(
        ModelFamily model, Tokenizer tokenizer, TagHead? tags = null, int? budget = null, Tagger? tagger = null)
    {
        (this.model, this.tokenizer, this.tags, this.tagger) = (model, tokenizer, tags, tagger);
        generator = new(model, budget ?? TextGenerator.DefaultBudget, silent: SilentIds(model, tokenizer));
    }

    /// <summary>Positions of KV cache that tracks and texts hold.</summary>
    internal int Used => generator.Used;

    /// <summary>Runs the audio tower over a track.</summary>
    /// <param name="mono16kHz">Mono samples at 16 kHz in [-1, 1].</param>
    /// <param name="cancel">Stops between two windows.</param>
    /// <exception cref="ArgumentException">There are fewer than 0.25 s, or a sample is NaN or infinite.</exception>
    public EncodedTrack Encode(float[] mono16kHz, CancellationToken cancel)
    {
        using var encoding = Begin(mono16kHz);
        while (encoding.Next is { } window)
        {
            cancel.ThrowIfCancellationRequested();
            encoding.Add(Encode([window])[0]);
        }
        cancel.ThrowIfCancellationRequested();
        return Finish(encoding);
    }

    /// <summary>A recording whose windows are to be encoded. May be called by any thread.</summary>
    /// <exception cref="ArgumentException">There are fewer than 0.25 s, or a sample is NaN or infinite.</exception>
    internal TrackEncoding Begin(float[] mono16kHz) => new(mono16kHz, model.WindowStarts);

    /// <summary>Encodes windows of any tracks in one pass.</summary>
    internal IReadOnlyList<EncodedWindow> Encode(IReadOnlyList<SoundWindow> windows)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        model.eval();
        EncodedWindow[] encoded = [.. model.EncodeTogether(windows)];
        foreach (var window in encoded)
        {
            window.Music.DetachFromDisposeScope();
            window.Mean.DetachFromDisposeScope();
        }
        return encoded;
    }

    /// <summary>The track, once all of its windows are encoded.</summary>
    internal EncodedTrack Finish(TrackEncoding encoding)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var windows = stack(encoding.Windows.Select(window => window.Mean));                // (W, A)
        var mean = windows.mean([0]);                                                       // (A)
        // The window nearest to the mean represents the track. With one window this is the published behaviour.
        var typical = nn.functional.cosine_similarity(windows, mean.unsqueeze(0), 1).argmax().item<long>();
        var unit = mean / mean.norm().clamp_min(Scalars.Of(1e-12));                         // (A)
        var heard = Heard(encoding, mean);
        if (tagger is not null) heard = tagger.Hear(encoding.Recording, encoding.Peak, heard);
        return new(
            encoding.Windows[(int)typical].Music.clone().DetachFromDisposeScope(),          // (M, A)
            mean.DetachFromDisposeScope(),
            unit.cpu().data<float>().ToArray(),
            heard.Tags,
            SecondsEncoded(encoding.Samples))
        {
            Scores = heard.Scores,
            Sound = heard.Sound,
        };
    }

    // By the layers on what the encoder computes.
    private HeardTags Heard(TrackEncoding encoding, Tensor mean)
    {
        if (tags is null) return new(null, [], []);
        var sound = tags.Sound?.Hear(encoding.Windows, encoding.Peak);
        var confidences = tags.Confidences(mean);
        return new(
            sound, sound is { IsMusic: false } ? [] : TagGroup.Stated(confidences), TagGroup.Scores(confidences));
    }

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
        var texts = instructions
            .Select(instruction => Prepare(track, instruction, facts, options ?? new())).ToArray();
        var written = new GeneratedText[texts.Length];
        try
        {
            var next = 0;
            for (var done = 0; done < texts.Length;)
            {
                cancel.ThrowIfCancellationRequested();
                while (next < texts.Length && TrySubmit(texts[next])) next++;
                if (next == done)
                    throw new InvalidOperationException("Other tracks hold all memory for texts: dispose them first.");
                Step();
                for (var i = 0; i < next; i++)
                {
                    if (written[i] is not null || !texts[i].IsDone) continue;
                    written[i] = Finish(texts[i]);
                    done++;
                }
            }
        }
        finally
        {
            foreach (var text in texts) Cancel(text);
        }
        return written;
    }

    /// <summary>A text to be generated, not yet submitted. May be called by any thread.</summary>
    /// <exception cref="ArgumentException">The instruction is too long for the model.</exception>
    internal PendingText Prepare(
        EncodedTrack track, string instruction, MusicalFacts? facts, GenerationOptions options)
    {
        var ids = model.PromptFor(tokenizer, instruction, track.Music.Count);
        var prefixLength = Array.LastIndexOf(ids, ModelConfig.MusicToken) + 1;
        var loop = facts is null ? null : new ToolLoop(tokenizer, facts, TimeProvider.System);
        options = options with { Veto = VetoOf(facts) };
        var readsResults = loop is not null && model.Config.ReadsToolResults && options.Beams == 1;
        var text = new PendingText(
            track, new(ids[..prefixLength], track.Music), ids[prefixLength..], loop, facts,
            readsResults ? options with { MaxInsertedTokens = ToolResultTokens } : options,
            readsResults ? loop!.AnswerWhileWriting : null);
        text.PrefixPositions = model.LengthOf(text.Prefix);
        text.Positions = generator.Reserve(text.PrefixPositions, text.Rest.Count, text.Options);
        if (text.PrefixPositions + text.Positions > generator.Budget)
        {
            throw new ArgumentException($"The music and the text need {text.PrefixPositions + text.Positions} positions "
                + $"in memory; the budget is {generator.Budget}.");
        }
        return text;
    }

    /// <summary>Submits a text, and prefills the prompt up to the music with the track's first one.</summary>
    /// <returns>False where memory has no room for it now.</returns>
    internal bool TrySubmit(PendingText text)
    {
        var needed = text.Positions + (text.Track.Prefix is null ? text.PrefixPositions : 0);
        if (needed > generator.Free) return false;
        text.Track.Prefix ??= generator.Begin(text.Prefix);
        text.Request = generator.Submit(
            new(text.Rest, []), text.Options, text.Track.Prefix, tokenHook: text.Hook);
        return true;
    }

    /// <summary>One step of everything that is submitted.</summary>
    internal void Step() => generator.Step();

    /// <summary>Takes a text out of the batch.</summary>
    internal void Cancel(PendingText text)
    {
        if (text.Request is { } request) generator.Cancel(request);
    }

    /// <summary>The text, once it is done.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    internal GeneratedText Finish(PendingText text)
    {
        var tokens = text.Request!.Tokens;
        var written = tokenizer.Decode(ChatMl.WithoutThoughts(tokens, tokenizer));
        if (text.Loop is not { } loop) return new(written.Trim(), [], 0);
        var leftOut = new List<LeftOut>();
        var grounded = GroundedText.Of(loop.Answer(written), loop.Results, text.Facts!, leftOut.Add);
        return new(grounded.Text, loop.Results, grounded.Dropped) { LeftOut = leftOut };
    }

    public void Dispose() => generator.Dispose();

    /// <summary>
    /// What was decided about a track before its texts are written steers them: a name that does not hold is not chosen
    /// where another is nearly as likely.
    /// </summary>
    private TokenVeto? VetoOf(MusicalFacts? facts)
    {
        if (facts is null || !MusicVocabulary.TagGroups.Any(group => facts.Decisions.Judges(group.Name))) return null;
        return (tokens, next) => tokenizer.Decode([next]) is { Length: > 0 } && SentenceSoFar.EndsUntrue(
            tokenizer.Decode(tokens.Skip(tokens.Count - SentenceTokens).Append(next)), facts);
    }

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
}
