using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Decoder;

public sealed class LlamaTests : IDisposable
{
    private static readonly LlamaConfig Config = GoldenModels.Llama();
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGrad = no_grad();
    private readonly Dictionary<string, Tensor> golden = Golden.Tensors("llama/golden.safetensors");
    private readonly long[][] prompts = [.. Golden.Json("llama/golden_tokens.json")["prompts"]!.AsArray()
        .Select(prompt => prompt!.Ints().Select(id => (long)id).ToArray())];
    private readonly SafeTensors file = SafeTensors.Open(Golden.PathOf("llama/hf-bf16/model.safetensors"));
    private readonly Llama llama;

    public LlamaTests() => (llama = new(Config, WeightSource.From(file))).eval();

    public void Dispose()
    {
        llama.Dispose();
        file.Dispose();
        noGrad.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Logits_are_those_of_the_reference()
    {
        for (var i = 0; i < prompts.Length; i++)
            Logits(llama, prompts[i]).ShouldBeCloseTo(golden[$"logits_{i}"], 5e-4, $"prompt {i}");
    }

    [Fact]
    public void Shards_in_float32_give_the_same_logits()
    {
        var names = Directory.GetFiles(Golden.PathOf("llama/hf-fp32-2shard"), "*.safetensors");
        var shards = names.Select(SafeTensors.Open).ToArray();
        var source = WeightSource.From(shards);
        using var sharded = new Llama(Config, source);
        source.RequireNoUnexpectedKeys();
        Logits(sharded, prompts[0]).ShouldBeCloseTo(Logits(llama, prompts[0]), 0);
        foreach (var shard in shards) shard.Dispose();
    }

    [Fact]
    public void Weights_left_in_the_memory_map_give_the_same_logits()
    {
        using var mapped = new Llama(Config, Mapped());
        mapped.state_dict()["model.layers.0.mlp.up_proj.weight"].dtype.Should().Be(bfloat16);
        for (var i = 0; i < prompts.Length; i++)
            Logits(mapped, prompts[i]).ShouldBeCloseTo(golden[$"logits_{i}"], 5e-4, $"prompt {i}");
        Logits(mapped, prompts[0][..3]).ShouldBeCloseTo(golden["logits_0"][..3], 5e-4);
    }

    [Fact]
    public void Hidden_states_are_those_of_the_reference()
    {
        var embeddings = llama.Embed(tensor(prompts[0]).unsqueeze(0));
        var last = Config.NumHiddenLayers;
        var x = embeddings;
        for (var i = 0; i < last; i++)
        {
            x[0].ShouldBeCloseTo(golden[$"hidden_states_0_{i}"], 5e-4, $"state {i}");
            x = llama.Layer(i, x);
        }
        llama.FinalNorm(x)[0].ShouldBeCloseTo(golden[$"hidden_states_0_{last}"], 5e-4);
        llama.Hidden(embeddings)[0].ShouldBeCloseTo(golden[$"hidden_states_0_{last}"], 5e-4);
    }

    [Fact]
    public void Positions_rotate_queries_and_keys_as_in_the_reference()
    {
        using var rope = new Rope(Config, float32, CPU);
        var angles = rope.At(golden["rope_positions"]);
        angles.Rotate(golden["rope_q_in"].transpose(1, 2)).ShouldBeCloseTo(golden["rope_q_out"], 1e-4);
        angles.Rotate(golden["rope_k_in"].transpose(1, 2)).ShouldBeCloseTo(golden["rope_k_out"], 1e-4);
    }

    [Fact]
    public void Padding_on_the_left_leaves_the_logits_alone()
    {
        var hidden =
            llama.Hidden(llama.Embed(golden["leftpad_ids"]), golden["leftpad_mask"], golden["leftpad_position_ids"]);
        var last = golden.Named("leftpad_logits_last").Value;
        llama.Logits(hidden)[.., ^(int)last.shape[1]..].ShouldBeCloseTo(last, 5e-4);
    }

    [Fact]
    public void Padding_on_the_right_leaves_the_logits_alone()
    {
        var (ids, mask) = (golden["rightpad_ids"], golden["rightpad_mask"]);
        var logits = llama.Logits(llama.Hidden(llama.Embed(ids), mask));
        var last = (mask.sum(1) - Scalars.One).data<long>().ToArray();
        stack(last.Select((end, row) => logits[row, end]).ToArray()).ShouldBeCloseTo(
            golden["rightpad_logits_at_last_real"], 5e-4);
    }

    [Fact]
    public void Token_by_token_with_memory_gives_the_reference_logits_and_memory()
    {
        using var cache = new KvCache(Config, prompts[1].Length);
        var steps = golden["kv_step_logits"];
        var prefilled = prompts[1].Length - (int)steps.shape[0] + 1;
        var logits = new List<Tensor> { Step(llama, cache, prompts[1][..prefilled]) };
        var (keys, _) = cache.Update(
            0, empty(Config.NumKeyValueHeads, 0, Config.HeadDim), empty(Config.NumKeyValueHeads, 0, Config.HeadDim));
        keys.ShouldBeCloseTo(golden.Named("kv_layer0_key_").Value, 2e-4);
        var (name, remembered) = golden.Named("kv_layer", "_value_");
        var (_, values) = cache.Update(
            int.Parse(name["kv_layer".Length..name.IndexOf("_value", StringComparison.Ordinal)]),
            empty(Config.NumKeyValueHeads, 0, Config.HeadDim), empty(Config.NumKeyValueHeads, 0, Config.HeadDim));
        values.ShouldBeCloseTo(remembered, 2e-4);
        foreach (var token in prompts[1][prefilled..]) logits.Add(Step(llama, cache, token));
        cat(logits, 0).ShouldBeCloseTo(steps, 5e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sequences_of_different_lengths_share_a_step_without_touching_each_other(bool inMap)
    {
        using var model = inMap ? new Llama(Config, Mapped()) : new Llama(Config, WeightSource.From(file));
        KvCache[] caches = [.. prompts.Select(prompt => new KvCache(Config, prompt.Length))];
        // The first takes its prompt whole while the others are in the middle of theirs.
        Step(model, caches[1], prompts[1][..^1]);
        Step(model, caches[2], prompts[2][..^3]);
        var hidden = model.Step([Input(model, caches[0], prompts[0]), Input(model, caches[1], prompts[1][^1..]),
            Input(model, caches[2], prompts[2][^3..])]);
        var logits = model.Logits(hidden);
        for (var i = 0; i < prompts.Length; i++)
            logits[i].ShouldBeCloseTo(golden[$"logits_{i}"][^1], 5e-4, $"prompt {i}");
        foreach (var cache in caches) cache.Dispose();
    }

    [Fact]
    public void A_forked_memory_goes_its_own_way()
    {
        using var cache = new KvCache(Config, 16);
        Step(llama, cache, prompts[0][..5]);
        using var fork = cache.Fork(prompts[0].Length);
        Step(llama, cache, 7, 7, 7);
        Step(llama, fork, prompts[0][5..]).ShouldBeCloseTo(golden["logits_0"][^1..], 5e-4);
        cache.Length.Should().Be(8);
    }

    [Fact]
    public void A_full_memory_is_an_error_and_stays_as_it_was()
    {
        using var cache = new KvCache(Config, 4);
        Step(llama, cache, prompts[0][..3]);
        FluentActions.Invoking(() => Step(llama, cache, 1, 2))
            .Should().Throw<ArgumentException>().WithMessage("*3 + 2*4*");
        cache.Length.Should().Be(3);
        FluentActions.Invoking(() => new KvCache(Config, Config.MaxPositionEmbeddings + 1))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Tied_embeddings_serve_as_the_head()
    {
        using var tied = new Llama(Config with { TieWordEmbeddings = true }, WeightSource.From(file));
        var hidden = randn(1, 1, Config.HiddenSize);
        tied.Logits(hidden)
            .ShouldBeCloseTo(hidden.matmul(file.View("model.embed_tokens.weight").to(float32).t()), 1e-4);
    }

    [Fact]
    public void Stepping_leaves_no_tensor_behind()
    {
        using var inner = NewDisposeScope();
        using var cache = new KvCache(Config, 64);
        using var embedded = llama.Embed(tensor(new long[] { 5 }));
        llama.Step([new(embedded, cache)]).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++) llama.Step([new(embedded, cache)]).Dispose();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    private WeightSource Mapped() => WeightSource.From(file).KeepingTypes();

    private Tensor Logits(Llama model, long[] ids) =>
        model.Logits(model.Hidden(model.Embed(tensor(ids).unsqueeze(0))))[0];

    private static SequenceInput Input(Llama model, KvCache cache, params long[] ids) =>
        new(model.Embed(tensor(ids)), cache);

    private static Tensor Step(Llama model, KvCache cache, params long[] ids) =>
        model.Logits(model.Step([Input(model, cache, ids)]));
}
