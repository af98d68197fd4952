// GreedyWriter.cs - thousands of texts of which nobody waits for any single one: evaluation, annotation of a whole collection.
// Prompts of similar length are one rectangle, padded on the left, that takes a step in one pass without waiting for the device; TextGenerator,
// which lets texts join and leave at any step, needs a kernel for each of them. What prompts share (PromptFamily) is read once.
// B texts, F families, P positions of a family's prefix, T positions of what is left of the prompts, V vocabulary.
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Generation;

/// <summary>Writes the most probable text for each of many prompts: the tokens that <see cref="TextGenerator"/> writes by default, up to rounding.</summary>
/// <param name="model">The model; it is put into evaluation mode.</param>
/// <param name="maxNewTokens">A text ends after so many tokens if no stop token ends it.</param>
/// <param name="positions">Positions that are kept in memory at a time; null takes what suits the model's size and device.</param>
public sealed class BatchGenerator(OpenMu model, int maxNewTokens = 128, int? positions = null)
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
    public IReadOnlyList<IReadOnlyList<int>> Generate(IReadOnlyList<MusicPrompt> prompts, Action<int>? done = null, CancellationToken cancel = default)
    {
        model.eval();
        var limit = Math.Min(model.Config.MaxLength, model.Config.Llama.MaxPositionEmbeddings - maxNewTokens);
        if (prompts.Select(LengthOf).FirstOrDefault(length => length > limit) is var tooLong and > 0) throw new ArgumentException($"A prompt of {tooLong} positions leaves no room for {maxNewTokens} tokens; {limit} do.");
        var texts = new IReadOnlyList<int>[prompts.Count];
        var finished = 0;
        foreach (var alike in SharedPrefix.Of(prompts).GroupBy(family => LengthOf(family.Prefix)).OrderBy(alike => alike.Key))
        {
            // A quarter of the memory holds prefixes, of one length: so many clips at a time that prompts of the same length fill a batch, which tend
            // to ask the same and to be answered at the same length.
            foreach (var families in alike.Chunk(Math.Max(1, budget / 4 / Math.Max(1, alike.Key))))
                WriteFamilies(families, texts, count => done?.Invoke(finished += count), cancel);
        }
        return texts;
    }

    private int LengthOf(MusicPrompt prompt) => prompt.Ids.Count + prompt.Music.Count * (model.Config.Audio.MusicTokens - 1);

    private void WriteFamilies(SharedPrefix[] families, IReadOnlyList<int>[] texts, Action<int> done, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var prefixes = Read([.. families.Select(family => family.Prefix)]);
        var P = prefixes?.Length ?? 0;
        var rows = families.SelectMany((family, f) => family.Members.Select(member => new Row(member.Place, member.Ending, f, LengthOf(member.Ending)))).OrderBy(row => row.Length).ToArray();
        for (var start = 0; start < rows.Length;)
        {
            var count = 1;
            while (start + count < rows.Length && (count + 1L) * (P + rows[start + count].Length + maxNewTokens) <= budget - families.Length * P) count++;
            var batch = rows[start..(start + count)];
            var written = WriteBatch(batch, prefixes, cancel);
            for (var i = 0; i < count; i++) texts[batch[i].Place] = written[i];
            start += count;
            done(count);
        }
    }

    /// <summary>Prefixes of one length as F sequences; null if they are empty.</summary>
    private BatchedKvCache? Read(MusicPrompt[] prefixes)
    {
        if (prefixes[0].Ids.Count == 0) return null;
        using var scope = NewDisposeScope();
        var spliced = model.Splice(prefixes);
        var pass = new BatchedKvCache(model.Config.Llama, spliced.Mask, reserve: 0);
        model.Llama.Hidden(spliced.Embeddings, OpenMu.PositionsOf(spliced.Mask), pass);
        return pass;
    }

    private List<int>[] WriteBatch(Row[] rows, BatchedKvCache? prefixes, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var spliced = model.Splice([.. rows.Select(row => row.Ending)], padLeft: true);
        using var pass = prefixes is null ? new(model.Config.Llama, spliced.Mask, maxNewTokens)
            : prefixes.Fork(tensor(rows.Select(row => (long)row.Family).ToArray(), device: model.Llama.Device), spliced.Mask, maxNewTokens);
        var place = OpenMu.PositionsOf(spliced.Mask).add_scalar(pass.Length);                                // (B, T)
        var logits = model.Llama.Logits(model.Llama.Hidden(spliced.Embeddings, place, pass).select(1, -1));     // (B, V)
        if (!logits.isfinite().all().item<bool>()) throw new InvalidDataException("The model's logits are not numbers: its weights or the music are broken.");
        var texts = new Texts(rows.Length, model.Config.Llama.StopTokenIds, model.Llama.Device);
        place = place.narrow(1, -1, 1).add_scalar(1);                                                             // (B, 1)
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
                if (texts.Unfinished() is { } going)
                {
                    pass.SelectRows(going);
                    (next, place) = (next.index_select(0, going), place.index_select(0, going));
                }
            }
            logits = model.Llama.Logits(model.Llama.Hidden(model.Llama.Embed(next).unsqueeze(1), place, pass).select(1, 0)).MoveToOuterDisposeScope();
            place = place.add_scalar(1).MoveToOuterDisposeScope();
        }
    }

    /// <summary>What is left of a prompt behind its family's prefix.</summary>
    private readonly record struct Row(int Place, MusicPrompt Ending, int Family, int Length);

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
}
