using OpenMU.Model.Audio;
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Families;

/// <summary>What every family can do beside computing the numbers of its reference.</summary>
public sealed class AllFamiliesTests : IDisposable
{
    public static readonly TheoryData<string> Published = ["midashenglm_qwen3", "midashenglm_qwen25", "moss_music"];

    private static readonly string[] Questions = ["Key?", "What is the tempo of this music?", "Is there a singer?"];

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly GoldenFolders folders = new();

    public void Dispose()
    {
        scope.Dispose();
        folders.Dispose();
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Texts_about_tracks_are_the_same_alone_batched_and_in_another_order(string family)
    {
        using var noGrad = no_grad();
        var folder = folders.Open(family);
        using var model = new MusicModel(folder.Model, folder.Tokenizer);
        var options = new GenerationOptions { MaxNewTokens = 12 };
        IReadOnlyList<string> Texts(EncodedTrack track, params string[] questions)
            => [.. model.Generate(track, questions, null, options, CancellationToken.None).Select(text => text.Text)];
        using var track = model.Encode(GoldenFamilies.Clip(GoldenFamilies.Clips[0]), CancellationToken.None);
        using var again = model.Encode(GoldenFamilies.Clip(GoldenFamilies.Clips[0]), CancellationToken.None);
        var batched = Texts(track, Questions);
        Questions.SelectMany(question => Texts(again, question)).Should().Equal(batched);
        Texts(track, [.. Questions.Reverse()]).Should().Equal(batched.Reverse());
        batched.Should().OnlyContain(text => text.Length > 0);
        track.Embedding.Should().HaveCount(folder.Config.AudioWidth);
        track.Embedding.Sum(value => value * value).Should().BeApproximately(1, 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Offline_batches_with_shared_prefixes_have_the_tokens_of_continuous_batching(string family)
    {
        using var noGrad = no_grad();
        var folder = folders.Open(family);
        var tracks = GoldenFamilies.Clips
            .Select(clip => folder.Model.EncodeWindows(GoldenFamilies.Clip(clip)).First().Music).ToArray();
        MusicPrompt[] prompts = [.. tracks.SelectMany(music => Questions.Select(question =>
            new MusicPrompt(folder.Model.PromptFor(folder.Tokenizer, question), [music])))];
        using var generator = new TextGenerator(folder.Model);
        var requests = prompts.Select(prompt => generator.Submit(prompt, new() { MaxNewTokens = 8 })).ToArray();
        generator.Complete(requests);
        var batches = new BatchGenerator(folder.Model, maxNewTokens: 8).Generate(prompts);
        for (var i = 0; i < prompts.Length; i++) batches[i].Should().Equal(requests[i].Tokens, $"of prompt {i}");
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Several_tracks_have_a_span_each_in_one_prompt(string family)
    {
        using var noGrad = no_grad();
        var folder = folders.Open(family);
        var music = folder.Model.EncodeWindows(GoldenFamilies.Clip(GoldenFamilies.Clips[0])).First().Music;
        var ids = folder.Model.PromptFor(folder.Tokenizer, "Which is faster?", tracks: 2);
        ids.Count(id => id == ModelConfig.MusicToken).Should().Be(2);
        var prompt = new MusicPrompt(ids, [music, music]);
        folder.Model.Splice(prompt).shape[0].Should().Be(folder.Model.LengthOf(prompt))
            .And.Be(ids.Length - 2 + 2 * folder.Model.PositionsOfMusic(music));
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Adapters_lie_beside_the_model_under_PEFTs_keys_and_merge_to_the_same_logits(string family)
    {
        using var noGrad = no_grad();
        var folder = folders.Open(family);
        var (model, config) = (folder.Model, folder.Config);
        using var adapter = new Lora(config.Llama, new() { R = 2, Alpha = 4 }, WeightSource.Random(3));
        foreach (var (_, parameter) in adapter.NamedParameters()) parameter.normal_(0, 0.2);
        var ids = Scalars.arange(9).unsqueeze(0);
        Tensor Logits(ModelFamily family) => family.Llama.Logits(family.Llama.Hidden(family.Llama.Embed(ids)));
        var plain = Logits(model);
        var saved = Path.Combine(folder.Folder, "..", "saved");
        ModelFolder.Save(saved, config, model, adapter, folder.Tokenizer, null, float32);
        using (var file = SafeTensors.Open(Path.Combine(saved, ModelFolder.AdapterFile)))
        {
            file.Entries.Keys.Should().OnlyContain(key =>
                key.StartsWith($"base_model.model.{config.DecoderKey}.layers.", StringComparison.Ordinal));
        }
        model.Llama.SetAdapter(adapter);
        var adapted = Logits(model);
        (adapted - plain).abs().max().item<float>().Should().BeGreaterThan(0.01f);
        using (var opened = ModelFolder.Open(saved)) Logits(opened.Model).ShouldBeCloseTo(adapted, 1e-5);
        model.Llama.MergeAdapter();
        Logits(model).ShouldBeCloseTo(adapted, 1e-3);
        model.Llama.SetAdapter(null);
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void An_adapter_of_PEFT_is_converted_with_the_model(string family)
    {
        using var noGrad = no_grad();
        var folder = folders.Open(family);
        var (peft, output) = (Path.Combine(folder.Folder, "..", "peft"), Path.Combine(folder.Folder, "..", "merged"));
        Directory.CreateDirectory(peft);
        File.WriteAllText(
            Path.Combine(peft, "adapter_config.json"),
            """{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "o_proj"]}""");
        using var adapter = new Lora(
            folder.Config.Llama, new() { R = 2, Alpha = 4, TargetModules = ["q_proj", "o_proj"] },
            WeightSource.Random(3));
        foreach (var (_, parameter) in adapter.NamedParameters()) parameter.normal_(0, 0.2);
        SafeTensorsWriter.Write(Path.Combine(peft, ModelFolder.AdapterFile), [.. adapter.NamedParameters().Select(
            entry => NamedTensor.Of(
                $"base_model.model.{folder.Config.DecoderKey}.{entry.Name}", (Tensor)entry.Parameter))]);
        var published = Path.Combine(folder.Folder, "..", family);
        using (var conversion = new Conversion(published, new() { Type = float32, Merge = true }, peft))
            conversion.Write(output);
        using var merged = ModelFolder.Open(output);
        folder.Model.Llama.SetAdapter(adapter);
        var ids = Scalars.arange(9).unsqueeze(0);
        Tensor Logits(ModelFamily model) => model.Llama.Logits(model.Llama.Hidden(model.Llama.Embed(ids)));
        Logits(merged.Model).ShouldBeCloseTo(Logits(folder.Model), 1e-3);
        folder.Model.Llama.SetAdapter(null);
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void A_folder_keeps_every_published_tensor_and_says_what_is_in_it(string family)
    {
        using var noGrad = no_grad();
        var folder = folders.Open(family);
        var files = WeightFiles.Open(Path.Combine(folder.Folder, "..", family));
        try
        {
            var published = files.SelectMany(file => file.NamedTensors()).ToDictionary(tensor => tensor.Key);
            var own = folder.Model.NamedWeights().ToDictionary(entry => entry.Key, entry => entry.Tensor);
            own.Keys.Should().BeEquivalentTo(
                published.Keys.Where(key => !key.EndsWith("num_batches_tracked", StringComparison.Ordinal)));
            foreach (var (key, tensor) in own)
                tensor.ShouldBeCloseTo(published[key].Rows(0, published[key].Shape[0]).to(float32), 0, key);
        }
        finally
        {
            foreach (var file in files) file.Dispose();
        }
        var report = FolderReport.Of(folder.Folder, _ => { });
        report.Parts.Select(part => part.Part).Should().BeEquivalentTo("audio tower", "projector", "language model");
        report.Config.Family.Should().Be(folder.Config.Family);
        ModelConfig.FromJson(report.Config.ToJson()).ToJson().Should().Be(folder.Config.ToJson());
        using var mapped = ModelFolder.Open(folder.Folder, keepTypes: true);
        mapped.Version.Should().Be(folder.Version);
    }

    [Theory]
    [InlineData("midashenglm-0.6b", 28 * 11 + 2)]
    [InlineData("midashenglm-7b", 28 * 12 + 3)]
    [InlineData("moss-music-8b", 36 * 11 + 3)]
    public void The_published_shapes_have_the_published_tensors_and_cost_no_memory_to_plan(string shape, int language)
    {
        using var noGrad = no_grad();
        var config = RandomWeights.Shapes[shape];
        config.Validate();
        var plan = ModelPlan.Of(config);
        plan.Count(tensor => config.PartOf(tensor.Key) == "language model").Should().Be(language);
        var words = plan.Where(tensor => config.PartOf(tensor.Key) == "language model");
        words.Sum(tensor => tensor.Count).Should().Be(shape switch
        {
            "midashenglm-0.6b" => 596_049_920,
            "midashenglm-7b" => 7_615_616_512,
            _ => 8_190_735_360,
        });
        if (shape == "moss-music-8b") plan.Count.Should().Be(901);
        if (shape == "midashenglm-7b")
        {
            plan.Count.Should().Be(740 - 3, "two tables of the front end and a counter are not of every release");
            plan.Where(tensor => config.PartOf(tensor.Key) == "audio tower").Sum(tensor => tensor.Count)
                .Should().Be(630_333_696);
        }
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void A_random_model_of_the_family_opens_and_writes(string family)
    {
        using var noGrad = no_grad();
        var output = Path.Combine(folders.Convert(family), "..", "random");
        var config = ModelFolder.ReadConfig(Path.Combine(output, "..", $"{family}-converted"));
        RandomWeights.Write(output, config, 1, bfloat16);
        using var folder = ModelFolder.Open(output);
        using var model = new MusicModel(folder.Model, folder.Tokenizer);
        using var track = model.Encode(new float[Fbank.SampleRate], CancellationToken.None);
        var text = model.Generate(
            track, ["Key?"], new MusicalFacts(), new() { MaxNewTokens = 4 }, CancellationToken.None).Single();
        text.Text.Should().NotContain("[Get");
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Sound_that_is_too_short_or_not_finite_is_refused(string family)
    {
        using var noGrad = no_grad();
        var folder = folders.Open(family);
        using var model = new MusicModel(folder.Model, folder.Tokenizer);
        var encode = (float[] samples) => model.Encode(samples, CancellationToken.None);
        encode.Invoking(e => e(new float[100])).Should().Throw<ArgumentException>().WithMessage("*100 samples*");
        var broken = new float[Fbank.SampleRate];
        broken[7] = float.NaN;
        encode.Invoking(e => e(broken)).Should().Throw<ArgumentException>().WithMessage("*not numbers*");
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Ids_without_a_text_are_never_written(string family)
    {
        using var noGrad = no_grad();
        var folder = folders.Open(family);
        var music = folder.Model.EncodeWindows(GoldenFamilies.Clip(GoldenFamilies.Clips[0])).First().Music;
        var prompt = new MusicPrompt(folder.Model.PromptFor(folder.Tokenizer, Questions[0]), [music]);
        IReadOnlyList<int> Written(IReadOnlyList<int>? never)
        {
            using var generator = new TextGenerator(folder.Model, silent: never);
            var request = generator.Submit(prompt, new() { MaxNewTokens = 24 });
            generator.Complete(request);
            return request.Tokens;
        }
        var chosen = Written(null);
        Written([.. chosen.Distinct()]).Should().NotContain(id => chosen.Contains(id));
        // The model of a folder keeps to what its tokenizer can say: the golden vocabulary is larger.
        int[] silent = [.. Enumerable.Range(0, folder.Config.Llama.VocabSize)
            .Where(id => folder.Tokenizer.BytesOf(id) is null)];
        using var model = new MusicModel(folder.Model, folder.Tokenizer);
        using var track = model.Encode(GoldenFamilies.Clip(GoldenFamilies.Clips[0]), CancellationToken.None);
        model.Generate(track, [Questions[0]], null, new() { MaxNewTokens = 24 }, CancellationToken.None)[0].Text
            .Should().Be(folder.Tokenizer.Decode(Written(silent)).Trim());
    }
}
