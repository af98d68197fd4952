// MusicModel.cs - a track is heard once; then it is tagged, and texts are written about it. W windows, M music tokens of a window, A audio width.
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
/// <param name="Text">What may be stored: see <see cref="GroundedText"/>. Without tools it is what the model wrote.</param>
/// <param name="Calls">Calls of tools that were answered.</param>
/// <param name="DroppedSentences">Sentences that were left out for a number, key, metre or chord that no tool returned.</param>
public sealed record WrittenText(string Text, int Calls, int DroppedSentences);

/// <summary>Hears tracks and writes about them. One per process, used by one thread at a time.</summary>
public sealed class MusicModel : IDisposable
{
    /// <summary>Room for the results of a few calls; a list of all beats does not fit, and is put in when the text is finished.</summary>
    private const int ResultTokens = 128;

    private readonly OpenMu model;
    private readonly Tokenizer tokenizer;
    private readonly TagHead? tags;
    private readonly AudioPreprocessor preprocessor;
    private readonly TextGenerator generator;
    private readonly Prompt prompt;

    /// <param name="model">The model; like the tags it stays the caller's.</param>
    /// <param name="tokenizer">The tokenizer of its language model.</param>
    /// <param name="tags">Tags a track by its mean token; null where the model comes without tags.</param>
    public MusicModel(OpenMu model, Tokenizer tokenizer, TagHead? tags = null)
    {
        (this.model, this.tokenizer, this.tags) = (model, tokenizer, tags);
        preprocessor = new(model.Config.Audio);
        generator = new(model);
        prompt = new(model.Config.Prompt, tokenizer);
    }

    /// <summary>Tokens that all texts so far have taken.</summary>
    public long TokensWritten { get; private set; }

    /// <summary>Mono at 16 kHz -> what the model keeps of it.</summary>
    /// <exception cref="ArgumentException">There is less than a quarter of a second, or a sample is not a number.</exception>
    public EncodedTrack Encode(float[] mono16kHz, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        model.eval();
        var music = EncodeWindows(mono16kHz, cancel);                                                    // (W, M, A)
        var windows = music[.., ..Sounding(mono16kHz.Length)].to(float32).mean([1]);                    // (W, A)
        var mean = windows.mean([0]);                                                                   // (A)
        // As published where there is one window: it is the track's beginning.
        var typical = nn.functional.cosine_similarity(windows, mean.unsqueeze(0), 1).argmax().item<long>();
        return new(music[(int)typical].clone().DetachFromDisposeScope(), mean.DetachFromDisposeScope(), (mean / mean.norm().clamp_min(Scalars.Of(1e-12))).cpu().data<float>().ToArray(), SecondsHeard(mono16kHz.Length));
    }

    /// <summary>The track's tags, in the order of <see cref="TagHead.Score"/>; none where the model comes without them.</summary>
    public IReadOnlyList<TagScore> Tag(EncodedTrack heard) => tags?.Score(heard.Mean) ?? [];

    /// <summary>One text for each instruction, all written side by side behind the music, which is read once for the track.</summary>
    /// <param name="heard">The track.</param>
    /// <param name="instructions">What is asked, one text each.</param>
    /// <param name="facts">What calls of tools are answered from and figures are compared with; null leaves the texts as the model wrote them.</param>
    /// <param name="options">How tokens are chosen; the most probable one each time, 256 at most, if null.</param>
    /// <param name="cancel">Ends the writing between two tokens.</param>
    /// <exception cref="ArgumentException">An instruction is too long for the model.</exception>
    public IReadOnlyList<WrittenText> Write(EncodedTrack heard, IReadOnlyList<string> instructions, MusicalFacts? facts, GenerationOptions? options, CancellationToken cancel)
    {
        var texts = new List<(GenerationRequest Generation, ToolLoop? Loop)>();
        try
        {
            foreach (var instruction in instructions) texts.Add(Submit(heard, instruction, facts, options ?? new()));
            while (texts.Any(text => text.Generation.State is GenerationState.Waiting or GenerationState.Running))
            {
                cancel.ThrowIfCancellationRequested();
                generator.Step();
            }
        }
        finally
        {
            foreach (var (generation, _) in texts) generator.Cancel(generation);
        }
        return [.. texts.Select(text => Finish(text.Generation, text.Loop, facts))];
    }

    public void Dispose()
    {
        generator.Dispose();
        preprocessor.Dispose();
    }

    /// <summary>All windows' music (W, M, A). One window at a time is read: of a long track only the tokens stay in memory.</summary>
    private Tensor EncodeWindows(float[] samples, CancellationToken cancel)
    {
        var music = new List<Tensor>();
        foreach (var picture in preprocessor.ModelInputs(samples, model.Config.Windows))
        {
            cancel.ThrowIfCancellationRequested();
            using (picture) music.Add(model.Encode(picture.unsqueeze(0).to(model.Llama.ComputeType, model.Llama.Device)));
        }
        return cat(music, 0);
    }

    /// <summary>Music tokens of a window whose chunk holds any sound; the others are padding, and say so loudly. All of them where short recordings are repeated.</summary>
    private int Sounding(int samples)
    {
        var audio = model.Config.Audio;
        if (audio.RepeatsShort) return (int)audio.MusicTokens;
        var frames = 1 + (Math.Min(samples, preprocessor.WindowSamples) - Fbank.FrameSamples) / Fbank.ShiftSamples;
        return (frames + audio.ChunkFrames - 1) / audio.ChunkFrames * (audio.MusicTokens / audio.NumChunks);
    }

    private double SecondsHeard(int samples)
    {
        var (heard, end) = (0L, 0L);
        foreach (var start in preprocessor.WindowStarts(samples, model.Config.Windows))
        {
            var next = Math.Min(samples, (long)start + preprocessor.WindowSamples);
            heard += next - Math.Max(end, start);
            end = next;
        }
        return (double)heard / Fbank.SampleRate;
    }

    private (GenerationRequest Generation, ToolLoop? Loop) Submit(EncodedTrack heard, string instruction, MusicalFacts? facts, GenerationOptions options)
    {
        var ids = prompt.ForAnswer(instruction);
        var cut = Array.LastIndexOf(ids, OpenMuConfig.MusicToken) + 1;
        heard.Prefix ??= generator.Read(new(ids[..cut], [heard.Music]));
        var loop = facts is null ? null : new ToolLoop(tokenizer, facts);
        var reads = loop is not null && model.Config.ReadsToolResults && options.Beams == 1;
        return (generator.Submit(new(ids[cut..], []), reads ? options with { RoomForInterjections = ResultTokens } : options, heard.Prefix, interject: reads ? loop!.AnswerWhileWriting : null), loop);
    }

    private WrittenText Finish(GenerationRequest generation, ToolLoop? loop, MusicalFacts? facts)
    {
        TokensWritten += generation.Tokens.Count;
        var text = tokenizer.Decode(generation.Tokens);
        if (loop is null || facts is null) return new(text.Trim(), 0, 0);
        var grounded = GroundedText.Of(loop.Answer(text), loop.Results, facts);
        return new(grounded.Text, loop.Results.Count, grounded.Dropped);
    }
}
