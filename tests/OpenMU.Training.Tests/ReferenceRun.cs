using System.Text.Json.Nodes;
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;
using AdamW = OpenMU.Training.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace OpenMU.Training.Tests;

/// <summary>
/// Our optimiser and schedule train adapters and projector of the golden model, from where the reference began.
/// </summary>
internal sealed class ReferenceRun : IDisposable
{
    private const string Prefix = "base_model.model.model";

    /// <summary>
    /// How far apart two sound float32 gradients lie, as a part of a tensor's usual gradient: half a unit in the
    /// last place for each of some operations that follow one upon another. Between vector widths it was 7 * 2^-24.
    /// </summary>
    private static readonly double Rounding = 32 * Math.Pow(2, -24);

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly OpenMu model = GoldenModels.OpenMu();
    private readonly IReadOnlyList<MusicPrompt> rows =
        GoldenModels.Rows(Golden.Json("multimodal/golden.json"));
    private readonly Dictionary<string, Parameter> trained;
    private readonly TrainingRecipe recipe;
    private readonly Generator? noise;
    private readonly Lora lora;
    private readonly AdamW optimiser;
    private readonly Func<int, double> factor;

    /// <param name="settings">The hyper-parameters of lora/training.json.</param>
    /// <param name="recipe">Those of them that may be made wrong.</param>
    /// <param name="seed">Null trains as the product does; else each gradient is off at random by its rounding.</param>
    public ReferenceRun(JsonNode settings, TrainingRecipe recipe, long? seed)
    {
        (this.recipe, noise) = (recipe, seed is { } number ? new Generator((ulong)number) : null);
        using var adapter = SafeTensors.Open(Golden.PathOf("lora/adapter_model.safetensors"));
        lora = new(GoldenModels.Llama(), GoldenModels.Lora(), WeightSource.From(adapter).Under(Prefix));
        model.Llama.SetAdapter(lora);
        trained = lora.NamedParameters().ToDictionary(p => $"{Prefix}.{p.Name}", p => p.Parameter);
        const string projector = "mm_projector.layers.";
        var own = model.named_parameters().Where(p => p.name.StartsWith(projector, StringComparison.Ordinal));
        foreach (var (name, parameter) in own)
            trained.Add($"{Prefix}.mm_projector.{name[projector.Length..]}", parameter);
        var (total, warmup) = (settings.Int("total_steps"), settings["warmup_ratio"]!.GetValue<double>());
        factor = step => CosineSchedule.Factor(step + recipe.StepsAhead, total, CosineSchedule.Warmup(warmup, total));
        optimiser = new([Group(settings, adapters: true), Group(settings, adapters: false)],
            recipe.Beta1, recipe.Beta2, recipe.Eps, recipe.Clip);
    }

    public void Dispose()
    {
        optimiser.Dispose();
        lora.Dispose();
        model.Dispose();
        noise?.Dispose();
        scope.Dispose();
    }

    /// <summary>One step of the optimiser on the gradients of these rows.</summary>
    /// <returns>The loss of each row, and the norm of all gradients before clipping.</returns>
    public (float[] Losses, float Norm) Step(int step, int[] chosen)
    {
        using var inner = NewDisposeScope();
        var losses = new float[chosen.Length];
        for (var i = 0; i < chosen.Length; i++)
        {
            if (!recipe.Accumulates) foreach (var parameter in trained.Values) parameter.grad?.zero_();
            var loss = model.Loss(model.Splice([rows[chosen[i]]]));
            losses[i] = loss.item<float>();
            (loss / Scalars.Of(recipe.DividesLoss ? chosen.Length : 1)).backward();
        }
        var norm = Math.Sqrt(trained.Values.Sum(p => p.grad!.to(float64).pow2().sum().item<double>()));
        if (noise is not null) Round(noise);
        optimiser.Step(factor(step));
        return (losses, (float)norm);
    }

    public Dictionary<string, float[]> Parameters()
        => trained.ToDictionary(p => p.Key, p => p.Value.detach().data<float>().ToArray());

    private void Round(Generator generator)
    {
        using var _ = no_grad();
        foreach (var gradient in trained.Values.Select(parameter => parameter.grad!))
        {
            var usual = gradient.pow2().mean().sqrt() * Scalars.Of(Rounding);
            gradient.add_(randn(gradient.shape, generator: generator) * usual, Scalars.One);
        }
    }

    private ParameterGroup Group(JsonNode settings, bool adapters)
    {
        var rate = settings[adapters != recipe.SwapsRates ? "lora_lr" : "projector_lr"]!.GetValue<double>();
        var own = trained.Where(p => p.Key.Contains("lora", StringComparison.Ordinal) == adapters);
        return new([.. own.Select(p => (p.Key, p.Value))], rate, recipe.WeightDecay);
    }
}
