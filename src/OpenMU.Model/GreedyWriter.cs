// GreedyWriter.cs - thousands of texts of which nobody waits for any single one: evaluation, annotation of a whole collection.
// Prompts of similar length are one rectangle, padded on the left, that takes a step in one pass without waiting for the device; TextGenerator,
// which lets texts join and leave at any step, needs a kernel for each of them.
// B texts, T positions of the prompts, n new positions, S positions so far, C room, H heads, K key/value heads, G = H/K, d head width, D width.
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model;

/// <summary>Writes the most probable text for each of many prompts: the tokens that <see cref="TextGenerator"/> writes by default, up to rounding.</summary>
/// <param name="model">The model; it is put into evaluation mode.</param>
/// <param name="maxNewTokens">A text ends after so many tokens if no stop token ends it.</param>
/// <param name="positions">Positions that are kept in memory at a time; null takes what suits the model's size and device.</param>
public sealed class GreedyWriter(OpenMuModel model, int maxNewTokens = 128, int? positions = null)
{
    /// <summary>Steps between two looks at the device, which then has to be waited for.</summary>
    private const int LookEvery = 8;

    // Half a gigabyte of keys and values on a GPU; on a CPU what stays near its caches.
    private readonly int budget = positions ?? (model.Llama.Device.type == TorchSharp.DeviceType.CPU ? 1 << 25 : 1 << 28) / (model.Config.Llama.HiddenSize * model.Config.Llama.NumHiddenLayers);

    /// <summary>The new tokens of each prompt, the stop token included.</summary>
    /// <param name="prompts">Prompts of any lengths.</param>
    /// <param name="done">Told how many are finished.</param>
    /// <param name="cancel">Ends the work between two steps.</param>
    /// <exception cref="ArgumentException">A prompt leaves no room for a text.</exception>
    /// <exception cref="InvalidDataException">The model's logits are not numbers.</exception>
    public IReadOnlyList<IReadOnlyList<int>> Write(IReadOnlyList<MusicPrompt> prompts, Action<int>? done = null, CancellationToken cancel = default)
    {
        model.eval();
        var lengths = prompts.Select(prompt => prompt.Ids.Count + prompt.Music.Count * (model.Config.Audio.MusicTokens - 1)).ToArray();
        var limit = Math.Min(model.Config.MaxLength, model.Config.Llama.MaxPositionEmbeddings - maxNewTokens);
        if (lengths.FirstOrDefault(length => length > limit) is var tooLong and > 0) throw new ArgumentException($"A prompt of {tooLong} positions leaves no room for {maxNewTokens} tokens; {limit} do.");
        var order = Enumerable.Range(0, prompts.Count).OrderBy(i => lengths[i]).ToArray();
        var texts = new IReadOnlyList<int>[prompts.Count];
        for (var start = 0; start < order.Length;)
        {
            var count = 1;
            while (start + count < order.Length && (count + 1L) * (lengths[order[start + count]] + maxNewTokens) <= budget) count++;
            var batch = order.AsSpan(start, count).ToArray();
            var written = WriteBatch([.. batch.Select(i => prompts[i])], cancel);
            for (var i = 0; i < batch.Length; i++) texts[batch[i]] = written[i];
            start += count;
            done?.Invoke(start);
        }
        return texts;
    }

    private List<int>[] WriteBatch(IReadOnlyList<MusicPrompt> prompts, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var spliced = model.Splice(prompts, padLeft: true);
        using var pass = new PaddedSequences(model.Config.Llama, spliced.Mask, maxNewTokens);
        var place = OpenMuModel.PositionsOf(spliced.Mask);                                              // (B, T)
        var logits = model.Llama.Logits(model.Llama.Hidden(spliced.Embeddings, place, pass).select(1, -1));     // (B, V)
        if (!logits.isfinite().all().item<bool>()) throw new InvalidDataException("The model's logits are not numbers: its weights or the music are broken.");
        var texts = new Texts(prompts.Count, model.Config.Llama.StopTokenIds, model.Llama.Device);
        place = place.narrow(1, -1, 1) + 1;                                                             // (B, 1)
        for (var written = 1; ; written++)
        {
            using var step = NewDisposeScope();
            var next = texts.Take(logits.argmax(-1));                                                   // (B)
            logits.Dispose();
            var look = written % LookEvery == 0 || written == maxNewTokens;
            if (look)
            {
                cancel.ThrowIfCancellationRequested();
                if (texts.Collect() == 0 || written == maxNewTokens) return texts.Finished;
                if (texts.Unfinished() is { } rows)
                {
                    pass.Keep(rows);
                    (next, place) = (next.index_select(0, rows), place.index_select(0, rows));
                }
            }
            logits = model.Llama.Logits(model.Llama.Hidden(model.Llama.Embed(next).unsqueeze(1), place, pass).select(1, 0)).MoveToOuterDisposeScope();
            place = (place + 1).MoveToOuterDisposeScope();
        }
    }

    /// <summary>What has been written: on the device since the last look, here before it.</summary>
    private sealed class Texts(int count, IReadOnlyList<int> stopIds, Device device)
    {
        private readonly List<Tensor> unseen = [];      // (B) each
        private int[] rows = [.. Enumerable.Range(0, count)];

        public List<int>[] Finished { get; } = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];

        public Tensor Take(Tensor next)
        {
            unseen.Add(next.alias().DetachFromDisposeScope());
            return next;
        }

        /// <summary>Brings the tokens here; how many texts go on.</summary>
        public int Collect()
        {
            using var all = stack(unseen).cpu();                                                        // (steps, B)
            var tokens = all.data<long>().ToArray();
            for (var at = 0; at < tokens.Length; at++)
            {
                var text = Finished[rows[at % rows.Length]];
                if (!HasEnded(text)) text.Add((int)tokens[at]);
            }
            unseen.ForEach(step => step.Dispose());
            unseen.Clear();
            return rows.Count(row => !HasEnded(Finished[row]));
        }

        /// <summary>The rows that go on, if by now they are few enough to be worth moving together.</summary>
        public Tensor? Unfinished()
        {
            var going = Enumerable.Range(0, rows.Length).Where(i => !HasEnded(Finished[rows[i]])).ToArray();
            if (going.Length * 4 > rows.Length * 3) return null;
            rows = [.. going.Select(i => rows[i])];
            return tensor(going.Select(i => (long)i).ToArray(), device: device);
        }

        private bool HasEnded(List<int> text) => text.Count > 0 && stopIds.Contains(text[^1]);
    }

    /// <summary>Sequences of equal length with their memories, some of whose first positions are padding.</summary>
    private sealed class PaddedSequences : AttentionPass, IDisposable
    {
        private readonly Tensor[] keys, values;         // (B, K, C, d) a layer
        private readonly int layers;
        private Tensor real;                            // (B, C)
        private int length;

        public PaddedSequences(LlamaConfig config, Tensor mask, int room)
        {
            layers = config.NumHiddenLayers;
            (keys, values) = (new Tensor[layers], new Tensor[layers]);
            real = cat([mask.to(ScalarType.Bool), ones(mask.shape[0], room, dtype: ScalarType.Bool, device: mask.device)], 1).DetachFromDisposeScope();
        }

        public override Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
        {
            var (B, H, n, d, K, S) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3], k.shape[1], length + q.shape[2]);
            Remember(keys, layer, k);
            Remember(values, layer, v);
            // The G query heads of one key head become G*n rows of queries, so keys and values are never repeated.
            var y = functional.scaled_dot_product_attention(
                q.reshape(B, K, H / K * n, d), keys[layer].narrow(2, 0, S), values[layer].narrow(2, 0, S), Allowed(n, S).repeat(1, 1, H / K, 1));
            if (layer == layers - 1) length = (int)S;
            return y.view(B, H, n, d);
        }

        /// <summary>Forgets all but these sequences.</summary>
        public void Keep(Tensor rows)
        {
            Replace(ref real, real.index_select(0, rows));
            for (var layer = 0; layer < layers; layer++)
            {
                Replace(ref keys[layer], keys[layer].index_select(0, rows));
                Replace(ref values[layer], values[layer].index_select(0, rows));
            }
        }

        public void Dispose()
        {
            real.Dispose();
            foreach (var tensor in keys.Concat(values)) tensor?.Dispose();
        }

        private static void Replace(ref Tensor old, Tensor by)
        {
            old.Dispose();
            old = by.DetachFromDisposeScope();
        }

        private void Remember(Tensor[] memory, int layer, Tensor added)
        {
            memory[layer] ??= empty([added.shape[0], added.shape[1], real.shape[1], added.shape[3]], dtype: added.dtype, device: added.device).DetachFromDisposeScope();
            memory[layer].narrow(2, length, added.shape[2]).copy_(added);
        }

        /// <summary>(B, 1, n, S): a new position sees what is real up to itself. A padded one sees itself: a row with nothing to see would be 0/0.</summary>
        private Tensor Allowed(long n, long S)
        {
            var seen = real.narrow(1, 0, S).unsqueeze(1);                                               // (B, 1, S)
            if (n > 1) seen = (seen & ones(n, S, dtype: ScalarType.Bool, device: real.device).tril(length)) | eye(S, dtype: ScalarType.Bool, device: real.device).narrow(0, length, n);
            return seen.unsqueeze(1);
        }
    }
}
