using System.Text.Json.Nodes;
using OpenMU.Model;
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks;

/// <summary>
/// What a language model loses when its matrices are held in fewer bits: the Kullback-Leibler divergence of its next
/// token's distribution from that of float32, and how often the likeliest token is another one.
/// </summary>
internal static class TypesBenchmark
{
    private const int NewTokens = 48;
    private static readonly string[] Types = ["bf16", "fp16", "int8"];

    private static readonly string[] Texts =
    [
        "USER: Describe the music in detail. ASSISTANT: A slow piano ballad in A minor with soft strings and a calm mood.",
        "USER: Which instruments are playing? ASSISTANT: I hear drums, an electric bass, two guitars and a synthesizer.",
        "USER: What is the tempo and the key? ASSISTANT: The tempo is about 120 beats per minute and the key is C major.",
        "USER: Describe the mood. ASSISTANT: The music is energetic and happy, with a fast rhythm and bright melodies.",
    ];

    public static int Run(string[] arguments)
    {
        KernelThreads.Use(Environment.ProcessorCount);
        using var _ = no_grad();
        Console.WriteLine("model, type: mean KL and largest KL (nats) over positions; likeliest tokens changed; greedy texts of "
            + $"{NewTokens} tokens, tokens up to the first difference");
        CompareGolden();
        foreach (var folder in arguments) CompareFolder(folder);
        CompareHearing(arguments);
        return 0;
    }

    private static void CompareGolden()
    {
        var json = Golden.Json("llama/golden_tokens.json");
        int[][] prompts = [.. json["prompts"]!.AsArray().Select(prompt => prompt!.AsArray().GetValues<int>().ToArray())];
        using var file = SafeTensors.Open(Golden.PathOf("llama/hf-bf16/model.safetensors"));
        using var exact = Of(float32);
        foreach (var type in Types)
        {
            using var other = Of(WeightTypes.ByName[type]);
            Print("golden Llama", type, exact, other, prompts);
        }

        Llama Of(ScalarType type) =>
            new(GoldenModels.Llama(), WeightSource.From(file).StoringMatricesAs(type));
    }

    private static void CompareFolder(string folder)
    {
        using var exact = ModelFolder.Open(folder, type: float32);
        int[][] prompts = [.. Texts.Select(text => exact.Tokenizer.Encode(text).ToArray())];
        foreach (var type in Types)
        {
            using var other = ModelFolder.Open(folder, type: WeightTypes.ByName[type]);
            Print(exact.Version, type, exact.Model.Llama, other.Model.Llama, prompts);
        }
    }

    /// <summary>
    /// What the encoder loses when its products are left to a processor that multiplies bfloat16, with inputs and
    /// outputs rounded: its tokens on the goldens, and a model's tags of made-up sounds.
    /// </summary>
    private static void CompareHearing(string[] folders)
    {
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(Golden.PathOf("audiomae/model.bf16.safetensors"));
        var clips = GoldenModels.Pictures(Golden.Tensors("audiomae/golden.safetensors"));
        var (exact, rounded) = (Heard(float32, false), Heard(bfloat16, true));
        Console.WriteLine($"golden AudioMAE, bf16 as the processor multiplies it: tokens differ by "
            + $"{(rounded - exact).norm().item<float>() / exact.norm().item<float>():E1} of their size");
        foreach (var folder in folders) CompareTags(folder);

        Tensor Heard(ScalarType type, bool rounds)
        {
            var source = WeightSource.From(file).StoringMatricesAs(type).RoundingToBf16(rounds);
            using var tower = new AudioMae(GoldenModels.Audio(), source);
            tower.eval();
            return tower.call(clips);
        }
    }

    private static void CompareTags(string folder)
    {
        const int Sounds = 24;
        using var exact = ModelFolder.Open(folder, type: float32);
        using var other = ModelFolder.Open(folder, type: bfloat16, roundsToBf16: true);
        if (exact.TagHead is null) return;
        using MusicModel first = new(exact.Model, exact.Tokenizer, exact.TagHead),
            second = new(other.Model, other.Tokenizer, other.TagHead);
        var (differences, changed, all) = (new List<double>(), 0, 0);
        for (var seed = 0; seed < Sounds; seed++)
        {
            using var a = first.Encode(Sound(seed), CancellationToken.None);
            using var b = second.Encode(Sound(seed), CancellationToken.None);
            differences.AddRange(Confidences(exact, a).Zip(Confidences(other, b), (x, y) => Math.Abs(x - y)));
            HashSet<(string, string)> before = [.. a.Tags.Select(tag => (tag.Group, tag.Tag))],
                after = [.. b.Tags.Select(tag => (tag.Group, tag.Tag))];
            all += before.Count;
            before.SymmetricExceptWith(after);
            changed += before.Count;
        }
        Console.WriteLine($"{exact.Version}, bf16 as the processor multiplies it: confidences of {Sounds} sounds differ by "
            + $"{differences.Average():F4}, at most {differences.Max():F4}; {changed} tags changed, of {all}");

        static IEnumerable<double> Confidences(ModelFolder model, EncodedTrack track) =>
            model.TagHead!.Confidences(track.MeanToken).SelectMany(group => group.Confidences);
    }

    /// <summary>Twelve seconds at 16 kHz: three tones with overtones, and decaying noise at a tempo.</summary>
    private static float[] Sound(int seed)
    {
        var random = new Random(seed);
        var tones = Enumerable.Range(0, 3).Select(_ => 110 * Math.Pow(2, random.Next(36) / 12.0)).ToArray();
        var beat = 60.0 / random.Next(60, 180);
        return [.. Enumerable.Range(0, 12 * 16_000).Select(i => i / 16_000.0).Select(t => (float)(
            tones.Sum(hertz => 0.08 * Math.Sin(2 * Math.PI * hertz * t) + 0.03 * Math.Sin(6 * Math.PI * hertz * t))
            + (0.3 * Math.Exp(-20 * (t % beat)) * (random.NextDouble() - 0.5))))];
    }

    private static void Print(string model, string type, Llama exact, Llama other, int[][] prompts)
    {
        using var scope = NewDisposeScope();
        var divergences = new List<double>();
        var (changed, same) = (0L, 0);
        foreach (var prompt in prompts)
        {
            var (p, q) = (LogProbabilities(exact, prompt), LogProbabilities(other, prompt));         // (T, V)
            divergences.AddRange((p.exp() * (p - q)).sum(1).data<double>());
            changed += p.argmax(1).ne(q.argmax(1)).sum().item<long>();
            same += Greedy(exact, prompt).Zip(Greedy(other, prompt))
                .TakeWhile(pair => pair.First == pair.Second).Count();
        }
        Console.WriteLine($"{model}, {type}: {divergences.Average():E1}, {divergences.Max():E1}; {changed} of "
            + $"{divergences.Count}; {same} of {NewTokens * prompts.Length}");
    }

    /// <summary>Ids (T) -> the logarithms of each next token's probabilities (T, V), in float64.</summary>
    private static Tensor LogProbabilities(Llama llama, int[] ids) =>
        llama.Logits(llama.Hidden(llama.Embed(tensor(ids, dtype: int64).unsqueeze(0))))[0].to(float64).log_softmax(1);

    private static List<int> Greedy(Llama llama, int[] prompt)
    {
        List<int> ids = [.. prompt];
        for (var i = 0; i < NewTokens; i++)
        {
            using var scope = NewDisposeScope();
            ids.Add((int)LogProbabilities(llama, [.. ids])[-1].argmax().item<long>());
        }
        return ids[prompt.Length..];
    }
}
