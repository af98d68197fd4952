using System.Text.Json.Nodes;
using OpenMU.Testing;

namespace OpenMU.Training.Tests;

/// <summary>
/// A training that peft and PyTorch did, and the judgement whether another one is the same. Adam moves an element
/// by its gradient's mean over its gradient's size. Where gradients are large that is exact to many digits, and
/// where they are no more than rounding, any move up to the learning rate is right; and such a move then disturbs
/// the next gradients. So no one tolerance fits: how far rounding carries each element is measured instead, by
/// doing the same training with gradients that are off by as much, and an element must lie as close to the
/// reference as it does to itself.
/// </summary>
internal sealed class ReferenceTraining
{
    private const string LossNumbers = "losses";
    private const string NormNumbers = "norms of the gradients";
    private const int Repeats = 12;

    /// <summary>
    /// How much farther than the farthest of the repeats an element may lie: of so many elements, some have repeats
    /// that lie close together by chance.
    /// </summary>
    private const double Slack = 32;

    private readonly JsonNode settings, log;
    private readonly Func<int, int[]> rows;
    private readonly Dictionary<int, string> stored;
    private readonly Lazy<Dictionary<string, float[]>> reference;
    private readonly Lazy<Dictionary<string, double[]>> rounding;

    private ReferenceTraining(
        JsonNode settings, TrainingRecipe recipe, JsonNode log, Func<int, int[]> rows, Dictionary<int, string> stored)
    {
        (this.settings, Recipe, this.log, this.rows, this.stored) = (settings, recipe, log, rows, stored);
        (reference, rounding) = (new(ReadReference), new(Measure));
    }

    /// <summary>Row after row, nothing decays, nothing is clipped.</summary>
    public static ReferenceTraining Plain { get; } = ReadPlain(Golden.Json("lora/training.json"));

    /// <summary>Several rows a step, with weight decay and clipping.</summary>
    public static ReferenceTraining Variant { get; } = ReadVariant(Golden.Json("lora/training.json"));

    public TrainingRecipe Recipe { get; }

    /// <summary>The reference's norms of all gradients before clipping, step by step.</summary>
    public double[] Norms => [.. log.AsArray().Select(step => step!["grad_norm_before_clip"]!.GetValue<double>())];

    /// <summary>The reference's factors of the learning rate for a whole training.</summary>
    public double[] Factors => [.. Golden.Json("lora/training.json").AsObject()
        .Single(entry => entry.Key.StartsWith("lr_multiplier", StringComparison.Ordinal)).Value!.AsArray()
        .Select(factor => factor!.GetValue<double>())];

    public double WarmupRatio => settings["warmup_ratio"]!.GetValue<double>();

    /// <summary>Trains by this recipe.</summary>
    /// <returns>Losses, norms of all gradients before clipping, and the parameters after some of the steps.</returns>
    public Dictionary<string, float[]> Train(TrainingRecipe recipe, long? seed = null)
    {
        using var run = new ReferenceRun(settings, recipe, seed);
        var (losses, norms, trace) = (new List<float>(), new List<float>(), new Dictionary<string, float[]>());
        for (var step = 0; step < stored.Keys.Max(); step++)
        {
            var (loss, norm) = run.Step(step, rows(step));
            losses.AddRange(loss);
            norms.Add(norm);
            if (!stored.ContainsKey(step + 1)) continue;
            foreach (var (name, values) in run.Parameters()) trace.Add(After(step + 1, name), values);
        }
        trace.Add(LossNumbers, [.. losses]);
        trace.Add(NormNumbers, [.. norms]);
        return trace;
    }

    /// <summary>
    /// The largest distance of a training from the reference, in units of what is allowed there: above 1 they differ.
    /// </summary>
    public (double Distance, string Where) Compare(Dictionary<string, float[]> trace)
    {
        var found = new List<(double Distance, string Where)>();
        foreach (var (name, expected) in reference.Value)
        {
            var (actual, allowed) = (trace[name], rounding.Value[name]);
            actual.Should().HaveSameCount(expected, name);
            found.Add((expected.Select((value, i) => Distance(actual[i], value, allowed[i])).Max(), name));
        }
        return found.Max();
    }

    private static string After(int steps, string name) => $"{name} after {steps} steps";

    /// <summary>What is no number is infinitely far from any.</summary>
    private static double Distance(double actual, double expected, double allowed)
    {
        var distance = Math.Abs(actual - expected) / allowed;
        return double.IsNaN(distance) ? double.PositiveInfinity : distance;
    }

    private Dictionary<string, float[]> ReadReference()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var trace = new Dictionary<string, float[]>();
        foreach (var (count, file) in stored)
        {
            foreach (var (name, tensor) in Golden.Tensors(file))
                trace.Add(After(count, name), tensor.data<float>().ToArray());
        }
        var steps = log.AsArray().Take(stored.Keys.Max()).ToArray();
        var losses = steps.SelectMany(step => step!["loss"]!.AsArray());
        trace.Add(LossNumbers, [.. losses.Select(loss => loss!.GetValue<float>())]);
        trace.Add(NormNumbers, [.. steps.Select(step => step!["grad_norm_before_clip"]!.GetValue<float>())]);
        return trace;
    }

    private Dictionary<string, double[]> Measure()
    {
        var exact = Train(Recipe);
        var repeats = Enumerable.Range(1, Repeats).Select(seed => Train(Recipe, seed)).ToArray();
        return exact.ToDictionary(
            entry => entry.Key,
            entry => Allowed(entry.Value, [.. repeats.Select(repeat => repeat[entry.Key])], IsSum(entry.Key) ? 8 : 1));
    }

    // Losses and norms are sums over everything, which no two programs round alike even before the first update.
    private static bool IsSum(string name) => name is LossNumbers or NormNumbers;

    /// <summary>Nothing is known more exactly than some units in the last place of a float32.</summary>
    private static double[] Allowed(float[] exact, float[][] repeats, int units)
    {
        double Spread(int i) => repeats.Max(repeat => Math.Abs(repeat[i] - (double)exact[i]));
        double Unit(int i) => Math.Abs(exact[i]) * Math.Pow(2, -24);
        return [.. exact.Select((_, i) => Slack * Math.Max(Spread(i), units * Unit(i)) + 1e-12)];
    }

    private static ReferenceTraining ReadPlain(JsonNode json)
    {
        var settings = json["hyperparameters"]!;
        var count = GoldenModels.Rows(Golden.Json("multimodal/golden.json")).Count;
        var recipe = Of(settings, settings["weight_decay"]!, settings["max_grad_norm"]);
        var stored = settings["steps_stored"]!.Ints()
            .ToDictionary(steps => steps, steps => $"lora/after_{steps}_steps.safetensors");
        return new(settings, recipe, json["log"]!, step => [step % count], stored);
    }

    private static ReferenceTraining ReadVariant(JsonNode json)
    {
        var (settings, variant) = (json["hyperparameters"]!, json["variant"]!);
        int[] rows = [.. Enumerable.Range(0, variant.Int("gradient_accumulation"))];
        var steps = variant.Int("steps");
        var recipe = Of(settings, variant["weight_decay"]!, variant["clip_grad_norm"]);
        var file = $"lora/variant_wd_clip_accum_after_{steps}_steps.safetensors";
        return new(settings, recipe, variant["log"]!, _ => rows, new() { [steps] = file });
    }

    private static TrainingRecipe Of(JsonNode settings, JsonNode decay, JsonNode? clip)
    {
        double[] betas = [.. settings["betas"]!.AsArray().Select(beta => beta!.GetValue<double>())];
        var eps = settings["eps"]!.GetValue<double>();
        return new(betas[0], betas[1], eps, decay.GetValue<double>(), clip?.GetValue<double>());
    }
}
