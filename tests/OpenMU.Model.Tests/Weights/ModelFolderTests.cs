using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

public sealed class ModelFolderTests : IDisposable
{
    private static readonly OpenMuConfig Config = OpenMuConfig.Tiny with
    {
        Audio = new()
        {
            EmbedDim = 16,
            Depth = 2,
            NumHeads = 2,
            ContextualBlocks = [1],
            ChunkFrames = 64,
            MelBins = 32,
            NumChunks = 2,
            Pooling = 2
        },
        Llama = new()
        {
            HiddenSize = 32,
            IntermediateSize = 48,
            NumHiddenLayers = 2,
            NumAttentionHeads = 4,
            NumKeyValueHeads = 2,
            VocabSize = 300,
            MaxPositionEmbeddings = 128,
            BosTokenId = 256,
            StopTokenIds = [257]
        },
        MaxLength = 64,
    };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string root = Directory.CreateTempSubdirectory().FullName;
    private readonly string folder;

    public ModelFolderTests() => folder = Path.Combine(root, "small");

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void A_model_that_is_saved_opens_with_the_same_numbers()
    {
        using var model = Fresh();
        using var adapter = Adapter();
        ModelFolder.Save(folder, Config, model, adapter, Tokenizer, null, float32);
        using var opened = ModelFolder.Open(folder);
        opened.Config.Should().BeEquivalentTo(Config with { Lora = adapter.Config });
        opened.LicenceClass.Should().Be("open");
        opened.Model.NamedWeights().Select(entry => entry.Key)
            .Should().Equal(model.NamedWeights().Select(entry => entry.Key));
        foreach (var ((key, tensor), (_, expected)) in opened.Model.NamedWeights().Zip(model.NamedWeights()))
            tensor.ShouldBeCloseTo(expected, 0, key);
        foreach (var ((name, tensor), (_, expected)) in opened.Adapter!.NamedParameters()
            .Zip(adapter.NamedParameters()))
        {
            tensor.ShouldBeCloseTo(expected, 0, name);
        }
        opened.Tokenizer.Encode("Träume").Should().Equal(Tokenizer.Encode("Träume"));
        opened.TagHead.Should().BeNull();
        Directory.GetDirectories(root).Should().Equal(folder);
    }

    [Fact]
    public void The_head_that_tags_tracks_comes_with_its_labels()
    {
        using var model = Fresh();
        using var tags = new TagHead(
            Config.Audio.EmbedDim, [new() { Group = "genre", Exclusive = true, Labels = ["rock", "jazz"] },
                new() { Group = "mood", Labels = ["calm"], Thresholds = [0.25] }], WeightSource.Random(3));
        ModelFolder.Save(folder, Config, model, null, Tokenizer, tags, float32);
        using (var opened = ModelFolder.Open(folder))
        {
            var mean = randn(Config.Audio.EmbedDim);
            opened.TagHead!.Score(mean).Should().Equal(tags.Score(mean));
        }
        File.Delete(Path.Combine(folder, ModelFolder.TagsFile));
        Opening().Should().Throw<InvalidDataException>().WithMessage("*tags.json is missing*");
    }

    [Fact]
    public void A_tokenizer_that_does_not_fit_the_model_is_refused()
    {
        using var model = Fresh();
        ModelFolder.Save(
            folder, Config, model, null, SmallTokenizer.Of(Config.Llama with { BosTokenId = 300 }), null, float32);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*301 tokens*vocab_size is 300*");
        ModelFolder.Save(
            folder, Config, model, null, SmallTokenizer.Of(Config.Llama with { StopTokenIds = [258] }), null, float32);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*(258)*stop_token_ids*");
        ModelFolder.Save(
            folder, Config with { Prompt = new() { EndOfAnswer = "<|over|>" } }, model, null, Tokenizer, null, float32);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*no special token '<|over|>'*");
        File.WriteAllText(
            Path.Combine(folder, "tokenizer.json"), File.ReadAllText(Path.Combine(folder, "tokenizer.json"))[..500]);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*tokenizer.json*");
    }

    [Fact]
    public void Adapters_of_a_folder_are_in_use()
    {
        using var model = Fresh();
        using var adapter = Adapter();
        ModelFolder.Save(folder, Config, model, adapter, Tokenizer, null, float32);
        using var opened = ModelFolder.Open(folder);
        var plain = Logits(model);
        model.Llama.SetAdapter(adapter);
        Logits(opened.Model).ShouldBeCloseTo(Logits(model), 1e-6);
        (Logits(model) - plain).abs().max().item<float>().Should().BeGreaterThan(0.01f);
    }

    [Fact]
    public void Matrices_may_stay_bfloat16_in_the_map()
    {
        using var model = Fresh();
        ModelFolder.Save(folder, Config, model, null, Tokenizer, null, bfloat16);
        using var opened = ModelFolder.Open(folder, keepTypes: true);
        opened.Model.Llama.state_dict()["lm_head.weight"].dtype.Should().Be(bfloat16);
        opened.Model.Llama.state_dict()["model.norm.weight"].dtype.Should().Be(float32);
        using var widened = ModelFolder.Open(folder);
        Logits(opened.Model).ShouldBeCloseTo(Logits(widened.Model), 1e-4);
    }

    [Fact]
    public void A_version_has_the_folders_name_and_changes_with_a_single_weight_or_setting()
    {
        using var model = Fresh();
        string Version(OpenMuConfig config, string? name = null)
        {
            var path = Path.Combine(root, name ?? "small");
            ModelFolder.Save(path, config, model, null, Tokenizer, null, float32);
            using var opened = ModelFolder.Open(path);
            return opened.Version;
        }
        var first = Version(Config);
        first.Should().MatchRegex("^small-[0-9a-f]{12}$");
        Version(Config).Should().Be(first);
        Version(Config, new string('n', 100)).Should().HaveLength(64).And.EndWith(first[^12..]);
        Version(Config with { MaxLength = 63 }).Should().NotBe(first);
        using (no_grad()) model.Llama.state_dict()["lm_head.weight"][0, 0].add_(Scalars.One, Scalars.One);
        Version(Config).Should().NotBe(first);
    }

    [Fact]
    public void Shards_are_written_with_an_index_and_read_by_it()
    {
        using var model = Fresh();
        ModelFolder.Save(folder, Config, model, null, Tokenizer, null, float32);
        File.Delete(Path.Combine(folder, "model.safetensors"));
        SafeTensorsWriter.WriteShards(
            folder, "model", [.. model.NamedWeights().Select(entry => NamedTensor.Of(entry.Key, entry.Tensor))],
            shardBytes: 40 << 10);
        Directory.GetFiles(folder, "model-*-of-*.safetensors")
            .Should().HaveCountGreaterThan(2).And.OnlyContain(file => new FileInfo(file).Length < 48 << 10);
        using (var opened = ModelFolder.Open(folder)) Logits(opened.Model).ShouldBeCloseTo(Logits(model), 0);
        File.Delete(Directory.GetFiles(folder, "model-00002-*").Single());
        Opening().Should().Throw<InvalidDataException>().WithMessage("*model-00002*missing*");
    }

    [Theory]
    [InlineData("lm_head.weight", "*model.safetensors lack the tensor 'lm_head.weight'*")]
    [InlineData(
        "model.vision_tower.mae.blocks.1.mlp.fc1.bias",
        "*model.safetensors lack the tensor 'model.vision_tower.mae.blocks.1.mlp.fc1.bias'*")]
    public void A_missing_tensor_is_named(string key, string message)
    {
        Rewrite(tensors => [.. tensors.Where(tensor => tensor.Key != key)]);
        Opening().Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void A_surplus_tensor_is_named_with_its_file()
    {
        Rewrite(tensors => [.. tensors, NamedTensor.Of("model.layers.9.mlp.up_proj.weight", ones(2, 2))]);
        Opening().Should().Throw<InvalidDataException>()
            .WithMessage("*model.safetensors*1 tensors*model.layers.9.mlp.up_proj.weight*");
    }

    [Fact]
    public void A_misshapen_tensor_is_named_with_its_file_and_both_shapes()
    {
        Rewrite(tensors => [.. tensors.Select(tensor =>
            tensor.Key == "lm_head.weight" ? NamedTensor.Of(tensor.Key, ones(299, 32)) : tensor)]);
        Opening().Should().Throw<InvalidDataException>()
            .WithMessage("*'lm_head.weight'*model.safetensors*299, 32*300, 32*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_weight_that_is_no_number_is_named(bool keepTypes)
    {
        Rewrite(tensors => tensors);
        Spoil("model.layers.1.mlp.down_proj.weight", float.NaN);
        FluentActions.Invoking(() => ModelFolder.Open(folder, keepTypes: keepTypes))
            .Should().Throw<InvalidDataException>()
            .WithMessage("*'model.layers.1.mlp.down_proj.weight'*model.safetensors*NaN*");
    }

    [Theory]
    [InlineData(0.999)]
    [InlineData(0.5)]
    [InlineData(0.01)]
    [InlineData(0)]
    public void A_file_cut_short_is_named(double part)
    {
        Rewrite(tensors => tensors);
        var path = Path.Combine(folder, "model.safetensors");
        using (var file = File.OpenWrite(path)) file.SetLength((long)(file.Length * part));
        Opening().Should().Throw<InvalidDataException>().WithMessage("*model.safetensors*");
    }

    [Fact]
    public void Nothing_that_is_no_number_is_written_and_nothing_is_left_of_the_attempt()
    {
        using var model = Fresh();
        using (no_grad()) model.Llama.state_dict()["lm_head.weight"][3, 5].fill_(Scalars.Of(1e6));
        FluentActions.Invoking(() => ModelFolder.Save(folder, Config, model, null, Tokenizer, null, float16))
            .Should().Throw<InvalidDataException>().WithMessage("*'lm_head.weight'*Float16*");
        Directory.GetFileSystemEntries(root).Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"llama":{"hidden_size":1073741824,"num_attention_heads":1}}""", "*config.json*hidden_size*")]
    [InlineData("""{"llama":{"max_position_embeddings":2147483647}}""", "*config.json*max_position_embeddings*")]
    [InlineData("""{"audio":{"num_chunks":60000,"chunk_frames":65536}}""", "*config.json*frames*")]
    [InlineData("""{"audio":{"depth":0}}""", "*config.json*depth*")]
    [InlineData("""{"lora":{"r":-3}}""", "*config.json*lora r*")]
    [InlineData("""{"licence":"mine"}""", "*config.json*licence*'mine'*")]
    [InlineData("""{"llama":""", "*config.json*")]
    public void A_configuration_with_absurd_sizes_is_refused_before_anything_is_allocated(string json, string message)
    {
        Rewrite(tensors => tensors);
        File.WriteAllText(Path.Combine(folder, ModelFolder.ConfigFile), json);
        Opening().Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void Adapters_and_their_configuration_come_together()
    {
        using var model = Fresh();
        using var adapter = Adapter();
        ModelFolder.Save(folder, Config, model, adapter, Tokenizer, null, float32);
        File.WriteAllText(Path.Combine(folder, ModelFolder.ConfigFile), Config.ToJson());
        Opening().Should().Throw<InvalidDataException>()
            .WithMessage("*adapter_model.safetensors*\"lora\" in config.json is missing*");
        File.WriteAllText(
            Path.Combine(folder, ModelFolder.ConfigFile), (Config with { Lora = adapter.Config }).ToJson());
        File.Delete(Path.Combine(folder, ModelFolder.AdapterFile));
        Opening().Should().Throw<InvalidDataException>().WithMessage("*adapter_model.safetensors is missing*");
    }

    [Fact]
    public void A_folder_without_a_configuration_is_no_model()
        => FluentActions.Invoking(() => ModelFolder.Open(root))
            .Should().Throw<InvalidDataException>().WithMessage("*no config.json*");

    private static Tokenizer Tokenizer { get; } = SmallTokenizer.Of(Config.Llama);

    private static OpenMu Fresh() => new(Config, WeightSource.Random(1));

    private static Lora Adapter()
    {
        var adapter = new Lora(Config.Llama, new() { R = 2, Alpha = 16 }, WeightSource.Random(2));
        using var _ = no_grad();
        foreach (var (name, parameter) in adapter.NamedParameters()
            .Where(entry => entry.Name.Contains("lora_B", StringComparison.Ordinal)))
        {
            parameter.fill_(Scalars.Of(0.1f));
        }
        return adapter;
    }

    private static Tensor Logits(ModelFamily model)
    {
        using var _ = no_grad();
        return model.Llama.Logits(
            model.Llama.Hidden(model.Llama.Embed(tensor(new long[] { 1, 5, 9, 33 }).unsqueeze(0))));
    }

    private Action Opening() => () => ModelFolder.Open(folder).Dispose();

    private void Rewrite(Func<IReadOnlyList<NamedTensor>, IReadOnlyList<NamedTensor>> change)
    {
        using var model = Fresh();
        ModelFolder.Save(folder, Config, model, null, Tokenizer, null, float32);
        SafeTensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            change([.. model.NamedWeights().Select(entry => NamedTensor.Of(entry.Key, entry.Tensor))]));
    }

    private void Spoil(string key, float value)
    {
        var path = Path.Combine(folder, "model.safetensors");
        long offset;
        using (var file = SafeTensors.Open(path)) offset = file.Entries[key].Offset;
        using var stream = File.OpenWrite(path);
        stream.Position = offset + 20;
        stream.Write(BitConverter.GetBytes(value));
    }
}
