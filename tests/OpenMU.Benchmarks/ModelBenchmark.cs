using System.Diagnostics;
using System.Numerics;
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks;

/// <summary>
/// The model's speed beside what the machine can do, in one run: read bandwidth and float32 matrix peak, then tokens
/// per second of the language model with random bfloat16 weights, the encoder, and PyTorch on the same shape where
/// python3-torch is installed. Best of a few repeats.
/// </summary>
internal static class ModelBenchmark
{
    private const int PromptLength = 128;
    private const int Batch = 8;
    private const int QuestionLength = 24;
    private const int AnswerLength = 48;

    private static readonly Dictionary<string, LlamaConfig> Shapes = new()
    {
        ["tiny"] = OpenMuConfig.Tiny.Llama,
        ["1.1b"] = new()
        {
            HiddenSize = 2048,
            IntermediateSize = 5632,
            NumHiddenLayers = 22,
            NumAttentionHeads = 32,
            NumKeyValueHeads = 4,
            VocabSize = 32000,
            MaxPositionEmbeddings = 2048,
            RopeTheta = 10000
        },
    };

    public static int Run(string[] arguments)
    {
        string[] names = arguments.Length == 0 ? [.. Shapes.Keys] : arguments;
        if (names.FirstOrDefault(name => !Shapes.ContainsKey(name)) is { } unknown)
        {
            Console.Error.WriteLine($"No shape '{unknown}'; there are {string.Join(", ", Shapes.Keys)}.");
            return 2;
        }
        using var _ = no_grad();
        Console.WriteLine($"{Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} "
            + $"before the run; vectors of {Vector<byte>.Count * 8} bits"
            + (Bf16Hardware.IsNative ? ", bfloat16 products by the processor" : ""));
        var machine = new Dictionary<int, (double Bandwidth, double Peak)>();
        foreach (var threads in ThreadCounts())
        {
            KernelThreads.Use(threads);
            machine[threads] = (ReadBandwidth(threads), MatrixPeak());
            Console.WriteLine($"{threads} threads: read {machine[threads].Bandwidth:F1} GB/s, float32 matrix product "
                + $"{machine[threads].Peak:F0} GFLOP/s");
        }
        foreach (var name in names) Language(name, machine);
        Encoder(machine);
        return 0;
    }

    private static IEnumerable<int> ThreadCounts() => Environment.ProcessorCount > 1 ? [1, 2] : [1];

    private static void Language(string name, IReadOnlyDictionary<int, (double Bandwidth, double Peak)> machine)
    {
        var config = Shapes[name];
        using var model = new OpenMu(
            new() { Audio = OpenMuConfig.Tiny.Audio, Llama = config },
            WeightSource.Random(1).StoringMatricesAs(bfloat16).RoundingToBf16(Bf16Hardware.IsNative));
        var llama = model.Llama;
        // The embedding is looked up, not multiplied.
        var matrices = llama.state_dict()
            .Where(entry => entry.Value.dim() == 2 && !entry.Key.Contains("embed", StringComparison.Ordinal))
            .Sum(entry => entry.Value.numel());
        Console.WriteLine($"{name}: {matrices / 1e6:F1} M weights are multiplied for each token, bfloat16");
        foreach (var threads in machine.Keys)
        {
            KernelThreads.Use(threads);
            var prefill = Prefill(llama, PromptLength);
            Console.WriteLine($"  {threads} threads: prefill of {PromptLength} {prefill:F1} tokens/s "
                + $"({2 * matrices * prefill / 1e9 / machine[threads].Peak:P0} of the matrix peak)");
            foreach (var rows in new[] { 1, Batch })
            {
                var steps = Decode(llama, rows);
                Console.WriteLine($"  {threads} threads: decode of {rows} {rows * steps:F2} tokens/s "
                    + $"({2 * matrices * steps / 1e9 / machine[threads].Bandwidth:P0} of the read bandwidth)");
            }
            var (one, five) = (Questions(model, 1), Questions(model, 5));
            Console.WriteLine($"  {threads} threads: one question about a track {one:F2} s, five "
                + $"{five:F2} s ({five / one:F2} times as long; 192 music tokens, questions of "
                + $"{QuestionLength}, answers of {AnswerLength})");
            PyTorch(config, threads);
        }
    }

    /// <summary>
    /// Seconds from a track's music to the last answer: the shared beginning is read once, the questions are
    /// answered side by side.
    /// </summary>
    private static double Questions(OpenMu model, int count)
    {
        var audio = model.Config.Audio;
        using var music = randn(audio.MusicTokens, audio.EmbedDim);
        int[] instruction = [.. Enumerable.Range(1, 40)], question = [.. Enumerable.Range(1, QuestionLength)];
        var options = new GenerationOptions { MaxNewTokens = AnswerLength, StopIds = [] };
        using var generator = new TextGenerator(model);
        return Best(() =>
        {
            using var prefix = generator.Prefill(new([.. instruction, OpenMuConfig.MusicToken], [music]));
            generator.Complete(
                [.. Enumerable.Range(0, count).Select(_ => generator.Submit(new(question, []), options, prefix))]);
        }, atLeast: 2);
    }

    private static double Prefill(Llama llama, int length)
    {
        using var cache = new KvCache(llama.Config, length);
        using var embeddings = llama.Embed(arange(length, dtype: int64));
        return length / Best(() =>
        {
            using var fresh = cache.Fork(length);
            llama.Logits(llama.Step([new(embeddings, fresh)])).Dispose();
        });
    }

    private static double Decode(Llama llama, int rows)
    {
        var caches = Enumerable.Range(0, rows).Select(_ => new KvCache(llama.Config, 1024)).ToArray();
        using var prompt = llama.Embed(arange(32, dtype: int64));
        using var token = prompt[..1];
        foreach (var cache in caches) llama.Step([new(prompt, cache)]).Dispose();
        SequenceInput[] inputs = [.. caches.Select(cache => new SequenceInput(token, cache))];
        var seconds = Best(() => llama.Logits(llama.Step(inputs)).Dispose(), atMost: 900);
        foreach (var cache in caches) cache.Dispose();
        return 1 / seconds;
    }

    private static void Encoder(IReadOnlyDictionary<int, (double Bandwidth, double Peak)> machine)
    {
        var config = OpenMuConfig.Full.Audio;
        using var tower = new AudioMae(config, WeightSource.Random(1).RoundingToBf16(Bf16Hardware.IsNative));
        tower.eval();
        using var picture = randn(1, 1, config.InputFrames, config.MelBins);
        double T = config.Patches + 1, D = config.EmbedDim;
        var work = config.NumChunks * config.Depth * (2 * T * D * D * (4 + 2 * config.MlpRatio) + 4 * T * T * D);
        foreach (var threads in machine.Keys)
        {
            KernelThreads.Use(threads);
            var seconds = Best(() => tower.call(picture).Dispose(), atLeast: 2);
            Console.WriteLine($"encoder ViT-B, {threads} threads: {seconds:F2} s for 30 s of music, "
                + $"{work / seconds / 1e9:F0} GFLOP/s "
                + $"({work / seconds / 1e9 / machine[threads].Peak:P0} of the matrix peak)");
        }
    }

    /// <summary>The same shape in PyTorch: float32, eager, with a cache.</summary>
    private static void PyTorch(LlamaConfig config, int threads)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "torch_llama.py");
        int[] sizes =
        [
            config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads, config.NumKeyValueHeads,
            config.IntermediateSize, config.VocabSize, PromptLength, Batch, threads
        ];
        using var process = Process.Start(new ProcessStartInfo(
            "/usr/bin/python3", [script, .. sizes.Select(size => $"{size}")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Console.WriteLine(process.ExitCode == 0
            ? $"  {threads} threads: {output.Trim()}"
            : "  PyTorch is not installed beside (python3-torch)");
    }

    private static double ReadBandwidth(int threads)
    {
        var data = new float[64 << 20];
        Array.Fill(data, 1f);
        var sums = new float[threads];
        var part = data.Length / threads;
        return data.Length * 4.0 / 1e9
            / Best(() => Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                var (a, b, c, d) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
                var span = data.AsSpan(thread * part, part);
                for (var i = 0; i <= span.Length - 4 * Vector<float>.Count; i += 4 * Vector<float>.Count)
                {
                    a += new Vector<float>(span[i..]);
                    b += new Vector<float>(span[(i + Vector<float>.Count)..]);
                    c += new Vector<float>(span[(i + 2 * Vector<float>.Count)..]);
                    d += new Vector<float>(span[(i + 3 * Vector<float>.Count)..]);
                }
                sums[thread] = Vector.Sum(a + b + c + d);
            }));
    }

    private static double MatrixPeak()
    {
        using var a = randn(512, 2048);
        using var b = randn(2048, 2048);
        return 2.0 * 512 * 2048 * 2048 / 1e9 / Best(() => a.mm(b).Dispose());
    }

    /// <summary>Seconds of the fastest run: warmed up once, then for a second and a half at least.</summary>
    private static double Best(Action action, int atLeast = 3, int atMost = int.MaxValue)
    {
        action();
        var best = double.MaxValue;
        var all = Stopwatch.StartNew();
        for (var run = 0; run < atLeast || (run < atMost && all.Elapsed.TotalSeconds < 1.5); run++)
        {
            var watch = Stopwatch.StartNew();
            action();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }
        return best;
    }
}
