using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Decoder;

/// <summary>down(silu(gate x) * up x), without biases: (.., in) -> (.., out).</summary>
internal sealed class GatedMlp : Module<Tensor, Tensor>
{
    private readonly LoraLinear gate_proj, up_proj, down_proj;

    public GatedMlp(WeightSource weights, int inputs, int hidden, int outputs) : base(nameof(GatedMlp))
    {
        gate_proj = new(weights.Under("gate_proj"), inputs, hidden);
        up_proj = new(weights.Under("up_proj"), inputs, hidden);
        down_proj = new(weights.Under("down_proj"), hidden, outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var (gate, up) = (gate_proj.call(x), up_proj.call(x));
        return down_proj.call(
            RowKernels.Take(gate, up) ? RowKernels.SiluProduct(gate, up) : functional.silu(gate) * up);
    }
}
