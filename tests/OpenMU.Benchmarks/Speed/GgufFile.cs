// GgufFile.cs - a language model as a GGUF file (version 3, little endian), the format of llama.cpp. Rows of a Q8_0
// matrix are blocks of 32 numbers: a float16 scale, the largest magnitude divided by 127, and 32 signed bytes.
using System.Text;
using OpenMU.Model.Decoder;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks.Speed;

internal static class GgufFile
{
    private const int Alignment = 32, Block = 32;
    private const uint Float32 = 0, Q8 = 8, Bf16 = 30;

    /// <param name="path">The file to write.</param>
    /// <param name="isQwen3">Whether it is a Qwen3; otherwise it is a Llama, whose heads llama.cpp wants in Meta's
    /// order.</param>
    /// <param name="llama">Its matrices in bfloat16.</param>
    /// <param name="eightBits">Whether to store them as Q8_0.</param>
    public static void Write(string path, bool isQwen3, Llama llama, bool eightBits)
    {
        var tensors = llama.state_dict()
            .Select(entry => (Name: NameOf(entry.Key), Source: entry.Key, Tensor: entry.Value)).ToArray();
        using (var file = new BinaryWriter(File.Create(path + ".part")))
        {
            file.Write("GGUF"u8);
            file.Write(3u);
            file.Write((long)tensors.Length);
            WriteConfig(file, isQwen3 ? "qwen3" : "llama", llama);
            long offset = 0;
            foreach (var (name, _, tensor) in tensors)
            {
                WriteText(file, name);
                file.Write((uint)tensor.dim());
                foreach (var size in tensor.shape.Reverse()) file.Write(size);
                var type = tensor.dim() == 1 ? Float32 : eightBits ? Q8 : Bf16;
                file.Write(type);
                file.Write(offset);
                offset = Aligned(offset + (tensor.numel() * type switch { Float32 => 4L, Bf16 => 2L, _ => 0 })
                    + (type == Q8 ? tensor.numel() / Block * (2 + Block) : 0));
            }
            Pad(file);
            foreach (var (_, source, tensor) in tensors)
            {
                using var scope = NewDisposeScope();
                WriteNumbers(file, isQwen3 ? tensor : InMetasOrder(source, tensor, llama), eightBits);
                Pad(file);
            }
        }
        File.Move(path + ".part", path);
    }

    private static void WriteConfig(BinaryWriter file, string architecture, Llama llama)
    {
        var config = llama.Config;
        (string Key, object Value)[] entries =
        [
            ("general.architecture", architecture),
            ("tokenizer.ggml.model", "none"),
            ($"{architecture}.vocab_size", config.VocabSize),
            ($"{architecture}.block_count", config.NumHiddenLayers),
            ($"{architecture}.context_length", config.MaxPositionEmbeddings),
            ($"{architecture}.embedding_length", config.HiddenSize),
            ($"{architecture}.feed_forward_length", config.IntermediateSize),
            ($"{architecture}.attention.head_count", config.NumAttentionHeads),
            ($"{architecture}.attention.head_count_kv", config.NumKeyValueHeads),
            ($"{architecture}.attention.key_length", config.HeadDim),
            ($"{architecture}.attention.value_length", config.HeadDim),
            ($"{architecture}.attention.layer_norm_rms_epsilon", (float)config.RmsNormEps),
            ($"{architecture}.rope.freq_base", (float)config.RopeTheta),
            ($"{architecture}.rope.dimension_count", config.HeadDim),
        ];
        file.Write((long)entries.Length);
        foreach (var (key, value) in entries)
        {
            WriteText(file, key);
            file.Write(value switch { int => 4u, float => 6u, _ => 8u });
            if (value is int number) file.Write(number);
            else if (value is float real) file.Write(real);
            else WriteText(file, (string)value);
        }
    }

    private static string NameOf(string key)
    {
        var name = key.Replace("model.layers.", "blk.", StringComparison.Ordinal);
        foreach (var (ours, theirs) in new[]
        {
            ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output"),
            ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"),
            ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
            ("self_attn.o_proj", "attn_output"), ("self_attn.q_norm", "attn_q_norm"),
            ("self_attn.k_norm", "attn_k_norm"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"),
            ("mlp.down_proj", "ffn_down"),
        })
        {
            name = name.Replace(ours, theirs, StringComparison.Ordinal);
        }
        return name;
    }

    /// <summary>Within each head, dimensions i and i + d/2 come to lie side by side.</summary>
    private static Tensor InMetasOrder(string key, Tensor tensor, Llama llama)
    {
        var isQuery = key.Contains("q_proj", StringComparison.Ordinal);
        if (!isQuery && !key.Contains("k_proj", StringComparison.Ordinal)) return tensor;
        var heads = isQuery ? llama.Config.NumAttentionHeads : llama.Config.NumKeyValueHeads;
        return tensor.view(heads, 2, llama.Config.HeadDim / 2, -1).transpose(1, 2).reshape(tensor.shape);
    }

    private static void WriteNumbers(BinaryWriter file, Tensor tensor, bool eightBits)
    {
        if (tensor.dim() == 1)
        {
            file.Write(tensor.to(float32).bytes);
        }
        else if (!eightBits)
        {
            file.Write(tensor.contiguous().bytes);
        }
        else
        {
            var numbers = tensor.to(float32).contiguous().data<float>().ToArray();
            for (var first = 0; first < numbers.Length; first += Block)
            {
                var block = numbers.AsSpan(first, Block);
                var largest = 0f;
                foreach (var number in block) largest = Math.Max(largest, Math.Abs(number));
                var scale = (Half)(largest / 127);
                file.Write(scale);
                var inverse = scale == Half.Zero ? 0 : 1 / (float)scale;
                foreach (var number in block) file.Write((sbyte)Math.Clamp(MathF.Round(number * inverse), -127, 127));
            }
        }
    }

    private static void WriteText(BinaryWriter file, string text)
    {
        file.Write((long)text.Length);
        file.Write(Encoding.ASCII.GetBytes(text));
    }

    private static long Aligned(long offset) => (offset + Alignment - 1) / Alignment * Alignment;

    private static void Pad(BinaryWriter file) =>
        file.Write(new byte[Aligned(file.BaseStream.Position) - file.BaseStream.Position]);
}
