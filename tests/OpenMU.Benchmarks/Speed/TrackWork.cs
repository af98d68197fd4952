using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks.Speed;

/// <summary>
/// A track of four minutes and MiDashengLM-0.6B's shape with random weights: hearing its eight windows, and a caption
/// and a description of 100 tokens each, written side by side.
/// </summary>
internal sealed class TrackWork : ISpeedPeer
{
    private const int Seconds = 240, NewTokens = 100;

    public static readonly string[] All = ["hear", "write"];

    private readonly MiDashengLm model;
    private readonly float[] sound = new float[Seconds * 16_000];
    private EncodedWindow? heard;
    private string work = "";

    public TrackWork(string type)
    {
        KernelThreads.Use(Environment.ProcessorCount);
        model = new(
            MiDashengLmConfig.Small,
            WeightSource.Random(1).StoringMatricesAs(WeightTypes.ByName[type])
                .RoundingToBf16(Bf16Hardware.IsNative));
        var random = new Random(1);
        for (var i = 0; i < sound.Length; i++) sound[i] = (random.NextSingle() - 0.5f) * 0.1f;
    }

    public void Prepare(string work, int threads)
    {
        KernelThreads.Use(threads);
        this.work = work;
    }

    public double Work()
    {
        using var _ = no_grad();
        if (work == "hear") heard = model.EncodeWindows(sound).ToList()[0];
        else Write();
        return 1;
    }

    public float[] Numbers() => [];

    public void Dispose() => model.Dispose();

    private void Write()
    {
        int[] words = [.. Enumerable.Range(1, 20)];
        var options = new GenerationOptions { MaxNewTokens = NewTokens, StopIds = [] };
        using var generator = new TextGenerator(model);
        using var prefix = generator.Prefill(new([.. words, ModelConfig.MusicToken], [heard!.Music]));
        generator.Complete(
            [.. Enumerable.Range(0, 2).Select(_ => generator.Submit(new(words, []), options, prefix))]);
    }
}
