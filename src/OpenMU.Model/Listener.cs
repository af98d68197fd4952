// Listener.cs - one track, heard once: what it is tagged with, and what is written about it.
using static TorchSharp.torch;

namespace OpenMU.Model;

/// <summary>A track as the model hears it. It belongs to the listener that made it and must be disposed before that.</summary>
public sealed class Heard : IDisposable
{
    internal Heard(Tensor music, float[] embedding, double secondsHeard) => (Music, Embedding, SecondsHeard) = (music, embedding, secondsHeard);

    /// <summary>The encoder's tokens: (windows, M, A).</summary>
    public Tensor Music { get; }

    /// <summary>The mean over all tokens, scaled to length 1: tracks that sound alike have a large inner product.</summary>
    public float[] Embedding { get; }

    /// <summary>So much of the track entered the encoder.</summary>
    public double SecondsHeard { get; }

    /// <summary>The beginning of every prompt about this track, once something was written about it.</summary>
    internal PromptPrefix? Prefix { get; set; }

    public void Dispose()
    {
        Prefix?.Dispose();
        Music.Dispose();
    }
}

/// <summary>A text about a track.</summary>
/// <param name="Text">What is to be stored.</param>
/// <param name="Calls">Calls of tools that were answered.</param>
/// <param name="DroppedSentences">Sentences left out because they held a number, key, metre or chord that no tool returned.</param>
public sealed record WrittenText(string Text, int Calls, int DroppedSentences);

/// <summary>Hears tracks and writes about them. One per process, used by one thread at a time.</summary>
public sealed class Listener : IDisposable
{
    private readonly OpenMuModel model;
    private readonly Tokenizer tokenizer;
    private readonly TagHead? tags;
    private readonly AudioPreprocessor preprocessor;
    private readonly TextGenerator generator;
    private readonly Prompt prompt;

    /// <param name="model">The model; like the tags it stays the caller's.</param>
    /// <param name="tokenizer">The tokenizer of its language model.</param>
    /// <param name="tags">Tags a track by its mean token; null where the model comes without tags.</param>
    public Listener(OpenMuModel model, Tokenizer tokenizer, TagHead? tags = null)
    {
        (this.model, this.tokenizer, this.tags) = (model, tokenizer, tags);
        preprocessor = new(model.Config.Audio);
        generator = new(model);
        prompt = new(model.Config.Prompt, tokenizer);
    }

    /// <summary>Mono at 16 kHz -> what the model keeps of it.</summary>
    /// <exception cref="ArgumentException">There is less than a quarter of a second, or a sample is not a number.</exception>
    public Heard Hear(float[] mono16kHz, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        model.eval();
        var pictures = preprocessor.ModelInput(mono16kHz).unsqueeze(0);                                 // (1, 1, F, mels)
        var music = model.Encode(pictures.to(model.Llama.ComputeType, model.Llama.Device));             // (1, M, A)
        var mean = music.to(float32).mean([0, 1]);
        var seconds = Math.Min(mono16kHz.Length, (double)model.Config.Audio.InputFrames * Fbank.ShiftSamples) / Fbank.SampleRate;
        return new(music.DetachFromDisposeScope(), (mean / mean.norm()).cpu().data<float>().ToArray(), seconds);
    }

    /// <summary>The track's tags; none where the model comes without them.</summary>
    public IReadOnlyList<TagScore> Tag(Heard heard)
    {
        if (tags is null) return [];
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return tags.Score(heard.Music.to(float32).mean([0, 1]));
    }

    /// <summary>One text for each instruction, all written side by side behind the music, which is read once for the track.</summary>
    /// <param name="heard">The track.</param>
    /// <param name="instructions">What is asked, one text each.</param>
    /// <param name="tool">Answers the calls in the texts; null leaves them as they are.</param>
    /// <param name="options">How tokens are chosen.</param>
    /// <param name="cancel">Ends the writing between two tokens.</param>
    public IReadOnlyList<WrittenText> Write(Heard heard, IReadOnlyList<string> instructions, ToolCallback? tool, GenerationOptions? options, CancellationToken cancel)
    {
        var generations = instructions.Select(instruction => Submit(heard, instruction, options ?? new())).ToArray();
        try
        {
            while (generations.Any(g => g.State is GenerationState.Waiting or GenerationState.Running))
            {
                cancel.ThrowIfCancellationRequested();
                generator.Step();
            }
        }
        finally
        {
            foreach (var generation in generations) generator.Cancel(generation);
        }
        return [.. generations.Select(generation => Finish(generation, tool))];
    }

    public void Dispose()
    {
        generator.Dispose();
        preprocessor.Dispose();
    }

    private Generation Submit(Heard heard, string instruction, GenerationOptions options)
    {
        var ids = prompt.ForAnswer(instruction);
        var cut = Array.LastIndexOf(ids, OpenMuConfig.MusicToken) + 1;
        heard.Prefix ??= generator.Read(new(ids[..cut], [heard.Music[0]]));
        return generator.Submit(new(ids[cut..], []), options, heard.Prefix);
    }

    private WrittenText Finish(Generation generation, ToolCallback? tool)
    {
        var text = tokenizer.Decode(generation.Tokens);
        if (tool is null) return new(text.Trim(), 0, 0);
        var answered = ToolLoop.Answer(text, tool);
        return new(answered.Text.Trim(), answered.Results.Count, 0);
    }
}
