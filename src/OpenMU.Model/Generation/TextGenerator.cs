// TextGenerator.cs - continuous batching: token ids in, token ids out, for many texts at once. Tokenisation happens
// elsewhere. Each step runs one forward pass over one token of every text that is being decoded and a chunk of every
// prompt that is being prefilled. Texts join and leave between steps; there is no padding, and no text waits for
// another. D width of the language model, V vocabulary.
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Generation;

/// <summary>Generates texts. All calls must come from one thread.</summary>
/// <param name="model">The model; it is put into evaluation mode.</param>
/// <param name="budget">Positions of KV cache that fit into memory, over all running texts and all
/// shared prefixes.</param>
/// <param name="chunk">At most this many prompt positions are prefilled in one step, so that long prompts do
/// not delay others.</param>
/// <param name="silent">Ids that are never chosen: a vocabulary is often larger than its tokenizer.</param>
public sealed class TextGenerator(
    ModelFamily model, int budget = TextGenerator.DefaultBudget, int chunk = 256,
    IReadOnlyList<int>? silent = null) : IDisposable
{
    /// <summary>The budget where nothing else is said.</summary>
    public const int DefaultBudget = 16384;

    private readonly Queue<GenerationRequest> waiting = new();
    private readonly List<GenerationRequest> running = [];
    private readonly List<PromptPrefix> filling = [];
    private int used;

    /// <summary>Positions of the budget that are reserved at present.</summary>
    public int Used => used;

    /// <summary>Positions of the budget that neither run nor are waited for.</summary>
    internal int Free => budget - used - waiting.Where(request => request.State == GenerationState.Waiting)
        .Sum(request => request.ReservedPositions);

    /// <summary>Positions of the budget.</summary>
    public int Budget => budget;

    /// <summary>Queues a text, which the following calls of <see cref="Step"/> generate.</summary>
    /// <param name="prompt">The prompt, or what follows <paramref name="prefix"/>.</param>
    /// <param name="options">How tokens are chosen.</param>
    /// <param name="prefix">A beginning; once it is prefilled, it may be disposed as soon as the request runs.</param>
    /// <param name="onToken">Called with each token as it is chosen. Not with beams, whose tokens are known
    /// only at the end.</param>
    /// <param name="tokenHook">May replace tokens within <see cref="GenerationOptions.MaxInsertedTokens"/>;
    /// not with beams.</param>
    /// <exception cref="ArgumentException">The prompt or the options are invalid, or never fit the model or
    /// the budget.</exception>
    public GenerationRequest Submit(
        MusicPrompt prompt, GenerationOptions options, PromptPrefix? prefix = null, Action<int>? onToken = null,
        TokenHook? tokenHook = null)
    {
        if (tokenHook is not null && options.Beams > 1)
        {
            throw new ArgumentException(
                "A token hook cannot be used with beam search: which beam is the answer is known only at its end.");
        }
        Reserve(prefix?.Length ?? 0, model.LengthOf(prompt), options);
        using var _ = no_grad();
        model.eval();
        var request = new GenerationRequest(
            model.Splice(prompt).DetachFromDisposeScope(), prefix, options, onToken, tokenHook);
        waiting.Enqueue(request);
        return request;
    }

    /// <summary>Computes the KV cache of a beginning that several prompts share.</summary>
    /// <exception cref="ArgumentException">It does not fit the model or the free part of the budget.</exception>
    public PromptPrefix Prefill(MusicPrompt prompt)
    {
        using var _ = no_grad();
        var prefix = Begin(prompt);
        try
        {
            while (!prefix.IsFilled)
            {
                using var scope = NewDisposeScope();
                var (done, count) = (prefix.Cache.Length, Math.Min(chunk, prefix.Length - prefix.Cache.Length));
                model.Llama.Step([new(prefix.Embeddings.narrow(0, done, count), prefix.Cache)]).Dispose();
            }
            EndFilling(prefix);
            return prefix;
        }
        catch
        {
            prefix.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The same, prefilled by the following calls of <see cref="Step"/> beside everything else. Texts may be submitted
    /// behind it at once; they begin when it is complete.
    /// </summary>
    /// <exception cref="ArgumentException">It does not fit the model or the free part of the budget.</exception>
    public PromptPrefix Begin(MusicPrompt prompt)
    {
        using var _ = no_grad();
        model.eval();
        var length = model.LengthOf(prompt);
        if (length > budget - used)
        {
            throw new ArgumentException(
                $"A prefix of {length} positions does not fit: {budget - used} of {budget} are free.");
        }
        var embeddings = model.Splice(prompt).DetachFromDisposeScope();                         // (length, D)
        var prefix = new PromptPrefix(embeddings, NewCache(length), Release);
        used += length;
        filling.Add(prefix);
        return prefix;
    }

    /// <summary>Runs one forward pass for everything that is under way.</summary>
    /// <returns>False when nothing is left to do.</returns>
    public bool Step()
    {
        Admit();
        if (running.Count == 0 && filling.Count == 0) return false;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var batch = Schedule();
        try
        {
            if (batch.Count > 0) Run(batch);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The pass failed for all of them. Run alone, only what causes it fails, and the others go on.
            foreach (var entry in batch) RunAlone(entry);
        }
        foreach (var prefix in filling.Where(prefix => prefix.IsFilled).ToArray()) EndFilling(prefix);
        foreach (var request in running.Where(r => r.State != GenerationState.Running).ToArray()) Release(request);
        return running.Count > 0 || waiting.Count > 0 || filling.Count > 0;
    }

    /// <summary>Steps until all of these are finished, failed or cancelled. Other requests advance with them.</summary>
    public void Complete(params IReadOnlyList<GenerationRequest> requests)
    {
        while (requests.Any(r => r.State is GenerationState.Waiting or GenerationState.Running) && Step())
        {
        }
    }

    /// <summary>Cancels a request and frees its memory.</summary>
    public void Cancel(GenerationRequest request)
    {
        if (request.State is not (GenerationState.Waiting or GenerationState.Running)) return;
        var wasRunning = request.State == GenerationState.Running;
        request.State = GenerationState.Cancelled;
        if (wasRunning) Release(request);
        else request.Embeddings.Dispose();
    }

    public void Dispose()
    {
        foreach (var request in running.Concat(waiting).ToArray()) Cancel(request);
    }

    /// <summary>
    /// First come, first served: a request that does not fit yet also holds up those behind it, so that none starves.
    /// </summary>
    private void Admit()
    {
        while (waiting.TryPeek(out var next))
        {
            if (next.State == GenerationState.Waiting && next.ReservedPositions > budget - used) break;
            waiting.Dequeue();
            if (next.State != GenerationState.Waiting) continue;
            running.Add(next);
            used += next.ReservedPositions;
            next.State = GenerationState.Running;
        }
        foreach (var request in running.Where(r => r.Cache is null)) Begin(request);
    }

    /// <summary>Gives a request its cache, once the prefix that it goes on from is complete.</summary>
    private void Begin(GenerationRequest request)
    {
        if (request.Prefix is not { } prefix) request.Cache = NewCache(request.Capacity);
        else if (prefix.Disposed) Fail(request, new ObjectDisposedException(nameof(PromptPrefix)));
        else if (prefix.Error is { } error) Fail(request, error);
        else if (prefix.IsFilled) request.Cache = prefix.Cache.Fork(request.Capacity);
    }

    /// <summary>What each prefix and each running request contributes to the next forward pass.</summary>
    private List<BatchEntry> Schedule()
    {
        var batch = new List<BatchEntry>();
        var left = chunk;
        foreach (var prefix in filling)
        {
            if (left == 0) break;
            var count = Math.Min(left, prefix.Length - prefix.Cache.Length);
            batch.Add(new(prefix, [new(prefix.Embeddings.narrow(0, prefix.Cache.Length, count), prefix.Cache)]));
            left -= count;
        }
        foreach (var request in running.Where(r => r.State == GenerationState.Running && r.Cache is not null))
        {
            if (!request.IsPrefilling)
            {
                batch.Add(new(request, NextTokens(request.Decoding!)));
                continue;
            }
            if (left == 0) continue;
            var done = request.Cache!.Length - (request.Prefix?.Length ?? 0);
            var count = Math.Min(left, (int)request.Embeddings.shape[0] - done);
            batch.Add(new(request, [new(request.Embeddings.narrow(0, done, count), request.Cache)]));
            left -= count;
        }
        return batch;
    }

    /// <summary>The embeddings of what each sequence of a text reads next, looked up at once for all of them.</summary>
    private SequenceInput[] NextTokens(Decoding decoding)
    {
        var next = decoding.Next;
        long[] ids = [.. next.SelectMany(sequence => sequence.Tokens, (_, id) => (long)id)];
        var embeddings = model.Llama.Embed(tensor(ids, device: model.Llama.Device));    // (tokens of all sequences, D)
        var ends = next.Select((_, i) => next.Take(i + 1).Sum(sequence => sequence.Tokens.Count));
        return [.. next.Zip(
            ends,
            (sequence, end) => new SequenceInput(embeddings[(end - sequence.Tokens.Count)..end], sequence.Cache))];
    }

    private void Run(IReadOnlyList<BatchEntry> batch)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Llama.Step([.. batch.SelectMany(entry => entry.Inputs)]);            // (sequences, D)
        // A prompt that is not complete yet needs no logits.
        var rows = new List<long>();
        var row = 0L;
        foreach (var entry in batch)
        {
            for (var i = 0; i < entry.Inputs.Count; i++, row++)
            {
                if (entry.NeedsLogits) rows.Add(row);
            }
        }
        if (rows.Count == 0) return;
        var selected = hidden.index_select(0, tensor(rows.ToArray(), device: hidden.device));   // (rows, D)
        var logits = model.Llama.Logits(selected).cpu();                                        // (rows, V)
        if (silent is { Count: > 0 })
        {
            using var ids = tensor(silent.Select(id => (long)id).ToArray());
            logits.index_fill_(1, ids, Scalars.Of(double.NegativeInfinity));
        }
        ReadOnlyMemory<float> numbers = logits.data<float>().ToArray();
        var V = (int)logits.shape[1];
        var at = 0;
        foreach (var entry in batch.Where(entry => entry.NeedsLogits).ToArray())
        {
            Accept(entry.Request!, [.. entry.Inputs.Select((_, i) => numbers.Slice((at + i) * V, V))]);
            at += entry.Inputs.Count;
        }
    }

    private void RunAlone(BatchEntry entry)
    {
        try
        {
            entry.Restore();
            Run([entry]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (entry.Request is { } request) Fail(request, e);
            else Fail(entry.Prefix!, e);
        }
    }

    private void Accept(GenerationRequest request, IReadOnlyList<ReadOnlyMemory<float>> logits)
    {
        try
        {
            foreach (var row in logits)
            {
                if (!float.IsFinite(row.Span[Sampler.ArgMax(row.Span)])) throw NotFinite();
            }
            var stopIds = request.Options.StopIds ?? model.Config.Llama.StopTokenIds;
            request.Decoding ??= request.Options.Beams == 1
                ? new SampledDecoding(request, stopIds)
                : new BeamDecoding(request.Cache!, request.Options, stopIds, request.PromptLength);
            request.Decoding.Accept(logits);
            if (!request.Decoding.Finished) return;
            request.Hypotheses = request.Decoding.Hypotheses;
            request.State = GenerationState.Finished;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(request, e);
        }
    }

    internal static InvalidDataException NotFinite()
        => new("The model's logits are not numbers: its weights or the music are broken.");

    private static void Fail(GenerationRequest request, Exception error)
        => (request.State, request.Error) = (GenerationState.Failed, error);

    private void Fail(PromptPrefix prefix, Exception error)
    {
        prefix.Error = error;
        EndFilling(prefix);
        foreach (var request in running.Where(r => r.Prefix == prefix && r.Cache is null)) Fail(request, error);
    }

    private void EndFilling(PromptPrefix prefix)
    {
        filling.Remove(prefix);
        prefix.Embeddings.Dispose();
    }

    private void Release(PromptPrefix prefix)
    {
        filling.Remove(prefix);
        used -= prefix.Length;
    }

    private void Release(GenerationRequest request)
    {
        running.Remove(request);
        used -= request.ReservedPositions;
        request.Embeddings.Dispose();
        if (request.Decoding is { } decoding) decoding.Dispose();
        else request.Cache?.Dispose();
    }

    /// <summary>Positions that a text reserves.</summary>
    /// <param name="prefixLength">Positions of its prefix.</param>
    /// <param name="length">Positions of the prompt behind it.</param>
    /// <param name="options">How tokens are chosen.</param>
    /// <exception cref="ArgumentException">The options are invalid, or the text can never fit the model or the budget.</exception>
    internal int Reserve(int prefixLength, int length, GenerationOptions options)
    {
        options.Validate();
        var positions = (long)prefixLength + length + options.MaxNewTokens + options.MaxInsertedTokens;
        var limit = model.Config.Llama.MaxPositionEmbeddings;
        if (positions > limit)
            throw new ArgumentException($"Prompt and text need {positions} positions; the model knows {limit}.");
        if (positions * options.Beams > budget)
        {
            throw new ArgumentException(
                $"Prompt and text need {positions * options.Beams} positions in memory; the budget is {budget}.");
        }
        return (int)(positions * options.Beams);
    }

    private KvCache NewCache(int capacity)
        => new(model.Config.Llama, capacity, model.Llama.ComputeType, model.Llama.Device);

    /// <summary>One request's or one prefix's part of a forward pass: one input per sequence.</summary>
    private sealed record BatchEntry(
        GenerationRequest? Request, PromptPrefix? Prefix, IReadOnlyList<SequenceInput> Inputs)
    {
        public BatchEntry(GenerationRequest request, IReadOnlyList<SequenceInput> inputs) : this(request, null, inputs)
        {
        }

        public BatchEntry(PromptPrefix prefix, IReadOnlyList<SequenceInput> inputs) : this(null, prefix, inputs)
        {
        }

        private readonly int[] lengths = [.. Inputs.Select(input => input.Cache.Length)];

        /// <summary>A token is chosen after this pass: the text is being decoded, or its prompt ends here.</summary>
        public bool NeedsLogits { get; } = Request is not null && (!Request.IsPrefilling
            || Request.Cache!.Length + Inputs[0].Embeddings.shape[0] == Request.PromptLength);

        /// <summary>Takes back what a pass that failed behind the last layer has put into the caches.</summary>
        public void Restore()
        {
            foreach (var (input, length) in Inputs.Zip(lengths)) input.Cache.Truncate(length);
        }
    }
}
