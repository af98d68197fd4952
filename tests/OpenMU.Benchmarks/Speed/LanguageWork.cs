using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks.Speed;

/// <summary>Our language model with random weights: prefill, and decoding of one and of eight texts.</summary>
internal sealed class LanguageWork : ISpeedPeer
{
    /// <summary>Positions that a text has before its decoding is timed.</summary>
    public const int Prompt = 32;

    private const int Seed = 1;

    public static readonly string[] All = ["decode1", "decode8", "prefill128", "prefill512"];

    private readonly Llama llama;
    private Func<double> work = () => 0;
    private List<KvCache> caches = [];

    public LanguageWork(string shape, string type)
    {
        KernelThreads.Use(Environment.ProcessorCount);
        llama = Of(shape, WeightTypes.ByName[type]);
        llama.eval();
    }

    /// <summary>TinyLlama-1.1B's, and the language model of MiDashengLM-0.6B.</summary>
    public static IReadOnlyDictionary<string, LlamaConfig> Shapes { get; } = new Dictionary<string, LlamaConfig>
    {
        ["1.1b"] = RandomWeights.Shapes["1b"].Llama,
        ["qwen3-0.6b"] = MiDashengLmConfig.Small.Llama with { MaxPositionEmbeddings = 2048 },
    };

    /// <summary>Kinds of work: "decode8" are eight texts, "prefill128" is a prompt of 128.</summary>
    /// <returns>Texts, new positions of each at a step, and steps.</returns>
    public static (int Texts, int Positions, int Steps) Parse(string work) => work switch
    {
        "decode1" => (1, 1, 16),
        "decode8" => (8, 1, 8),
        "prefill128" => (1, 128, 1),
        "prefill512" => (1, 512, 1),
        _ => throw new ArgumentException($"No work '{work}'; there are {string.Join(", ", All)}."),
    };

    /// <summary>The ids that every text begins with.</summary>
    public static int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(i => 3 + (i * 7919 % 20000))];

    /// <summary>Writes the weights for llama.cpp.</summary>
    public static void Write(string shape, string type, string file)
    {
        using var llama = Of(shape, bfloat16);
        GgufFile.Write(file, shape.StartsWith("qwen3", StringComparison.Ordinal), llama, type == "int8");
    }

    public void Prepare(string work, int threads)
    {
        KernelThreads.Use(threads);
        foreach (var cache in caches) cache.Dispose();
        var (texts, positions, steps) = Parse(work);
        caches = [.. Enumerable.Range(0, texts).Select(_ => new KvCache(llama.Config, 1024))];
        using var _ = no_grad();
        if (positions == 1) Step(Prompt);
        this.work = () =>
        {
            using var _ = no_grad();
            for (var step = 0; step < steps; step++) Step(positions);
            return texts * positions * steps;
        };
    }

    public double Work() => work();

    public float[] Numbers()
    {
        using var _ = no_grad();
        caches = [new KvCache(llama.Config, 64)];
        using var logits = Step(Prompt);
        return logits.data<float>().ToArray();
    }

    public void Dispose() => llama.Dispose();

    private static Llama Of(string shape, ScalarType type) =>
        new(
        Shapes[shape],
        WeightSource.Random(Seed).StoringMatricesAs(type).RoundingToBf16(Bf16Hardware.IsNative));

    private Tensor Step(int positions)
    {
        using var scope = NewDisposeScope();
        var ids = tensor(Ids(positions), dtype: int64);
        return llama.Logits(llama.Step([.. caches.Select(cache => new SequenceInput(llama.Embed(ids), cache))]))
            .MoveToOuterDisposeScope();
    }
}
