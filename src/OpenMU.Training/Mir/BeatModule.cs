// BeatModule.cs - the beat network as torch trains it. T frames of one excerpt, C channels.
using OpenMU.Mir.Networks;
using OpenMU.Model.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Mir;

/// <summary>
/// The same function of the same weights as <see cref="BeatNetwork"/>, which runs them without tensors.
/// </summary>
internal sealed class BeatModule : Module<Tensor, (Tensor Frames, Tensor Tempo, Tensor Metre)>
{
    private readonly TimeConvolution input;
    private readonly ModuleList<BeatBlock> blocks;
    private readonly Linear output, tempo, metre;

    public BeatModule(NetworkWeights weights) : base(nameof(BeatModule))
    {
        input = new(BeatNetwork.Inputs, BeatNetwork.Channels, BeatNetwork.InputTaps);
        blocks = new([.. Enumerable.Range(0, BeatNetwork.Blocks).Select(block => new BeatBlock(1 << block))]);
        output = Linear(BeatNetwork.Channels, BeatNetwork.Outputs);
        tempo = Linear(BeatNetwork.Pooled, BeatNetwork.TempoBins);
        metre = Linear(BeatNetwork.Pooled, BeatNetwork.MetreBins);
        RegisterComponents();
        ModuleWeights.Load(this, weights, BeatNetwork.Layout, inputsFirst: true);
    }

    /// <summary>The weights as they stand.</summary>
    public NetworkWeights Weights => ModuleWeights.Of(this, BeatNetwork.Layout, inputsFirst: true);

    /// <summary>
    /// Network input (T, Inputs) of one excerpt -> logits of each frame (T, Outputs), of the tempi (TempoBins) and of
    /// the metres (MetreBins).
    /// </summary>
    public override (Tensor Frames, Tensor Tempo, Tensor Metre) forward(Tensor excerpt)
    {
        var x = input.call(excerpt.t().unsqueeze(0));                                       // (1, C, T)
        var means = new List<Tensor>();
        foreach (var block in blocks)
        {
            (x, var mean) = block.call(x);
            means.Add(mean);
        }

        var pooled = cat(means, 0);                                                         // (Blocks * C)
        var frames = output.call(functional.relu(x).squeeze(0).t());                        // (T, Outputs)
        return (frames, tempo.call(pooled), metre.call(pooled));
    }
}

/// <summary>x + P relu(D x): a dilated convolution over time, then a linear layer in each frame.</summary>
internal sealed class BeatBlock : Module<Tensor, (Tensor X, Tensor Mean)>
{
    private readonly TimeConvolution dilated;
    private readonly Linear point;

    public BeatBlock(int dilation) : base(nameof(BeatBlock))
    {
        const int channels = BeatNetwork.Channels;
        dilated = new(channels, channels, BeatNetwork.Taps, dilation);
        point = Linear(channels, channels);
        RegisterComponents();
    }

    /// <summary>(1, C, T) -> the same after the block, and the mean over time of what is inside it (C).</summary>
    public override (Tensor X, Tensor Mean) forward(Tensor x)
    {
        var inner = functional.relu(dilated.call(x));                                       // (1, C, T)
        return (x.add_tensor(point.call(inner.transpose(1, 2)).transpose(1, 2)), inner.mean([0, 2]));
    }
}
