// RobertaEncoder.cs - RoBERTa (Liu et al., 2019) up to one of its layers, in evaluation: no dropout. Keys as in Hugging
// Face's RobertaModel. B texts, T tokens of the longest of them, D width, H heads, d head width.
using System.Text.Json;
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Embedding = OpenMU.Model.Decoder.Embedding;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// The sizes of a RoBERTa, with the names of Hugging Face's config.json; what else stands there does not matter here.
/// </summary>
internal sealed record RobertaConfig
{
    public const string File = "config.json";

    private const int MaximumBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string ModelType { get; init; }
    public required string HiddenAct { get; init; }
    public required int VocabSize { get; init; }
    public required int HiddenSize { get; init; }
    public required int NumHiddenLayers { get; init; }
    public required int NumAttentionHeads { get; init; }
    public required int IntermediateSize { get; init; }
    public required int MaxPositionEmbeddings { get; init; }
    public required int TypeVocabSize { get; init; }
    public required double LayerNormEps { get; init; }

    /// <summary>
    /// Positions begin behind it: RoBERTa inherited from fairseq that the first token has position 2.
    /// </summary>
    public int PadTokenId { get; init; } = 1;

    public string PositionEmbeddingType { get; init; } = "absolute";

    public int FirstPosition => PadTokenId + 1;

    /// <summary>Longest text in tokens, specials among them: 512.</summary>
    public int MaxLength => MaxPositionEmbeddings - FirstPosition;

    /// <exception cref="InvalidDataException">There is no config.json, it lacks a size, or it is that of another model;
    /// the message says which.</exception>
    public static RobertaConfig Read(string folder)
    {
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path))
            throw new InvalidDataException($"{folder} holds no RoBERTa model: it has no {File}.");
        if (new FileInfo(path).Length > MaximumBytes)
            throw new InvalidDataException($"{path} is larger than {MaximumBytes} bytes.");
        try
        {
            var bytes = System.IO.File.ReadAllBytes(path);
            using var json = JsonDocument.Parse(bytes);
            // Said before anything is missed: other models have other sizes.
            var type = json.RootElement.TryGetProperty("model_type", out var value) ? value.ToString() : "not named";
            if (type != "roberta")
                throw new InvalidDataException($"{path} is of no RoBERTa model: its model_type is {type}.");
            var config = JsonSerializer.Deserialize<RobertaConfig>(bytes, Json)!;
            return config.Problem() is { } problem ? throw new InvalidDataException($"{path}: {problem}") : config;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is no configuration of a RoBERTa model: {e.Message}", e);
        }
    }

    private string? Problem()
    {
        if (HiddenAct != "gelu") return $"hidden_act is {HiddenAct}; RoBERTa's is gelu.";
        if (PositionEmbeddingType != "absolute")
            return $"position_embedding_type is {PositionEmbeddingType}; RoBERTa's is absolute.";
        if (new[] { VocabSize, HiddenSize, NumHiddenLayers, NumAttentionHeads, IntermediateSize, TypeVocabSize }
            .Any(size => size < 1) || !(LayerNormEps > 0))
        {
            return "sizes and layer_norm_eps must be positive.";
        }
        if (HiddenSize % NumAttentionHeads != 0)
            return $"hidden_size ({HiddenSize}) must be a multiple of num_attention_heads ({NumAttentionHeads}).";
        return PadTokenId < 0 || MaxLength < 3
            ? $"max_position_embeddings ({MaxPositionEmbeddings}) leave no room for a text."
            : null;
    }
}

/// <summary>Token ids to contextual embeddings.</summary>
internal sealed class RobertaEncoder : Module<Tensor, Tensor, Tensor>
{
    private readonly Embedding word;
    private readonly Parameter position, tokenType;
    private readonly Norm norm;
    private readonly ModuleList<RobertaLayer> layer;
    private readonly int firstPosition;

    /// <param name="config">Sizes.</param>
    /// <param name="weights">Where the keys begin with "embeddings" and "encoder".</param>
    /// <param name="layers">How many layers are made, from the first on; with 0, the normalised embeddings
    /// are the output.</param>
    public RobertaEncoder(RobertaConfig config, WeightSource weights, int layers) : base(nameof(RobertaEncoder))
    {
        firstPosition = config.FirstPosition;
        Parameter Table(string name, int rows) =>
            weights.Take($"embeddings.{name}_embeddings.weight", Initializers.Normal(0.02), rows, config.HiddenSize);
        word = new(weights.Under("embeddings.word_embeddings"), config.VocabSize, config.HiddenSize);
        position = Table("position", config.MaxPositionEmbeddings);
        tokenType = Table("token_type", config.TypeVocabSize);
        norm = new(weights.Under("embeddings.LayerNorm"), config.HiddenSize, config.LayerNormEps);
        layer = new([.. Enumerable.Range(0, layers)
            .Select(i => new RobertaLayer(config, weights.Under($"encoder.layer.{i}")))]);
        RegisterComponents();
    }

    public Device Device => position.device;

    /// <summary>
    /// ids (B, T) int64, and where they are no padding (B, T) bool -> (B, T, D); padding, which stands behind the text,
    /// comes out as anything.
    /// </summary>
    public override Tensor forward(Tensor ids, Tensor isText)
    {
        using var scope = NewDisposeScope();
        var positions = position.narrow(0, firstPosition, ids.shape[1]);
        var x = norm.call(word.call(ids).add_tensor(positions).add_tensor(tokenType[0]));
        var heard = isText.unsqueeze(1).unsqueeze(1);                                   // (B, 1, 1, T)
        foreach (var block in layer) x = block.call(x, heard);
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>norm(x + attention x), then norm(x + mlp x): BERT's order, normalised behind each sum.</summary>
internal sealed class RobertaLayer : Module<Tensor, Tensor, Tensor>
{
    private readonly Dense query, key, value, attended, inner, outer;
    private readonly Norm attentionNorm, outputNorm;
    private readonly int heads;

    public RobertaLayer(RobertaConfig config, WeightSource weights) : base(nameof(RobertaLayer))
    {
        var (D, eps) = (config.HiddenSize, config.LayerNormEps);
        heads = config.NumAttentionHeads;
        query = new(weights.Under("attention.self.query"), D, D);
        key = new(weights.Under("attention.self.key"), D, D);
        value = new(weights.Under("attention.self.value"), D, D);
        attended = new(weights.Under("attention.output.dense"), D, D);
        attentionNorm = new(weights.Under("attention.output.LayerNorm"), D, eps);
        inner = new(weights.Under("intermediate.dense"), D, config.IntermediateSize);
        outer = new(weights.Under("output.dense"), config.IntermediateSize, D);
        outputNorm = new(weights.Under("output.LayerNorm"), D, eps);
        RegisterComponents();
    }

    /// <summary>x (B, T, D), what may be attended to (B, 1, 1, T) bool -> (B, T, D).</summary>
    public override Tensor forward(Tensor x, Tensor heard)
    {
        using var scope = NewDisposeScope();
        var (B, T, D) = (x.shape[0], x.shape[1], x.shape[2]);
        Tensor Heads(Dense part) => part.call(x).view(B, T, heads, D / heads).transpose(1, 2);           // (B, H, T, d)
        var y = functional.scaled_dot_product_attention(Heads(query), Heads(key), Heads(value), heard);  // (B, H, T, d)
        x = attentionNorm.call(x.add_tensor(attended.call(y.transpose(1, 2).reshape(B, T, D))));
        return outputNorm.call(x.add_tensor(outer.call(functional.gelu(inner.call(x))))).MoveToOuterDisposeScope();
    }
}
