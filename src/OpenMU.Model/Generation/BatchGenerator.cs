// BatchGenerator.cs - offline batch generation: thousands of texts, none of which anyone waits for (evaluation,
// annotation). Prompts of similar length form one left-padded batch, which takes a step in one pass without waiting for
// the device. TextGenerator, whose texts join and leave at any step, needs a kernel call for each of them. Common
// prefixes (SharedPrefix) are prefilled once.
// B texts, P positions of a prefix, T positions of the suffix of a prompt, V vocabulary.
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Generation;

/// <summary>
/// Greedy decoding of many prompts: the tokens that <see cref="TextGenerator"/> gives by default, up to rounding.
/// </summary>
/// <param name="model">The model; it is put into evaluation mode.</param>
/// <param name="maxNewTokens">A text ends after this many tokens if no stop token ends it earlier.</param>
/// <param name="cachePositions">Positions of KV cache to keep at a time; null takes what suits the model's
/// size and device.</param>
public sealed class BatchGenerator(ModelFamily model, int maxNewTokens = 128, int? cachePositions = null)
{
    /// <summary>Steps between two copies of tokens from the device, each of which has to wait for it.</summary>
    private const int StepsPerCopy = 8;

    // Half a gigabyte of keys and values on a GPU; on a CPU what stays near its caches.
    private readonly int budget = cachePositions
        ?? (model.Llama.Device.type == TorchSharp.DeviceType.CPU ? 1 << 25 : 1 << 28)
            / (model.Config.Llama.HiddenSize * model.Config.Llama.NumHiddenLayers);

    /// <summary>The new tokens of each prompt, the stop token included, in the order of the prompts.</summary>
    /// <param name="prompts">Prompts of any lengths.</param>
    /// <param name="progress">Called with the number of finished texts after each batch.</param>
    /// <param name="cancel">Stops within <see cref="StepsPerCopy"/> steps.</param>
    /// <exception cref="ArgumentException">A prompt leaves no room for a text.</exception>
    /// <exception cref="InvalidDataException">The model's logits are not finite.</exception>
    public IReadOnlyList<IReadOnlyList<int>> Generate(
        IReadOnlyList<MusicPrompt> prompts, Action<int>? progress = null, CancellationToken cancel = default)
    {
        model.eval();
        var limit = Math.Min(model.Config.MaxLength, model.Config.Llama.MaxPositionEmbeddings - maxNewTokens);
        if (prompts.Select(model.LengthOf).FirstOrDefault(length => length > limit) is var tooLong and > 0)
        {
            throw new ArgumentException(
                $"A prompt of {tooLong} positions leaves no room for {maxNewTokens} tokens; {limit} do.");
        }
        var texts = new IReadOnlyList<int>[prompts.Count];
        var finished = 0;
        var groups = SharedPrefix.Group(prompts).GroupBy(group => model.LengthOf(group.Prefix))
            .OrderBy(sameLength => sameLength.Key);
        foreach (var sameLength in groups)
        {
            // A quarter of the budget holds prefixes of one length. That is enough clips to fill a batch with prompts
            // of one length, which tend to ask the same question and to get answers of similar length.
            foreach (var chunk in sameLength.Chunk(Math.Max(1, budget / 4 / Math.Max(1, sameLength.Key))))
                GenerateGroups(chunk, texts, count => progress?.Invoke(finished += count), cancel);
        }
        return texts;
    }

    private void GenerateGroups(
        SharedPrefix[] groups, IReadOnlyList<int>[] texts, Action<int> progress, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var prefixes = Prefill([.. groups.Select(group => group.Prefix)]);
        var P = prefixes?.Length ?? 0;
        var rows = groups
            .SelectMany((group, g) =>
                group.Members.Select(member => new Row(member.Index, member.Suffix, g, model.LengthOf(member.Suffix))))
            .OrderBy(row => row.Length).ToArray();
        for (var start = 0; start < rows.Length;)
        {
            var count = 1;
            while (start + count < rows.Length && Fits(count + 1L, rows[start + count].Length)) count++;
            var batch = rows[start..(start + count)];
            var generated = GenerateBatch(batch, prefixes, cancel);
            for (var i = 0; i < count; i++) texts[batch[i].Index] = generated[i];
            start += count;
            progress(count);
        }

        bool Fits(long size, int longest) => size * (P + longest + maxNewTokens) <= budget - groups.Length * P;
    }

    /// <summary>The KV cache of prefixes of one length, one sequence each; null if they are empty.</summary>
    private BatchedKvCache? Prefill(MusicPrompt[] prefixes)
    {
        if (prefixes[0].Ids.Count == 0) return null;
        using var scope = NewDisposeScope();
        var spliced = model.Splice(prefixes);
        var cache = new BatchedKvCache(model.Config.Llama, spliced.Mask, reserve: 0);
        model.Llama.Hidden(spliced.Embeddings, ModelFamily.PositionsOf(spliced.Mask), cache);
        return cache;
    }

    private List<int>[] GenerateBatch(Row[] rows, BatchedKvCache? prefixes, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var device = model.Llama.Device;
        var spliced = model.Splice([.. rows.Select(row => row.Suffix)], padLeft: true);
        using var cache = prefixes is null
            ? new(model.Config.Llama, spliced.Mask, maxNewTokens)
            : prefixes.Fork(
                tensor(rows.Select(row => (long)row.Group).ToArray(), device: device), spliced.Mask, maxNewTokens);
        var positions = ModelFamily.PositionsOf(spliced.Mask).add_scalar(cache.Length);                       // (B, T)
        var hidden = model.Llama.Hidden(spliced.Embeddings, positions, cache);                          // (B, T, D)
        var logits = model.Llama.Logits(hidden.select(1, -1));                                          // (B, V)
        if (!logits.isfinite().all().item<bool>()) throw TextGenerator.NotFinite();
        var texts = new TokenBuffer(rows.Length, model.Config.Llama.StopTokenIds, device);
        positions = positions.narrow(1, -1, 1).add_scalar(1);                                           // (B, 1)
        for (var count = 1; ; count++)
        {
            using var step = NewDisposeScope();
            var next = texts.Add(logits.argmax(-1));                                                    // (B)
            logits.Dispose();
            if (count % StepsPerCopy == 0 || count == maxNewTokens)
            {
                cancel.ThrowIfCancellationRequested();
                if (texts.Copy() == 0 || count == maxNewTokens) return texts.Generated;
                if (texts.DropFinished() is { } unfinished)
                {
                    cache.SelectRows(unfinished);
                    (next, positions) = (next.index_select(0, unfinished), positions.index_select(0, unfinished));
                }
            }
            hidden = model.Llama.Hidden(model.Llama.Embed(next).unsqueeze(1), positions, cache);        // (B, 1, D)
            logits = model.Llama.Logits(hidden.select(1, 0)).MoveToOuterDisposeScope();                 // (B, V)
            positions = positions.add_scalar(1).MoveToOuterDisposeScope();
        }
    }

    /// <summary>The suffix of a prompt after its group's prefix.</summary>
    private readonly record struct Row(int Index, MusicPrompt Suffix, int Group, int Length);

    /// <summary>The tokens of a batch: on the device since the last copy, on the host before it.</summary>
    private sealed class TokenBuffer(int count, IReadOnlyList<int> stopIds, Device device)
    {
        private readonly List<Tensor> onDevice = [];    // (B) for each step
        private int[] rows = [.. Enumerable.Range(0, count)];

        public List<int>[] Generated { get; } = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];

        public Tensor Add(Tensor next)
        {
            onDevice.Add(next.alias().DetachFromDisposeScope());
            return next;
        }

        /// <summary>Copies the tokens to the host.</summary>
        /// <returns>How many texts are unfinished.</returns>
        public int Copy()
        {
            using var all = stack(onDevice).cpu();                                                      // (steps, B)
            var tokens = all.data<long>().ToArray();
            for (var at = 0; at < tokens.Length; at++)
            {
                var text = Generated[rows[at % rows.Length]];
                if (!HasEnded(text)) text.Add((int)tokens[at]);
            }
            onDevice.ForEach(step => step.Dispose());
            onDevice.Clear();
            return rows.Count(row => !HasEnded(Generated[row]));
        }

        /// <summary>
        /// The rows of the unfinished texts, if so many have ended that copying the cache pays; otherwise null.
        /// </summary>
        public Tensor? DropFinished()
        {
            var unfinished = Enumerable.Range(0, rows.Length).Where(i => !HasEnded(Generated[rows[i]])).ToArray();
            if (unfinished.Length * 4 > rows.Length * 3) return null;
            rows = [.. unfinished.Select(i => rows[i])];
            return tensor(unfinished.Select(i => (long)i).ToArray(), device: device);
        }

        private bool HasEnded(List<int> text) => text.Count > 0 && stopIds.Contains(text[^1]);
    }
}
