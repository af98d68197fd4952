using System.Text.Json;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>The sizes of a RoBERTa, with the names of Hugging Face's config.json; what else stands there does not matter here.</summary>
internal sealed record RobertaConfig
{
    public const string File = "config.json";

    private const int MaximumBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

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

    /// <summary>Positions begin behind it: RoBERTa inherited from fairseq that the first token has position 2.</summary>
    public int PadTokenId { get; init; } = 1;

    public string PositionEmbeddingType { get; init; } = "absolute";

    public int FirstPosition => PadTokenId + 1;

    /// <summary>Longest text in tokens, specials among them: 512.</summary>
    public int MaxLength => MaxPositionEmbeddings - FirstPosition;

    /// <exception cref="InvalidDataException">There is no config.json, it lacks a size, or it is that of another model; the message says which.</exception>
    public static RobertaConfig Read(string folder)
    {
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path)) throw new InvalidDataException($"{folder} holds no RoBERTa model: it has no {File}.");
        if (new FileInfo(path).Length > MaximumBytes) throw new InvalidDataException($"{path} is larger than {MaximumBytes} bytes.");
        try
        {
            var bytes = System.IO.File.ReadAllBytes(path);
            using var json = JsonDocument.Parse(bytes);
            // Said before anything is missed: other models have other sizes.
            var type = json.RootElement.TryGetProperty("model_type", out var value) ? value.ToString() : "not named";
            if (type != "roberta") throw new InvalidDataException($"{path} is of no RoBERTa model: its model_type is {type}.");
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
        if (PositionEmbeddingType != "absolute") return $"position_embedding_type is {PositionEmbeddingType}; RoBERTa's is absolute.";
        if (new[] { VocabSize, HiddenSize, NumHiddenLayers, NumAttentionHeads, IntermediateSize, TypeVocabSize }.Any(size => size < 1) || !(LayerNormEps > 0)) return "sizes and layer_norm_eps must be positive.";
        if (HiddenSize % NumAttentionHeads != 0) return $"hidden_size ({HiddenSize}) must be a multiple of num_attention_heads ({NumAttentionHeads}).";
        return PadTokenId < 0 || MaxLength < 3 ? $"max_position_embeddings ({MaxPositionEmbeddings}) leave no room for a text." : null;
    }
}
