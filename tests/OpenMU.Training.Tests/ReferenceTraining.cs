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
    private const int Repeats = 12;

    /// <summary>
    /// How much farther than the farthest of the repeats an element may lie: of so many elements, some have repeats
    /// that lie close together by chance.
    /// </summary>
    private const double Slack = 32;

    private readonly JsonNode settings, log;
    private readonly Func<int, int[]> rows;
    private readonly Dictionary<int, string> stored;
    private readonly Lazy<Dictionary<int, Dictionary<string, double[]>>> rounding;

    private ReferenceTraining(
        JsonNode settings, TrainingRecipe recipe, JsonNode log, Func<int, int[]> rows, Dictionary<int, string> stored)
    {
        (this.settings, Recipe, this.log, this.rows, this.stored) = (settings, recipe, log, rows, stored);
        rounding = new(Measure);
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
    public TrainingTrace Train(TrainingRecipe recipe, long? seed = null)
    {
        using var run = new ReferenceRun(settings, recipe, seed);
        var (losses, norms) = (new List<double[]>(), new List<double>());
        var parameters = new Dictionary<int, Dictionary<string, float[]>>();
        for (var step = 0; step < stored.Keys.Max(); step++)
        {
            var (loss, norm) = run.Step(step, rows(step));
            losses.Add(loss);
            norms.Add(norm);
            if (stored.ContainsKey(step + 1)) parameters.Add(step + 1, run.Parameters());
        }
        return new([.. losses], [.. norms], parameters);
    }

    /// <summary>
    /// The largest distance of a training from the reference, in units of what is allowed there: above 1 they
    /// differ. Losses and norms are sums over everything, so they are judged by a tenth of a thousandth of
    /// themselves.
    /// </summary>
    public (double Distance, string Where) Compare(TrainingTrace trace)
    {
        var found = new List<(double Distance, string Where)>();
        for (var step = 0; step < trace.Norms.Length; step++)
        {
            var expected = log[step]!;
            void Sum(double actual, JsonNode? number, string what)
            {
                var value = number!.GetValue<double>();
                found.Add((Distance(actual, value, 1e-4 * value), $"{what} at step {step}"));
            }
            Sum(trace.Norms[step], expected["grad_norm_before_clip"], "norm");
            for (var row = 0; row < trace.Losses[step].Length; row++)
                Sum(trace.Losses[step][row], expected["loss"]![row], $"loss of row {row}");
        }
        foreach (var (steps, file) in stored)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            foreach (var (name, tensor) in Golden.Tensors(file))
            {
                var (actual, allowed) = (trace.Parameters[steps][name], rounding.Value[steps][name]);
                tensor.numel().Should().Be(actual.Length, name);
                var expected = tensor.data<float>().ToArray();
                var distance = expected.Select((value, i) => Distance(actual[i], value, allowed[i])).Max();
                found.Add((distance, $"{name} after {steps} steps"));
            }
        }
        return found.Max();
    }

    /// <summary>What is no number is infinitely far from any.</summary>
    private static double Distance(double actual, double expected, double allowed)
    {
        var distance = Math.Abs(actual - expected) / allowed;
        return double.IsNaN(distance) ? double.PositiveInfinity : distance;
    }

    private Dictionary<int, Dictionary<string, double[]>> Measure()
    {
        var exact = Train(Recipe);
        var repeats = Enumerable.Range(1, Repeats).Select(seed => Train(Recipe, seed)).ToArray();
        return stored.Keys.ToDictionary(steps => steps, steps => exact.Parameters[steps].ToDictionary(
            p => p.Key, p => Allowed(p.Value, [.. repeats.Select(repeat => repeat.Parameters[steps][p.Key])])));
    }

    /// <summary>Nothing is known more exactly than a few units in the last place of a float32.</summary>
    private static double[] Allowed(float[] exact, float[][] repeats)
    {
        double Spread(int i) => repeats.Max(repeat => Math.Abs(repeat[i] - (double)exact[i]));
        double Unit(int i) => Math.Abs(exact[i]) * Math.Pow(2, -24);
        return [.. exact.Select((_, i) => Slack * Math.Max(Spread(i), Unit(i)) + 1e-12)];
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
