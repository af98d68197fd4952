// TextGenerator.cs - token ids in, token ids out, for many texts at once. It knows nothing of tokenisation.
// Each step takes one token of every text that is being written and a piece of every prompt that is being read, in one pass of the model:
// texts join and leave between steps and no text waits for another (continuous batching). There is no padding.
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Model.Generation;

/// <summary>The beginning of many prompts - the words before the music and the music itself - read once for all of them.</summary>
public sealed class PromptPrefix : IDisposable
{
    private readonly Action<PromptPrefix> release;

    internal PromptPrefix(KvCache cache, Action<PromptPrefix> release) => (Cache, this.release) = (cache, release);

    public int Length => Cache.Length;

    internal KvCache Cache { get; }

    internal bool Disposed { get; private set; }

    public void Dispose()
    {
        if (Disposed) return;
        Disposed = true;
        release(this);
        Cache.Dispose();
    }
}

/// <summary>Writes texts. All calls must come from one thread.</summary>
/// <param name="model">The model; it is put into evaluation mode.</param>
/// <param name="budget">So many positions fit into memory, over all texts that are being written and all shared prefixes.</param>
/// <param name="chunk">So many positions of prompts are read in one step at most, so that long prompts do not hold up the texts beside them.</param>
public sealed class TextGenerator(OpenMu model, int budget = 16384, int chunk = 256) : IDisposable
{
    private readonly Queue<GenerationRequest> waiting = new();
    private readonly List<GenerationRequest> running = [];
    private int used;

    /// <summary>Positions reserved at present.</summary>
    public int Used => used;

    /// <summary>Asks for a text. It is written by the following calls of <see cref="Step"/>.</summary>
    /// <param name="prompt">The prompt, or what follows <paramref name="prefix"/>.</param>
    /// <param name="options">How tokens are chosen.</param>
    /// <param name="prefix">A beginning that has been read already; it may be disposed as soon as the request runs.</param>
    /// <param name="onToken">Called with each token as it is chosen; not with beams, whose tokens are known only at the end.</param>
    /// <param name="interject">May change a text while it is written, within the options' room; not with beams.</param>
    /// <exception cref="ArgumentException">The prompt or the options make no sense, or the text can never fit into the model or the budget.</exception>
    public GenerationRequest Submit(MusicPrompt prompt, GenerationOptions options, PromptPrefix? prefix = null, Action<int>? onToken = null, TokenHook? interject = null)
    {
        options.Validate();
        if (interject is not null && options.Beams > 1) throw new ArgumentException("Nothing can be interjected into a beam search: which of its texts will be the answer shows at its end.");
        RequireRoom(prompt, prefix?.Length ?? 0, options);
        using var _ = no_grad();
        model.eval();
        var generation = new GenerationRequest(model.Splice(prompt).DetachFromDisposeScope(), prefix, options, onToken, interject);
        waiting.Enqueue(generation);
        return generation;
    }

    /// <summary>Reads the beginning that several prompts share.</summary>
    /// <exception cref="ArgumentException">It does not fit into the model or into what the budget has left.</exception>
    public PromptPrefix Read(MusicPrompt prompt)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        model.eval();
        var length = LengthOf(prompt);
        if (length > budget - used) throw new ArgumentException($"A prefix of {length} positions does not fit: {budget - used} of {budget} are free.");
        var cache = NewCache(length);
        var embeddings = model.Splice(prompt);
        for (var start = 0; start < length; start += chunk) model.Llama.Step([new(embeddings[start..Math.Min(length, start + chunk)], cache)]).Dispose();
        used += length;
        return new(cache, prefix => used -= prefix.Length);
    }

    /// <summary>Takes everything one step further. False when nothing is left to do.</summary>
    public bool Step()
    {
        Admit();
        if (running.Count == 0) return false;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var turns = Turns();
        try
        {
            Run(turns);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The pass failed for all; alone, the guilty one shows, and its neighbours go on.
            foreach (var turn in turns) RunAlone(turn);
        }
        foreach (var generation in running.Where(g => g.State != GenerationState.Running).ToArray()) Leave(generation);
        return running.Count > 0 || waiting.Count > 0;
    }

    /// <summary>Steps until all of these are finished, failed or cancelled; others that were submitted go on beside them.</summary>
    public void Complete(params IReadOnlyList<GenerationRequest> generations)
    {
        while (generations.Any(g => g.State is GenerationState.Waiting or GenerationState.Running) && Step())
        {
        }
    }

    /// <summary>Gives a request up and frees its memory.</summary>
    public void Cancel(GenerationRequest generation)
    {
        if (generation.State is not (GenerationState.Waiting or GenerationState.Running)) return;
        var wasRunning = generation.State == GenerationState.Running;
        generation.State = GenerationState.Cancelled;
        if (wasRunning) Leave(generation);
        else generation.Embeddings.Dispose();
    }

    public void Dispose()
    {
        foreach (var generation in running.Concat(waiting).ToArray()) Cancel(generation);
    }

    /// <summary>First come, first served: a request that does not fit yet holds those behind it, so none waits for ever.</summary>
    private void Admit()
    {
        while (waiting.TryPeek(out var next))
        {
            if (next.State == GenerationState.Waiting && next.Positions > budget - used) return;
            waiting.Dequeue();
            if (next.State != GenerationState.Waiting) continue;
            running.Add(next);
            used += next.Positions;
            next.State = GenerationState.Running;
            if (next.Prefix is { Disposed: true }) Fail(next, new ObjectDisposedException(nameof(PromptPrefix)));
            else next.Cache = next.Prefix?.Cache.Fork(next.Capacity) ?? NewCache(next.Capacity);
        }
    }

    /// <summary>What each running text feeds the model in this step.</summary>
    private List<Turn> Turns()
    {
        var turns = new List<Turn>();
        var left = chunk;
        foreach (var generation in running.Where(g => g.State == GenerationState.Running))
        {
            if (!generation.Reading)
            {
                var next = generation.Decoding!.Next;
                var embeddings = model.Llama.Embed(tensor(next.SelectMany(sequence => sequence.Tokens, (_, id) => (long)id).ToArray(), device: model.Llama.Device));
                var ends = next.Select((_, i) => next.Take(i + 1).Sum(sequence => sequence.Tokens.Count));
                turns.Add(new(generation, [.. next.Zip(ends, (sequence, end) => new SequenceInput(embeddings[(end - sequence.Tokens.Count)..end], sequence.Cache))]));
                continue;
            }
            if (left == 0) continue;
            var read = generation.Cache!.Length - (generation.Prefix?.Length ?? 0);
            var count = Math.Min(left, (int)generation.Embeddings.shape[0] - read);
            turns.Add(new(generation, [new(generation.Embeddings.narrow(0, read, count), generation.Cache)]));
            left -= count;
        }
        return turns;
    }

    private void Run(IReadOnlyList<Turn> turns)
    {
        using var scope = NewDisposeScope();
        SequenceInput[] inputs = [.. turns.SelectMany(turn => turn.Inputs)];
        var hidden = model.Llama.Step(inputs);                                                              // (sequences, D)
        // A prompt that is not yet read to its end asks for no logits.
        var rows = new List<long>();
        var row = 0L;
        foreach (var turn in turns)
        {
            for (var i = 0; i < turn.Inputs.Count; i++, row++)
            {
                if (turn.AsksForLogits) rows.Add(row);
            }
        }
        if (rows.Count == 0) return;
        var logits = model.Llama.Logits(hidden.index_select(0, tensor(rows.ToArray(), device: hidden.device))).cpu();
        ReadOnlyMemory<float> numbers = logits.data<float>().ToArray();
        var V = (int)logits.shape[1];
        var at = 0;
        foreach (var turn in turns.Where(turn => turn.AsksForLogits).ToArray())
        {
            Accept(turn.Generation, [.. turn.Inputs.Select((_, i) => numbers.Slice((at + i) * V, V))]);
            at += turn.Inputs.Count;
        }
    }

    private void RunAlone(Turn turn)
    {
        try
        {
            Run([turn]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(turn.Generation, e);
        }
    }

    private void Accept(GenerationRequest generation, IReadOnlyList<ReadOnlyMemory<float>> logits)
    {
        try
        {
            foreach (var row in logits)
            {
                if (!float.IsFinite(row.Span[Sampler.MostProbable(row.Span)])) throw new InvalidDataException("The model's logits are not numbers: its weights or the music are broken.");
            }
            var stopIds = generation.Options.StopIds ?? model.Config.Llama.StopTokenIds;
            generation.Decoding ??= generation.Options.Beams == 1
                ? new SampledDecoding(generation, stopIds)
                : new BeamDecoding(generation.Cache!, generation.Options, stopIds, generation.PromptLength);
            generation.Decoding.Accept(logits);
            if (!generation.Decoding.Finished) return;
            generation.Hypotheses = generation.Decoding.Hypotheses;
            generation.State = GenerationState.Finished;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(generation, e);
        }
    }

    private static void Fail(GenerationRequest generation, Exception error) => (generation.State, generation.Error) = (GenerationState.Failed, error);

    private void Leave(GenerationRequest generation)
    {
        running.Remove(generation);
        used -= generation.Positions;
        generation.Embeddings.Dispose();
        if (generation.Decoding is { } decoding) decoding.Dispose();
        else generation.Cache?.Dispose();
    }

    private void RequireRoom(MusicPrompt prompt, int prefixLength, GenerationOptions options)
    {
        var positions = (long)prefixLength + LengthOf(prompt) + options.MaxNewTokens + options.RoomForInterjections;
        if (positions > model.Config.Llama.MaxPositionEmbeddings)
            throw new ArgumentException($"Prompt and text need {positions} positions; the model knows {model.Config.Llama.MaxPositionEmbeddings}.");
        if (positions * options.Beams > budget) throw new ArgumentException($"Prompt and text need {positions * options.Beams} positions in memory; the budget is {budget}.");
    }

    private int LengthOf(MusicPrompt prompt) => prompt.Ids.Count + prompt.Music.Count * (model.Config.Audio.MusicTokens - 1);

    private KvCache NewCache(int capacity) => new(model.Config.Llama, capacity, model.Llama.ComputeType, model.Llama.Device);

    private sealed record Turn(GenerationRequest Generation, IReadOnlyList<SequenceInput> Inputs)
    {
        /// <summary>The text is being written, or its prompt ends with this step.</summary>
        public bool AsksForLogits { get; } = !Generation.Reading || Generation.Cache!.Length + Inputs[0].Embeddings.shape[0] == Generation.PromptLength;
    }
}
