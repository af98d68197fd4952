using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

/// <summary>
/// Checkpoints that PyTorch wrote, in each public format, through the conversion: the folder gives PyTorch's numbers.
/// </summary>
public sealed class ConversionTests : IDisposable
{
    private static readonly LlamaConfig Llama = GoldenModels.Llama();

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGrad = no_grad();
    private readonly string root = Directory.CreateTempSubdirectory().FullName;
    private readonly string output;
    private readonly JsonNode texts = Golden.Json("llama/golden_tokens.json");
    private readonly int[][] prompts;

    public ConversionTests()
    {
        output = Path.Combine(root, "converted");
        SmallTokenizer.Of(Llama).Save(Path.Combine(root, "tokenizer"));
        prompts = [.. texts["prompts"]!.AsArray().Select(prompt => prompt!.Ints())];
    }

    public void Dispose()
    {
        noGrad.Dispose();
        scope.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Theory]
    [InlineData("llama/hf-fp32-2shard", false)]
    [InlineData("llama/hf-bf16", false)]
    [InlineData("llama/hf-bf16", true)]
    [InlineData("llama/meta", false)]
    [InlineData("llama/meta", true)]
    public void Every_layout_of_the_language_model_gives_the_reference_logits_and_texts(string llama, bool keepTypes)
    {
        Convert(Sources(llama), new());
        using var folder = ModelFolder.Open(output, keepTypes: keepTypes);
        folder.Config.Llama.Should().BeEquivalentTo(
            Llama with { MaxPositionEmbeddings = folder.Config.Llama.MaxPositionEmbeddings });
        folder.Model.Llama.state_dict()["lm_head.weight"].dtype.Should().Be(keepTypes ? bfloat16 : float32);
        var golden = Golden.Tensors("llama/golden.safetensors");
        for (var i = 0; i < prompts.Length; i++)
            Logits(folder, prompts[i]).ShouldBeCloseTo(golden[$"logits_{i}"], 5e-4, $"prompt {i}");
        var greedy = texts.Numbered("greedy");
        for (var i = 0; i < prompts.Length; i++) Greedy(folder, new(prompts[i], []), greedy[i]!.Ints());
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float32)]
    public void Music_goes_through_tower_and_projector_as_in_the_reference_in_every_type_that_holds_the_weights(
        ScalarType type)
    {
        Convert(Sources("llama/hf-fp32-2shard"), new() { Type = type });
        using var folder = ModelFolder.Open(output);
        using (var file = SafeTensors.Open(Path.Combine(output, "model.safetensors")))
            file.Entries.Values.Should().OnlyContain(entry => entry.Type == type);
        var audio = Golden.Tensors("audiomae/golden.safetensors");
        var encoded = folder.OpenMu.Encode(GoldenModels.Pictures(audio));
        // Weights are exact in bfloat16; the smallest of them lose digits in float16.
        encoded.ShouldBeCloseTo(
            audio[$"pooled_P{folder.OpenMu.Config.Audio.Pooling}"], type == ScalarType.Float16 ? 5e-3 : 2e-4);
        if (type == ScalarType.Float16) return;
        var multimodal = Golden.Json("multimodal/golden.json");
        var rows = GoldenModels.Rows(multimodal);
        folder.Model.Project(rows[0].Music[0])
            .ShouldBeCloseTo(Golden.Tensors("multimodal/golden.safetensors")["projected_clip0"], 5e-4);
        for (var i = 0; i < rows.Count; i++) Greedy(folder, rows[i], multimodal["greedy_new_tokens"]![i]!.Ints());
    }

    [Theory]
    [InlineData("llama/hf-bf16", false)]
    [InlineData("llama/hf-bf16", true)]
    [InlineData("llama/meta", true)]
    public void An_adapter_gives_the_reference_logits_beside_the_model_and_merged_into_it(string llama, bool merge)
    {
        Convert(Sources(llama) with
        {
            Adapter = Golden.PathOf("lora"),
            Projector = Golden.PathOf("lora/non_lora_trainables.bin")
        }, new() { Type = ScalarType.Float32, Merge = merge });
        using var folder = ModelFolder.Open(output);
        File.Exists(Path.Combine(output, ModelFolder.AdapterFile)).Should().Be(!merge);
        (folder.Adapter is null).Should().Be(merge);
        var golden = Golden.Tensors("lora/golden.safetensors");
        for (var i = 0; i < prompts.Length; i++)
            Logits(folder, prompts[i]).ShouldBeCloseTo(golden[$"logits_{i}"], 5e-4, $"prompt {i}");
        Greedy(folder, new(prompts[0], []), Golden.Json("lora/golden.json").AsObject()
            .Single(entry => entry.Key.StartsWith("greedy", StringComparison.Ordinal)).Value!
            .Ints());
    }

    [Fact]
    public void An_adapter_in_pytorchs_format_is_read_as_well()
    {
        var adapter = Directory.CreateDirectory(Path.Combine(root, "adapter")).FullName;
        foreach (var name in new[] { "adapter_config.json", "adapter_model.bin" })
            File.Copy(Golden.PathOf($"lora/{name}"), Path.Combine(adapter, name));
        Convert(Sources("llama/hf-bf16") with { Adapter = adapter }, new() { Type = ScalarType.Float32, Merge = true });
        using var folder = ModelFolder.Open(output);
        Logits(folder, prompts[0]).ShouldBeCloseTo(Golden.Tensors("lora/golden.safetensors")["logits_0"], 5e-4);
    }

    [Fact]
    public void The_folder_tells_where_it_comes_from_and_is_not_written_twice()
    {
        var written = 0L;
        using (var conversion = new Conversion(
            Sources("llama/meta") with { Adapter = Golden.PathOf("lora") }, Options(new() { Merge = true })))
        {
            var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            conversion.Write(output, bytes => written += bytes);
            DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(live, "the numbers only pass through");
            written.Should().Be(conversion.Bytes);
            conversion.Invoking(c => c.Write(output)).Should().Throw<IOException>().WithMessage("*there already*");
        }
        File.ReadAllText(Path.Combine(output, ModelFolder.CardFile))
            .Should().Contain("meta").And.Contain("vitb_finetuned.pth").And.Contain("non-commercial");
        Directory.GetDirectories(root).Should().BeEquivalentTo(output, Path.Combine(root, "tokenizer"));
    }

    [Fact]
    public void A_conversion_that_is_stopped_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        using var conversion = new Conversion(Sources("llama/hf-bf16"), Options(new()));
        conversion.Invoking(c => c.Write(output, _ => stop.Cancel(), stop.Token))
            .Should().Throw<OperationCanceledException>();
        Directory.GetDirectories(root).Should().Equal(Path.Combine(root, "tokenizer"));
    }

    [Fact]
    public void A_source_that_lacks_a_tensor_or_has_one_too_many_or_of_another_shape_is_named()
    {
        var tower = Golden.Tensors("audiomae/model.bf16.safetensors");
        var path = Path.Combine(root, "tower.safetensors");
        void Refused(string message, params (string Key, Tensor? Tensor)[] changes)
        {
            var changed = tower.ToDictionary();
            foreach (var (key, tensor) in changes) if (tensor is null) changed.Remove(key); else changed[key] = tensor;
            SafeTensorsWriter.Write(path, [.. changed.Select(pair => NamedTensor.Of(pair.Key, pair.Value))]);
            FluentActions.Invoking(() =>
                new Conversion(Sources("llama/hf-bf16") with { AudioMae = path }, Options(new())))
                .Should().Throw<InvalidDataException>().WithMessage(message);
        }
        Refused("*'model.vision_tower.mae.fc_norm.bias' is in none of*tower.safetensors*", ("fc_norm.bias", null));
        Refused("*tower.safetensors holds*'model.vision_tower.mae.norm.bias'*", ("norm.bias", ones(3)));
        Refused("*'model.vision_tower.mae.cls_token' of*tower.safetensors*[1, 2, 3]*", ("cls_token", ones(1, 2, 3)));
    }

    [Fact]
    public void A_weight_that_is_no_number_is_named_and_nothing_is_left()
    {
        var projector = Golden.Tensors("multimodal/projector.safetensors");
        var path = Path.Combine(root, "projector.safetensors");
        // The writer would refuse an infinity, so the file is spoilt afterwards.
        SafeTensorsWriter.Write(path, [.. projector.Select(pair => NamedTensor.Of(pair.Key, pair.Value))]);
        var bytes = File.ReadAllBytes(path);
        using (var source = SafeTensors.Open(path))
        {
            BitConverter.TryWriteBytes(
                bytes.AsSpan((int)source.Entries["model.mm_projector.2.weight"].Offset + 40), float.PositiveInfinity);
        }
        File.WriteAllBytes(path, bytes);
        using var conversion = new Conversion(Sources("llama/hf-bf16") with { Projector = path }, Options(new()));
        conversion.Invoking(c => c.Write(output))
            .Should().Throw<InvalidDataException>().WithMessage("*'model.mm_projector.2.weight'*NaN*");
        Directory.Exists(output).Should().BeFalse();
    }

    [Theory]
    [InlineData(
        "llama/hf-bf16/config.json", "\"rope_scaling\": null",
        "\"rope_scaling\": {\"type\": \"llama3\"}", "*rope_scaling*")]
    [InlineData(
        "llama/hf-bf16/config.json", "\"hidden_act\": \"silu\"", "\"hidden_act\": \"gelu\"", "*hidden_act \"gelu\"*")]
    [InlineData("llama/hf-bf16/config.json", "\"hidden_size\"", "\"hidden\"", "*config.json*")]
    [InlineData("llama/meta/params.json", "\"dim\"", "\"use_scaled_rope\": true, \"dim\"", "*use_scaled_rope*")]
    [InlineData("llama/meta/params.json", "\"n_heads\"", "\"heads\"", "*params.json*")]
    public void A_language_model_of_another_kind_is_refused_by_what_its_file_says(
        string file, string old, string changed, string message)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "llama")).FullName;
        foreach (var source in Directory.GetFiles(Path.GetDirectoryName(Golden.PathOf(file))!))
            File.Copy(source, Path.Combine(folder, Path.GetFileName(source)));
        var path = Path.Combine(folder, Path.GetFileName(file));
        File.WriteAllText(path, File.ReadAllText(path).Replace(old, changed, StringComparison.Ordinal));
        FluentActions.Invoking(() => new Conversion(Sources("llama/hf-bf16") with { Llama = folder }, Options(new())))
            .Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void The_prompts_words_are_read_from_a_clone_and_known_by_length_and_digest()
    {
        var clone = Directory.CreateDirectory(Path.Combine(root, "clone", "llava")).Parent!.FullName;
        File.WriteAllText(Path.Combine(clone, "llava", "conversation.py"), """
            conv_a = Conversation(
                system="Two people talk. "
                "One of them \"listens\".",
                roles=("A", "B"),
            )
            """);
        const string words = "Two people talk. One of them \"listens\".";
        PublishedPrompt.Read(clone, words.Length, System.Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(words)))).Should().Be(words);
        FluentActions.Invoking(() => PublishedPrompt.Read(clone))
            .Should().Throw<InvalidDataException>().WithMessage("*154 characters*not the release*");
        FluentActions.Invoking(() => PublishedPrompt.Read(root))
            .Should().Throw<InvalidDataException>().WithMessage("*no clone*");
    }

    private ConversionSources Sources(string llama) => new(
        Golden.PathOf(llama), Golden.PathOf("audiomae/vitb_finetuned.pth"),
        Golden.PathOf("multimodal/mm_projector.bin"))
    {
        Tokenizer = Path.Combine(root, "tokenizer", "tokenizer.json"),
    };

    /// <summary>
    /// What the files do not tell: the audio tower's heads, and begin and end of a text where the layout
    /// has no place for them.
    /// </summary>
    private static ConversionOptions Options(ConversionOptions options) =>
        options with { Audio = GoldenModels.Audio(), BosTokenId = Llama.BosTokenId, StopTokenIds = Llama.StopTokenIds };

    private void Convert(ConversionSources sources, ConversionOptions options)
    {
        using var conversion = new Conversion(sources, Options(options));
        conversion.Write(output);
    }

    private static Tensor Logits(ModelFolder folder, int[] ids)
    {
        var llama = folder.Model.Llama;
        return llama.Logits(llama.Hidden(llama.Embed(tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0))))[0];
    }

    private static void Greedy(ModelFolder folder, MusicPrompt prompt, int[] expected)
    {
        using var generator = new TextGenerator(folder.Model);
        var text = generator.Submit(prompt, new() { MaxNewTokens = expected.Length });
        generator.Complete(text);
        text.Tokens.Should().Equal(expected);
    }

    private static Tensor Numbers(NamedTensor tensor) =>
        cat([.. tensor.Blocks().Select(block => block.flatten().clone())]);
}
