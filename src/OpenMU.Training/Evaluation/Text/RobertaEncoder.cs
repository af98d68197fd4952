// RobertaEncoder.cs - RoBERTa (Liu et al., 2019) up to one of its layers, in evaluation: no dropout. Keys as in Hugging Face's RobertaModel.
// B texts, T tokens of the longest of them, D width, H heads, d head width.
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using Embedding = OpenMU.Model.Decoder.Embedding;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Evaluation.Text;

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
    /// <param name="layers">Only the first so many layers are made; with 0, the normalised embeddings are the output.</param>
    public RobertaEncoder(RobertaConfig config, WeightSource weights, int layers) : base(nameof(RobertaEncoder))
    {
        firstPosition = config.FirstPosition;
        Parameter Table(string name, int rows) => weights.Take($"embeddings.{name}_embeddings.weight", Fresh.Normal(0.02), rows, config.HiddenSize);
        word = new(weights.Under("embeddings.word_embeddings"), config.VocabSize, config.HiddenSize);
        position = Table("position", config.MaxPositionEmbeddings);
        tokenType = Table("token_type", config.TypeVocabSize);
        norm = new(weights.Under("embeddings.LayerNorm"), config.HiddenSize, config.LayerNormEps);
        layer = new([.. Enumerable.Range(0, layers).Select(i => new RobertaLayer(config, weights.Under($"encoder.layer.{i}")))]);
        RegisterComponents();
    }

    public Device Device => position.device;

    /// <summary>ids (B, T) int64, and where they are no padding (B, T) bool -> (B, T, D); padding, which stands behind the text, comes out as anything.</summary>
    public override Tensor forward(Tensor ids, Tensor isText)
    {
        using var scope = NewDisposeScope();
        var positions = position.narrow(0, firstPosition, ids.shape[1]);
        var x = norm.call(word.call(ids).Plus(positions).Plus(tokenType[0]));
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
        Tensor Heads(Dense part) => part.call(x).view(B, T, heads, D / heads).transpose(1, 2);                    // (B, H, T, d)
        var y = functional.scaled_dot_product_attention(Heads(query), Heads(key), Heads(value), heard);           // (B, H, T, d)
        x = attentionNorm.call(x.Plus(attended.call(y.transpose(1, 2).reshape(B, T, D))));
        return outputNorm.call(x.Plus(outer.call(functional.gelu(inner.call(x))))).MoveToOuterDisposeScope();
    }
}
