using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks;

/// <summary>
/// Does memory grow? The tiny model with random weights writes 10,000 tokens, a few texts at a time as the worker has
/// it, and hears 1,000 recordings; live tensors and resident memory are printed after each tenth. The first four tenths
/// are warm-up, while allocators and the collector find their size.
/// </summary>
internal static class Soak
{
    private const int Tokens = 10_000, Encodes = 1_000, Parts = 10, WarmUp = 4, TextsAtOnce = 5, TokensOfText = 100;

    /// <summary>By so much resident memory moves up and down without growing.</summary>
    private const long Tolerance = 16 << 20;

    public static int Run(string[] arguments)
    {
        using var _ = no_grad();
        // Memory is watched, not speed: one thread leaves the machine to others.
        KernelThreads.Use(1);
        using var model = new OpenMu(OpenMuConfig.Tiny, WeightSource.Random(1).StoringMatricesAs(bfloat16));
        var config = model.Config;
        using var pictures = randn(1, 1, config.Audio.InputFrames, config.Audio.MelBins);
        using var music = model.Encode(pictures)[0].DetachFromDisposeScope();
        var grew = Report($"{Tokens} tokens", () => Write(model, music, Tokens / Parts));
        grew |= Report($"{Encodes} recordings", () =>
        {
            for (var i = 0; i < Encodes / Parts; i++) model.Encode(pictures).Dispose();
        });
        Console.WriteLine(grew
            ? "memory grew"
            : $"nothing grew: live tensors stayed the same, and resident memory within {Tolerance >> 20} MB");
        return grew ? 1 : 0;
    }

    private static void Write(OpenMu model, Tensor music, int tokens)
    {
        using var generator = new TextGenerator(model);
        for (var done = 0; done < tokens; done += TextsAtOnce * TokensOfText)
        {
            using var prefix =
                generator.Prefill(new([model.Config.Llama.BosTokenId, 7, OpenMuConfig.MusicToken], [music]));
            var texts = Enumerable.Range(0, TextsAtOnce).Select(i => generator.Submit(
                new([10 + i, 20 + i], []), new() { MaxNewTokens = TokensOfText, StopIds = [-1] }, prefix)).ToArray();
            generator.Complete(texts);
        }
    }

    private static bool Report(string what, Action part)
    {
        var (tensors, memory, grew) = (0L, 0L, false);
        for (var i = 1; i <= Parts; i++)
        {
            part();
            var now = ResidentMemory.Now().Resident;
            Console.WriteLine($"{what}, {i} of {Parts}: {Live()} live tensors, {now / 1e6:F1} MB resident");
            if (i <= WarmUp) (tensors, memory) = (Math.Max(tensors, Live()), Math.Max(memory, now));
            else grew |= Live() > tensors || now > memory + Tolerance;
        }
        return grew;
    }

    private static long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
}
