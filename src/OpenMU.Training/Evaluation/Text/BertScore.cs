// BertScore.cs - texts compared by a language model's embeddings of their tokens. D width of the model, C and R tokens
// of a candidate and a reference, <s> and </s> among them.
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// How well the tokens of a candidate are found in a reference (precision) and the other way round (recall), and their
/// harmonic mean; at most 1.
/// </summary>
public readonly record struct TokenMatch(double Precision, double Recall, double F)
{
    internal static TokenMatch Of(double precision, double recall) =>
        new(precision, recall, precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall));
}

/// <summary>
/// BERTScore (Zhang et al., 2020) as the package bert_score computes it for RoBERTa by default: each token
/// counts as the largest cosine between its embedding and the other text's, without idf weights and without
/// rescaling by a baseline.
/// </summary>
/// <remarks>
/// What the package's source (utils.py of version 0.3.13, with its default, slow tokenizer) settles: a text is stripped
/// and begins with one space; it is cut so that it fits with &lt;s&gt; and &lt;/s&gt; into 512 tokens; the two have no
/// weight, but may be what another token is most like; a pair with an empty text scores 0. In two points this departs
/// from it: names of specials within a text are words like others, and padding is no partner, where the package lets it
/// count as a cosine of 0 (which only matters to tokens that are unlike everything).
/// </remarks>
public sealed class BertScore : IDisposable
{
    /// <summary>For tables.</summary>
    public const string Name = "BERTScore";

    private const string Prefix = "roberta", Begin = "<s>", End = "</s>";

    /// <summary>Pairs whose embeddings are kept at a time.</summary>
    private const int PairsAtOnce = 64;

    /// <summary>Tokens that are encoded at a time, padding among them.</summary>
    private const int TokensAtOnce = 8192;

    private readonly RobertaConfig config;
    private readonly Tokenizer tokenizer;
    private readonly RobertaEncoder encoder;

    private BertScore(RobertaConfig config, Tokenizer tokenizer, RobertaEncoder encoder, int layer) =>
        (this.config, this.tokenizer, this.encoder, Layer) = (config, tokenizer, encoder, layer);

    /// <summary>The layer whose output is compared, counted from 1; 0 are the embeddings below the first.</summary>
    public int Layer { get; }

    /// <summary>
    /// Opens a folder as Hugging Face saves it: <c>config.json</c>, <c>model.safetensors</c>, and <c>vocab.json</c>
    /// with <c>merges.txt</c> or <c>tokenizer.json</c>. The weights become float32 on any device.
    /// </summary>
    /// <param name="folder">RoBERTa, with or without a head, which is not read.</param>
    /// <param name="device">Where it computes; null for the CPU.</param>
    /// <param name="layer">Null for the one that agreed best with people on WMT16, by the package's table:
    /// 17 of roberta-large's 24, 10 of roberta-base's 12, 5 of distilroberta-base's 6; the last of a model
    /// of other depth.</param>
    /// <exception cref="InvalidDataException">A file or tensor is missing, broken or of another model; the
    /// message names it.</exception>
    /// <exception cref="InvalidOperationException">The model has no such layer.</exception>
    public static BertScore Open(string folder, Device? device = null, int? layer = null)
    {
        var config = RobertaConfig.Read(folder);
        var taken = layer ?? config.NumHiddenLayers switch { 24 => 17, 12 => 10, 6 => 5, var last => last };
        if (taken < 0 || taken > config.NumHiddenLayers)
        {
            throw new InvalidOperationException(
                $"{folder}: there is no layer {taken}; the model has {config.NumHiddenLayers}.");
        }
        var tokenizer = Gpt2TokenizerFile.Read(folder);
        foreach (var special in new[] { Begin, End })
        {
            if (!tokenizer.Specials.ContainsKey(special))
                throw new InvalidDataException($"{folder}: the tokenizer has no special token '{special}'.");
        }
        if (tokenizer.VocabSize > config.VocabSize)
        {
            throw new InvalidDataException($"{folder}: the tokenizer has {tokenizer.VocabSize} tokens, the model's "
                + $"vocab_size is {config.VocabSize}.");
        }
        var files = WeightFiles.Open(folder);
        try
        {
            var source = WeightSource.From(files).On(device ?? CPU, float32);
            var weights = source.Has($"{Prefix}.embeddings.word_embeddings.weight") ? source.Under(Prefix) : source;
            using var _ = no_grad();
            var encoder = new RobertaEncoder(config, weights, taken);
            encoder.eval();
            return new(config, tokenizer, encoder, taken);
        }
        finally
        {
            foreach (var file in files) file.Dispose();
        }
    }

    /// <summary>
    /// Scores texts, in the order of the pairs; of several references the best counts, for precision,
    /// recall and F by itself.
    /// </summary>
    public IReadOnlyList<TokenMatch> Score(IReadOnlyList<TextPair> pairs, CancellationToken cancel = default)
    {
        var single = pairs.SelectMany((pair, i) => pair.References
            .Select(reference => (Pair: i, Candidate: Ids(pair.Candidate), Reference: Ids(reference)))).ToArray();
        var scores = new TokenMatch?[pairs.Count];
        // Texts of one length together: they are encoded together, and so hardly padded.
        foreach (var block in single.OrderByDescending(pair => pair.Candidate.Length + pair.Reference.Length)
            .Chunk(PairsAtOnce))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var (pair, match) in block.Zip(Match([.. block.Select(pair => (pair.Candidate, pair.Reference))])))
            {
                scores[pair.Pair] = scores[pair.Pair] is { } best
                    ? new(Math.Max(best.Precision, match.Precision), Math.Max(best.Recall, match.Recall), Math.Max(
                        best.F, match.F))
                    : match;
            }
        }
        return [.. scores.Select((score, i) =>
            score ?? throw new ArgumentException($"The pair {i} has no reference.", nameof(pairs)))];
    }

    public void Dispose() => encoder.Dispose();

    /// <summary>The ids of a text between &lt;s&gt; and &lt;/s&gt;.</summary>
    internal int[] Ids(string text)
    {
        text = text.Trim();
        var ids = text.Length == 0 ? [] : tokenizer.Encode(" " + text);
        return [tokenizer.IdOf(Begin), .. ids.Take(config.MaxLength - 2), tokenizer.IdOf(End)];
    }

    /// <summary>The layer's output for each text (its tokens, D), whatever the others are.</summary>
    internal IReadOnlyList<Tensor> Embed(IReadOnlyList<int[]> texts)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var embeddings = new Tensor[texts.Count];
        var longestFirst = new Queue<int>(Enumerable.Range(0, texts.Count).OrderByDescending(i => texts[i].Length));
        while (longestFirst.TryPeek(out var longest))
        {
            using var batch = NewDisposeScope();
            var (rows, length) = (new List<int>(), texts[longest].Length);
            // A text much shorter than the longest would be mostly padding, which costs as much as text.
            var shortest = length - Math.Max(8, length / 8);
            while (longestFirst.TryPeek(out var next) && texts[next].Length >= shortest
                && (rows.Count + 1) * length <= Math.Max(length, TokensAtOnce))
            {
                rows.Add(longestFirst.Dequeue());
            }
            var ids = full(rows.Count, length, Scalars.Of(config.PadTokenId), dtype: int64);
            var lengths = tensor(rows.Select(row => (long)texts[row].Length).ToArray());
            foreach (var (i, row) in rows.Index()) ids[i].narrow(0, 0, texts[row].Length).copy_(tensor(texts[row]));
            var isText = Scalars.arange(length).unsqueeze(0) < lengths.unsqueeze(1);
            var output = encoder.call(ids.to(encoder.Device), isText.to(encoder.Device));    // (B, T, D)
            foreach (var (i, row) in rows.Index())
                embeddings[row] = output[i].narrow(0, 0, texts[row].Length).MoveToOuterDisposeScope();
        }
        foreach (var embedding in embeddings) embedding.MoveToOuterDisposeScope();
        return embeddings;
    }

    private IEnumerable<TokenMatch> Match(IReadOnlyList<(int[] Candidate, int[] Reference)> pairs)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var places = new Dictionary<string, int>();
        var texts = new List<int[]>();
        int Place(int[] ids)
        {
            var key = string.Join(' ', ids);
            if (places.TryAdd(key, texts.Count)) texts.Add(ids);
            return places[key];
        }
        (int Candidate, int Reference)[] placed =
            [.. pairs.Select(pair => (Place(pair.Candidate), Place(pair.Reference)))];
        Tensor[] units = [.. Embed(texts).Select(rows => rows / rows.norm(1, keepdim: true))];
        // One transfer from the device for all pairs.
        var values = stack(placed.Select(pair => Match(units[pair.Candidate], units[pair.Reference]))).cpu()
            .data<float>()
            .ToArray();
        return [.. Enumerable.Range(0, placed.Length).Select(i => TokenMatch.Of(values[2 * i], values[2 * i + 1]))];
    }

    /// <summary>Unit vectors (C, D) and (R, D) -> precision and recall (2).</summary>
    private static Tensor Match(Tensor candidate, Tensor reference)
    {
        var (C, R) = (candidate.shape[0], reference.shape[0]);
        if (C == 2 || R == 2) return zeros(2, device: candidate.device);
        var cosines = candidate.mm(reference.t());    // (C, R)
        return stack([cosines.narrow(0, 1, C - 2).amax([1]).mean(), cosines.narrow(1, 1, R - 2).amax([0]).mean()]);
    }
}
