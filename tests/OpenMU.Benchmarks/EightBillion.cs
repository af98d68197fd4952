using System.Diagnostics;
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks;

/// <summary>
/// The published shape on this machine: 16 GB of bfloat16 weights stay in their memory map while tokens are written,
/// first after a few letters, then about 30 s of noise; each time the peak of resident memory (mapped pages count)
/// beside the size of the weights.
/// </summary>
internal static class EightBillion
{
    private const int NewTokens = 8;

    /// <param name="arguments">The folder of random-model --shape 8b, and the number of threads; without a folder, one
    /// is made in the temporary folder and deleted.</param>
    public static int Run(string[] arguments)
    {
        if (arguments is not [var folder, ..])
        {
            folder = Path.Combine(Path.GetTempPath(), $"openmu-8b-{Environment.ProcessId}");
            try
            {
                var watch = Stopwatch.StartNew();
                RandomWeights.Write(folder, RandomWeights.Shapes["8b"], seed: 1, ScalarType.BFloat16);
                Console.WriteLine($"random weights written in {watch.Elapsed.TotalSeconds:F0} s");
                return Run([folder]);
            }
            finally
            {
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
        }
        if (arguments is [_, var threads]) KernelThreads.Use(int.Parse(threads));
        Measure(folder);
        return 0;
    }

    private static void Measure(string path)
    {
        using var _ = no_grad();
        var clock = Stopwatch.StartNew();
        using var folder = ModelFolder.Open(path, keepTypes: true);
        Say("opened", clock, null);
        var bytes = Directory.GetFiles(path, "*.safetensors").Sum(file => new FileInfo(file).Length);
        using var generator = new TextGenerator(folder.Model);
        Write(
            generator, new([folder.Config.Llama.BosTokenId, .. folder.Tokenizer.Encode("music")], []),
            "after a few letters", bytes, clock);
        using var musicModel = new MusicModel(folder.Model, folder.Tokenizer);
        var random = new Random(1);
        using var track = musicModel.Encode(
            [.. Enumerable.Range(0, 30 * Fbank.SampleRate).Select(_ => (float)(random.NextDouble() - 0.5))],
            CancellationToken.None);
        Say("30 s heard", clock, null);
        Write(
            generator,
            new(folder.Model.PromptFor(folder.Tokenizer, "What is it?"), [track.MusicTokens]),
            "about the music", bytes, clock);
    }

    private static void Write(TextGenerator generator, MusicPrompt prompt, string what, long bytes, Stopwatch clock)
    {
        var told = 0;
        var text = generator.Submit(
            prompt, new() { MaxNewTokens = NewTokens, StopIds = [-1] }, onToken: _ => Say("token", clock, ++told));
        generator.Complete(text);
        var memory = ResidentMemory.Now();
        Console.WriteLine($"{text.Tokens.Count} tokens {what}: weights {bytes / 1e9:F2} GB, peak resident "
            + $"{memory.Peak / 1e9:F2} GB = {(double)memory.Peak / bytes:F3} x the weights; "
            + $"{memory.Own / 1e9:F2} GB are not pages of files");
    }

    private static void Say(string what, Stopwatch clock, int? number)
        => Console.WriteLine($"{clock.Elapsed.TotalSeconds,7:F1} s  {what}{(number is null ? "" : $" {number}")}, "
            + $"resident {ResidentMemory.Now().Resident / 1e9:F2} GB");
}
