// OnnxVit.cs - the audio encoder as an ONNX file, written field by field (onnx.proto of ONNX 1.16; IR 10, opset 20).
// N chunks, P = 512 patches, T = P + 1 with cls, D width, H heads, d head width, M music tokens of a chunk.
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks.Speed;

/// <summary>The same weights and the same results as <see cref="EncoderWork"/>'s tower.</summary>
internal sealed class OnnxVit : IDisposable
{
    private const int Float = 1, Int64 = 7;

    private readonly Message graph = new();
    private int names;

    public static void Write(string path)
    {
        using var _ = no_grad();
        using var tower = EncoderWork.Of(float32);
        using var file = new OnnxVit();
        file.Build(tower.state_dict());
        var opset = new Message();
        opset.Number(2, 20);
        var model = new Message();
        model.Number(1, 10);
        model.Part(8, opset);
        model.Part(7, file.graph);
        File.WriteAllBytes(path, model.ToArray());
    }

    public void Dispose() => graph.Dispose();

    private void Build(IDictionary<string, Tensor> weights)
    {
        var config = EncoderWork.Config;
        var (D, H, P) = (config.EmbedDim, config.NumHeads, config.Patches);
        foreach (var (name, tensor) in weights)
        {
            var isMatrix = tensor.dim() == 2;   // (out, in); MatMul wants (in, out).
            using var stored = isMatrix ? tensor.t().contiguous() : tensor.contiguous();
            Weight(name, stored);
        }
        foreach (var (name, shape) in new (string, long[])[]
        {
            ("to patches", [0, D, P]), ("to heads", [0, P + 1, 3, H, D / H]), ("to width", [0, P + 1, D]),
            ("to pools", [0, config.Pooling, P / config.Pooling, D]),
        })
        {
            Weight(name, tensor(shape, dtype: int64));
        }
        Weight("one", tensor(new long[] { 1 }, dtype: int64));
        Weight("first", tensor(new long[] { 0 }, dtype: int64));
        Weight("end", tensor(new[] { long.MaxValue }, dtype: int64));
        Weight("scale", tensor(1 / MathF.Sqrt(D / H)));
        Weight("blocks", tensor(1f / config.ContextualBlocks.Count));

        var patches = Node("Conv", ["chunks", "patch_embed.proj.weight", "patch_embed.proj.bias"],
            Of("kernel_shape", [config.PatchSize, config.PatchSize]),
            Of("strides", [config.PatchSize, config.PatchSize]));
        patches = Node("Transpose", [Node("Reshape", [patches, "to patches"])], Of("perm", [0, 2, 1]));   // (N, P, D)
        var ofPatches = Node("Slice", ["pos_embed", "one", "end", "one"]);                              // (1, P, D)
        var ofCls = Node("Slice", ["pos_embed", "first", "one", "one"]);                                // (1, 1, D)
        var cls = Node("Expand", [Node("Add", ["cls_token", ofCls]), ClsShape(patches, D)]);            // (N, 1, D)
        var x = Node("Concat", [cls, Node("Add", [patches, ofPatches])], Of("axis", 1));                  // (N, T, D)
        string? sum = null;
        for (var block = 0; block < config.Depth; block++)
        {
            x = Block(x, $"blocks.{block}");
            if (!config.ContextualBlocks.Contains(block)) continue;
            var normalised = Norm(x, "fc_norm");
            sum = sum is null ? normalised : Node("Add", [sum, normalised]);
        }
        var mean = Node("Slice", [Node("Mul", [sum!, "blocks"]), "one", "end", "one"]);                 // (N, P, D)
        NodeInto("tokens", "ReduceMean", [Node("Reshape", [mean, "to pools"]), "one"], Of("keepdims", 0));
        graph.Text(2, "encoder");
        graph.Part(11, Value("chunks", [null, 1, config.ChunkFrames, config.MelBins]));
        graph.Part(12, Value("tokens", [null, P / config.Pooling, D]));
    }

    private string ClsShape(string patches, int width)
    {
        var chunks = Node("Slice", [Node("Shape", [patches]), "first", "one", "first"]);
        Weight("cls", tensor(new long[] { 1, width }, dtype: int64));
        return Node("Concat", [chunks, "cls"], Of("axis", 0));
    }

    private string Block(string x, string key)
    {
        var qkv = Node("Reshape", [Dense(Norm(x, $"{key}.norm1"), $"{key}.attn.qkv"), "to heads"]);
        var parts = new string[3];
        foreach (var part in (int[])[0, 1, 2])
        {
            Weight($"{key}.{part}", tensor((long)part));
            var heads = Node("Gather", [qkv, $"{key}.{part}"], Of("axis", 2));                          // (N, T, H, d)
            parts[part] = Node("Transpose", [heads], Of("perm", part == 1 ? [0, 2, 3, 1] : [0, 2, 1, 3]));
        }
        var scores = Node("Mul", [Node("MatMul", [parts[0], parts[1]]), "scale"]);                      // (N, H, T, T)
        var y = Node("MatMul", [Node("Softmax", [scores], Of("axis", -1)), parts[2]]);                  // (N, H, T, d)
        y = Node("Reshape", [Node("Transpose", [y], Of("perm", [0, 2, 1, 3])), "to width"]);              // (N, T, D)
        x = Node("Add", [x, Dense(y, $"{key}.attn.proj")]);
        var hidden = Node("Gelu", [Dense(Norm(x, $"{key}.norm2"), $"{key}.mlp.fc1")]);
        return Node("Add", [x, Dense(hidden, $"{key}.mlp.fc2")]);
    }

    private string Dense(string x, string key) =>
        Node("Add", [Node("MatMul", [x, $"{key}.weight"]), $"{key}.bias"]);

    private string Norm(string x, string key) =>
        Node(
            "LayerNormalization", [x, $"{key}.weight", $"{key}.bias"],
            Of("epsilon", (float)EncoderWork.Config.LayerNormEps));

    private string Node(string type, string[] inputs, params Message[] attributes)
    {
        var output = $"v{names++}";
        NodeInto(output, type, inputs, attributes);
        return output;
    }

    /// <summary>NodeProto.</summary>
    private void NodeInto(string output, string type, string[] inputs, params Message[] attributes)
    {
        var node = new Message();
        foreach (var input in inputs) node.Text(1, input);
        node.Text(2, output);
        node.Text(4, type);
        foreach (var attribute in attributes) node.Part(5, attribute);
        graph.Part(1, node);
    }

    /// <summary>AttributeProto of whole numbers.</summary>
    private static Message Of(string name, int[] values)
    {
        var attribute = new Message();
        attribute.Text(1, name);
        foreach (var value in values) attribute.Number(8, value);
        attribute.Number(20, 7);
        return attribute;
    }

    /// <summary>AttributeProto of one whole number.</summary>
    private static Message Of(string name, int value)
    {
        var attribute = new Message();
        attribute.Text(1, name);
        attribute.Number(3, value);
        attribute.Number(20, 2);
        return attribute;
    }

    /// <summary>AttributeProto of one float.</summary>
    private static Message Of(string name, float value)
    {
        var attribute = new Message();
        attribute.Text(1, name);
        attribute.Single(2, value);
        attribute.Number(20, 1);
        return attribute;
    }

    /// <summary>TensorProto.</summary>
    private void Weight(string name, Tensor tensor)
    {
        var weight = new Message();
        foreach (var size in tensor.shape) weight.Number(1, size);
        weight.Number(2, tensor.dtype == int64 ? Int64 : Float);
        weight.Text(8, name);
        weight.Bytes(9, tensor.bytes);
        graph.Part(5, weight);
    }

    /// <summary>ValueInfoProto of a float tensor; null is a size that is known when it runs.</summary>
    private static Message Value(string name, int?[] sizes)
    {
        Message shape = new(), tensor = new(), type = new(), value = new();
        foreach (var size in sizes)
        {
            var dimension = new Message();
            if (size is { } known) dimension.Number(1, known);
            else dimension.Text(2, "n");
            shape.Part(1, dimension);
        }
        tensor.Number(1, Float);
        tensor.Part(2, shape);
        type.Part(1, tensor);
        value.Text(1, name);
        value.Part(2, type);
        return value;
    }

    /// <summary>A message of Protocol Buffers: numbered fields, one after the other.</summary>
    private sealed class Message : IDisposable
    {
        private readonly MemoryStream bytes = new();

        public void Number(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
        }

        public void Single(int field, float value)
        {
            Varint(((ulong)field << 3) | 5);
            bytes.Write(BitConverter.GetBytes(value));
        }

        public void Text(int field, string text) => Bytes(field, Encoding.ASCII.GetBytes(text));

        public void Part(int field, Message part) =>
            Bytes(field, part.bytes.GetBuffer().AsSpan(0, (int)part.bytes.Length));

        public void Bytes(int field, ReadOnlySpan<byte> content)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)content.Length);
            bytes.Write(content);
        }

        public void Dispose() => bytes.Dispose();

        public byte[] ToArray() => bytes.ToArray();

        private void Varint(ulong value)
        {
            for (; value >= 128; value >>= 7) bytes.WriteByte((byte)(value | 128));
            bytes.WriteByte((byte)value);
        }
    }
}
