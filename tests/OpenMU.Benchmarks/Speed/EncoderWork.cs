using System.Globalization;
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks.Speed;

/// <summary>Our audio encoder, a ViT-B over three chunks a clip of 30.7 s, with random weights.</summary>
internal sealed class EncoderWork : ISpeedPeer
{
    public const int Seed = 1;

    public static readonly string[] All = ["clips1", "clips8"];

    private readonly AudioMae tower;
    private Tensor clips = empty(0);

    /// <param name="type">bf16 as a model is opened where the processor multiplies bfloat16; fp32.</param>
    public EncoderWork(string type)
    {
        KernelThreads.Use(Environment.ProcessorCount);
        tower = Of(type == "bf16" ? bfloat16 : float32);
    }

    public static AudioMaeConfig Config => OpenMuConfig.Full.Audio;

    public static AudioMae Of(ScalarType type)
    {
        var source = WeightSource.Random(Seed).StoringMatricesAs(type).RoundingToBf16(Bf16Hardware.IsNative);
        var tower = new AudioMae(Config, source);
        tower.eval();
        return tower;
    }

    /// <summary>Spectrograms that both sides get: (clips, 1, 3072, 128).</summary>
    public static Tensor Input(int clips)
    {
        using var generator = new Generator(5);
        return randn([clips, 1, Config.InputFrames, Config.MelBins], generator: generator);
    }

    /// <summary>"clips8" are eight.</summary>
    public static int Clips(string work) => int.Parse(work["clips".Length..], CultureInfo.InvariantCulture);

    public void Prepare(string work, int threads)
    {
        KernelThreads.Use(threads);
        clips.Dispose();
        clips = Input(Clips(work));
    }

    public double Work()
    {
        using var _ = no_grad();
        tower.call(clips).Dispose();
        return clips.shape[0];
    }

    public float[] Numbers()
    {
        using var _ = no_grad();
        using var input = Input(1);
        using var tokens = tower.call(input);
        return tokens.data<float>().ToArray();
    }

    public void Dispose() => tower.Dispose();
}
