using OpenMU.Model.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Mir;

/// <summary>
/// A convolution over time whose output is as long as its input, as a matrix product for each tap. torch's own runs in
/// oneDNN, whose kernels for AVX-512 compute something else on some processors: in libtorch 2.10 on an AMD EPYC with
/// AVX-VNNI, values off by more than their size and losses of NaN. With <c>ONEDNN_MAX_CPU_ISA=AVX2</c> they are right.
/// </summary>
internal sealed class TimeConvolution : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;
    private readonly int dilation;

    /// <param name="inputs">Channels that it reads.</param>
    /// <param name="outputs">Channels that it writes.</param>
    /// <param name="taps">Frames that each output frame sees; odd.</param>
    /// <param name="dilation">How many frames they are apart.</param>
    public TimeConvolution(int inputs, int outputs, int taps, int dilation = 1) : base(nameof(TimeConvolution))
    {
        this.dilation = dilation;
        weight = new Parameter(zeros(outputs, inputs, taps));                               // (out, in, taps)
        bias = new Parameter(zeros(outputs));
        RegisterComponents();
    }

    /// <summary>(1, in, T) -> (1, out, T); before the first frame and behind the last there is silence.</summary>
    public override Tensor forward(Tensor x)
    {
        var (taps, frames) = (weight.shape[2], x.shape[2]);
        var around = taps / 2 * dilation;
        var padded = functional.pad(x, [around, around]);
        var y = bias.unsqueeze(-1);                                                         // (out, 1)
        for (var tap = 0; tap < taps; tap++)
            y = y.add_tensor(weight.select(2, tap).matmul(padded.narrow(2, tap * dilation, frames)));
        return y;
    }
}
