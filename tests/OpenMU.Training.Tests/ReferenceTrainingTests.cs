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

/// <summary>Adapters and projector of the golden model, trained by our optimiser and schedule, end where peft and PyTorch ended.</summary>
public sealed class ReferenceTrainingTests : IDisposable
{
    private const string Prefix = "base_model.model.model";
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly JsonNode json = Golden.Json("lora/training.json");
    private readonly OpenMu model = GoldenModels.OpenMu();
    private readonly IReadOnlyList<MusicPrompt> rows = GoldenModels.Rows(Golden.Json("multimodal/golden.json"));
    private readonly Dictionary<string, Parameter> trained;
    private readonly Lora lora;

    public ReferenceTrainingTests()
    {
        using var adapter = SafeTensors.Open(Golden.PathOf("lora/adapter_model.safetensors"));
        lora = new(GoldenModels.Llama(), GoldenModels.Lora(), WeightSource.From(adapter).Under(Prefix));
        model.Llama.Use(lora);
        trained = lora.NamedParameters().ToDictionary(p => $"{Prefix}.{p.Name}", p => p.Parameter);
        foreach (var (name, parameter) in model.named_parameters().Where(p => p.name.StartsWith("mm_projector.layers.", StringComparison.Ordinal)))
            trained.Add($"{Prefix}.mm_projector.{name["mm_projector.layers.".Length..]}", parameter);
    }

    private JsonNode Settings => json["hyperparameters"]!;

    private double[] Factors => [.. json.AsObject().Single(entry => entry.Key.StartsWith("lr_multiplier", StringComparison.Ordinal)).Value!.AsArray().Select(value => value!.GetValue<double>())];

    public void Dispose()
    {
        lora.Dispose();
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void The_schedule_is_that_of_the_reference()
    {
        for (var step = 0; step < Factors.Length; step++)
            CosineSchedule.Factor(step, Factors.Length, CosineSchedule.Warmup(0.03, Factors.Length)).Should().BeApproximately(Factors[step], 1e-9, $"step {step}");
    }

    [Fact]
    public void Steps_end_at_the_reference_parameters()
    {
        using var optimiser = Optimiser(weightDecay: 0, clipNorm: null);
        var stored = Settings["steps_stored"]!.Ints();
        for (var step = 0; step < stored.Max(); step++)
        {
            Step(optimiser, step, json["log"]!, [step % rows.Count]);
            if (stored.Contains(step + 1)) ShouldBeTrained(Golden.Tensors($"lora/after_{step + 1}_steps.safetensors"));
        }
    }

    [Fact]
    public void Steps_with_decay_clipping_and_accumulation_end_at_the_reference_parameters()
    {
        var variant = json["variant"]!;
        using var optimiser = Optimiser(variant["weight_decay"]!.GetValue<double>(), variant["clip_grad_norm"]!.GetValue<double>());
        for (var step = 0; step < variant.Int("steps"); step++) Step(optimiser, step, variant["log"]!, [.. Enumerable.Range(0, variant.Int("gradient_accumulation"))]);
        ShouldBeTrained(Golden.Tensors($"lora/variant_wd_clip_accum_after_{variant.Int("steps")}_steps.safetensors"));
    }

    private AdamW Optimiser(double weightDecay, double? clipNorm)
    {
        ParameterGroup Group(bool adapters, string rate)
            => new([.. trained.Where(p => p.Key.Contains("lora", StringComparison.Ordinal) == adapters).Select(p => (p.Key, p.Value))], Settings[rate]!.GetValue<double>(), weightDecay);
        var betas = Settings["betas"]!.AsArray().Select(beta => beta!.GetValue<double>()).ToArray();
        return new([Group(true, "lora_lr"), Group(false, "projector_lr")], betas[0], betas[1], Settings["eps"]!.GetValue<double>(), clipNorm);
    }

    private void Step(AdamW optimiser, int step, JsonNode log, int[] chosen)
    {
        for (var i = 0; i < chosen.Length; i++)
        {
            var loss = model.Loss(model.Splice([rows[chosen[i]]]));
            loss.item<float>().Should().BeApproximately(log[step]!["loss"]![i]!.GetValue<float>(), 2e-3f, $"step {step}");
            (loss / Scalars.Of(chosen.Length)).backward();
        }
        optimiser.Step(CosineSchedule.Factor(step, Factors.Length, CosineSchedule.Warmup(0.03, Factors.Length)));
    }

    private void ShouldBeTrained(Dictionary<string, Tensor> expected)
    {
        long total = 0, loose = 0;
        foreach (var (name, tensor) in expected)
        {
            trained[name].detach().ShouldBeCloseTo(tensor, 1e-4, name);
            total += tensor.numel();
            loose += ((trained[name].detach() - tensor).abs() > Scalars.Of(1e-5)).sum().item<long>();
        }
        // Adam divides by tiny gradients: two elements in 1e5 may be further off than 1e-5.
        loose.Should().BeLessThanOrEqualTo(Math.Max(2, total * 2 / 100_000));
    }
}
