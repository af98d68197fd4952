// MetaCheckpoint.cs - Llama in Meta's format (consolidated.NN.pth and params.json), converted to Hugging Face's keys
// and layout. Meta's RoPE pairs the dimensions 2i and 2i+1 of a head, Hugging Face's i and i + d/2. The rows of the
// query and key matrices are therefore permuted per head: row (s, i) of Hugging Face is row (i, s) of Meta, s in {0,
// 1}, i < d/2. Larger models are split over several files for tensor parallelism: most matrices along their outputs,
// those that end a block along their inputs.
using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>A folder in Meta's format.</summary>
internal static class MetaCheckpoint
{
    public const string ParametersFile = "params.json";

    private static readonly Dictionary<string, (string Name, int? SplitAxis)> LayerNames = new()
    {
        ["attention.wq.weight"] = ("self_attn.q_proj.weight", 0),
        ["attention.wk.weight"] = ("self_attn.k_proj.weight", 0),
        ["attention.wv.weight"] = ("self_attn.v_proj.weight", 0),
        ["attention.wo.weight"] = ("self_attn.o_proj.weight", 1),
        ["feed_forward.w1.weight"] = ("mlp.gate_proj.weight", 0),
        ["feed_forward.w2.weight"] = ("mlp.down_proj.weight", 1),
        ["feed_forward.w3.weight"] = ("mlp.up_proj.weight", 0),
        ["attention_norm.weight"] = ("input_layernorm.weight", null),
        ["ffn_norm.weight"] = ("post_attention_layernorm.weight", null),
    };

    /// <summary>The language model's configuration, and its tensors by Hugging Face's keys.</summary>
    /// <exception cref="InvalidDataException">A file is missing, damaged or of another kind of model; the message names
    /// it and the key.</exception>
    public static (LlamaConfig Config, PublishedCheckpoint Checkpoint) Open(string folder)
    {
        var paths = Directory.GetFiles(folder, "consolidated.*.pth").Order(StringComparer.Ordinal).ToArray();
        if (paths.Length == 0) throw new InvalidDataException($"{folder} has no consolidated.00.pth.");
        var files = PublishedCheckpoint.OpenAll(paths);
        try
        {
            var parts = files.Select(file => file.NamedTensors().ToDictionary(tensor => tensor.Key)).ToArray();
            var config = ReadConfig(Path.Combine(folder, ParametersFile), parts);
            var tensors = new List<NamedTensor>();
            foreach (var key in parts[0].Keys)
            {
                if (key == "rope.freqs") continue;  // computed, not a parameter
                var (name, splitAxis) = NameOf(folder, key, parts[0][key], config);
                NamedTensor[] slices = [.. parts.Select(
                    (part, i) => part.TryGetValue(key, out var slice) && slice.Shape.Count == parts[0][key].Shape.Count
                        ? slice
                        : throw new InvalidDataException($"{paths[i]} lacks the tensor '{key}'."))];
                var whole = Join(name, slices, splitAxis);
                tensors.Add(name.EndsWith("q_proj.weight", StringComparison.Ordinal)
                    || name.EndsWith("k_proj.weight", StringComparison.Ordinal)
                    ? Permute(whole, config.HeadDim)
                    : whole);
            }
            return (config, new(folder, tensors, files));
        }
        catch
        {
            foreach (var file in files) file.Dispose();
            throw;
        }
    }

    private static LlamaConfig ReadConfig(string path, IReadOnlyList<Dictionary<string, NamedTensor>> parts)
    {
        var config = ForeignConfig.Read(path, ForeignConfigRules.Meta);
        var heads = config.Whole("n_heads");
        return new()
        {
            HiddenSize = config.Whole("dim"),
            NumHiddenLayers = config.Whole("n_layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = config.Value("n_kv_heads")?.GetInt32() ?? heads,
            // The file gives only a formula for this size, the matrix the size itself.
            IntermediateSize = (int)parts.Sum(part => SizeOf(path, part, "layers.0.feed_forward.w1.weight")),
            VocabSize = config.Whole("vocab_size") is > 0 and var size
                ? size
                : (int)parts.Sum(part => SizeOf(path, part, "output.weight")),
            RmsNormEps = config.Number("norm_eps"),
            RopeTheta = config.Value("rope_theta")?.GetDouble() ?? LlamaSource.DefaultRopeTheta,
        };
    }

    private static long SizeOf(string path, Dictionary<string, NamedTensor> part, string key)
        => part.TryGetValue(key, out var tensor) && tensor.Shape.Count == 2
            ? tensor.Shape[0]
            : throw new InvalidDataException($"The checkpoint beside {path} lacks the matrix '{key}'.");

    private static (string Name, int? SplitAxis) NameOf(
        string folder, string key, NamedTensor slice, LlamaConfig config)
    {
        // Llama 2 splits the embedding along its width, Llama 3 along the vocabulary.
        if (key == "tok_embeddings.weight")
            return ("model.embed_tokens.weight", slice.Shape is [_, var width] && width == config.HiddenSize ? 0 : 1);
        if (key == "output.weight") return ("lm_head.weight", 0);
        if (key == "norm.weight") return ("model.norm.weight", null);
        if (key.Split('.', 3) is ["layers", var layer, var rest] && LayerNames.TryGetValue(rest, out var inLayer))
            return ($"model.layers.{layer}.{inLayer.Name}", inLayer.SplitAxis);
        throw new InvalidDataException($"{folder} has the tensor '{key}', which is none of a Llama 3.");
    }

    internal static NamedTensor Join(string name, NamedTensor[] slices, int? splitAxis)
    {
        var first = slices[0] with { Key = name };
        if (slices.Length == 1 || splitAxis is null) return first;
        if (splitAxis == 1) return first with
        {
            Shape = [first.Shape[0], slices.Sum(slice => slice.Shape[1])],
            Rows = (row, count) => Cat(slices.Select(slice => slice.Rows(row, count)), 1),
        };
        return first with
        {
            Shape = [slices.Sum(slice => slice.Shape[0]), .. first.Shape.Skip(1)],
            Rows = (row, count) => Cat(RowsOf(slices, row, count), 0)
        };
    }

    private static IEnumerable<Tensor> RowsOf(NamedTensor[] slices, long row, long count)
    {
        var before = 0L;
        foreach (var slice in slices)
        {
            var (from, to) = (Math.Max(row, before), Math.Min(row + count, before + slice.Shape[0]));
            if (from < to) yield return slice.Rows(from - before, to - from);
            before += slice.Shape[0];
        }
    }

    private static Tensor Cat(IEnumerable<Tensor> parts, long axis)
    {
        using var scope = NewDisposeScope();
        return cat([.. parts], axis).MoveToOuterDisposeScope();
    }

    private static NamedTensor Permute(NamedTensor meta, int headDim) => meta with
    {
        Rows = (row, count) =>
        {
            using var scope = NewDisposeScope();
            var (from, to) = (row / headDim * headDim, (row + count + headDim - 1) / headDim * headDim);
            var source = Enumerable.Range(0, (int)count).Select(n =>
            {
                var inHead = (row + n) % headDim;
                return row + n - inHead + 2 * (inHead % (headDim / 2)) + inHead / (headDim / 2) - from;
            });
            return meta.Rows(from, to - from).index_select(0, tensor(source.ToArray())).MoveToOuterDisposeScope();
        },
    };
}
