using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Decoder;

public sealed class LoraTests : IDisposable
{
    private const string Prefix = "base_model.model.model";
    private static readonly LlamaConfig Config = GoldenModels.Llama();
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Dictionary<string, Tensor> golden = Golden.Tensors("lora/golden.safetensors");
    private readonly System.Text.Json.Nodes.JsonNode multimodal = Golden.Json("multimodal/golden.json");
    private readonly long[][] prompts = [.. Golden.Json("llama/golden_tokens.json")["prompts"]!.AsArray()
        .Select(prompt => prompt!.Ints().Select(id => (long)id).ToArray())];
    private readonly SafeTensors adapter = SafeTensors.Open(Golden.PathOf("lora/adapter_model.safetensors"));
    private readonly OpenMu model = GoldenModels.OpenMu();
    private readonly Lora lora;

    public LoraTests()
    {
        var source = WeightSource.From(adapter);
        lora = new(Config, GoldenModels.Lora(), source.Under(Prefix));
        source.RequireNoUnexpectedKeys();
        model.Llama.SetAdapter(lora);
    }

    public void Dispose()
    {
        lora.Dispose();
        model.Dispose();
        adapter.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Adapters_give_the_reference_logits()
    {
        using var _ = no_grad();
        for (var i = 0; i < prompts.Length; i++)
            Logits(prompts[i]).ShouldBeCloseTo(golden[$"logits_{i}"], 5e-4, $"prompt {i}");
    }

    [Fact]
    public void Merged_adapters_give_the_reference_weights_and_logits_and_come_out_again_without_a_trace()
    {
        using var _ = no_grad();
        model.Llama.SetAdapter(null);
        var plain = Logits(prompts[0]);
        model.Llama.SetAdapter(lora);
        model.Llama.MergeAdapter();
        var weights = model.Llama.Projections()
            .ToDictionary(entry => entry.Key, entry => entry.Projection.EffectiveWeight);
        foreach (var (part, projection) in new[] { ("self_attn", "q_proj"), ("mlp", "down_proj") })
        {
            var (name, first) = golden.Named("merged_layer", projection);
            var layer = new string([.. name["merged_layer".Length..].TakeWhile(char.IsAsciiDigit)]);
            weights[$"layers.{layer}.{part}.{projection}"][..(int)first.shape[0]].ShouldBeCloseTo(first, 1e-5, name);
        }
        Logits(prompts[0]).ShouldBeCloseTo(golden["logits_0"], 5e-4);
        model.Llama.UnmergeAdapter();
        model.Llama.SetAdapter(null);
        Logits(prompts[0]).ShouldBeCloseTo(plain, 0);
    }

    [Fact]
    public void Several_adapters_take_turns_on_one_base()
    {
        using var _ = no_grad();
        using var fresh = new Lora(Config, new() { R = 2, Alpha = 4 }, WeightSource.Random(1));
        model.Llama.SetAdapter(null);
        var plain = Logits(prompts[0]);
        model.Llama.SetAdapter(fresh);
        Logits(prompts[0]).ShouldBeCloseTo(plain, 0, "a fresh adapter has B = 0");
        model.Llama.SetAdapter(lora);
        Logits(prompts[0]).ShouldBeCloseTo(golden["logits_0"], 5e-4);
    }

    [Fact]
    public void Dropout_acts_in_training_only()
    {
        using var _ = no_grad();
        var still = Logits(prompts[0]);
        model.Llama.train();
        (Logits(prompts[0]) - still).abs().max().item<float>().Should().BeGreaterThan(1e-4f);
        model.Llama.eval();
        Logits(prompts[0]).ShouldBeCloseTo(still, 0);
    }

    [Fact]
    public void The_loss_of_the_multimodal_batch_is_that_of_the_reference()
    {
        using var _ = no_grad();
        model.Loss(model.Splice(GoldenModels.Rows(multimodal))).view(1).ShouldBeCloseTo(golden["mm_loss"], 1e-4);
    }

    [Fact]
    public void Gradients_of_adapters_and_projector_are_those_of_the_reference()
    {
        var expected = Golden.Tensors("lora/grads_batch.safetensors");
        var trained = Trained();
        var loss = model.Loss(model.Splice(GoldenModels.Rows(multimodal)));
        loss.view(1).ShouldBeCloseTo(expected["loss"], 2e-4);
        loss.backward();
        foreach (var (name, gradient) in expected.Where(entry => entry.Key != "loss"))
        {
            var error = (trained[name].grad! - gradient).abs() - gradient.abs() * Scalars.Of(1e-4f);
            error.max().item<float>().Should().BeLessThanOrEqualTo(1e-4f, name);
        }
    }

    private Dictionary<string, Parameter> Trained()
    {
        var trained = lora.NamedParameters().ToDictionary(p => $"{Prefix}.{p.Name}", p => p.Parameter);
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (name.StartsWith("mm_projector.layers.", StringComparison.Ordinal))
                trained.Add($"{Prefix}.mm_projector.{name["mm_projector.layers.".Length..]}", parameter);
        }
        foreach (var parameter in trained.Values) parameter.requires_grad = true;
        return trained;
    }

    private Tensor Logits(long[] ids) =>
        model.Llama.Logits(model.Llama.Hidden(model.Llama.Embed(tensor(ids).unsqueeze(0))))[0];
}
