using System.Globalization;
using System.Text.Json.Nodes;
using OpenMU.Model.Audio;
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Families;

public sealed class MossMusicTests : IDisposable
{
    private const string Name = "moss_music";

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly GoldenFolders folders = new();
    private readonly Dictionary<string, Tensor> golden = GoldenFamilies.Tensors($"{Name}/golden.safetensors");
    private readonly JsonNode json = GoldenFamilies.Json($"{Name}/golden.json");
    private readonly ModelFolder folder;
    private readonly MossMusic model;

    public MossMusicTests()
    {
        folder = folders.Open(Name);
        model = WithDigits(folder.Config);
    }

    public void Dispose()
    {
        if (model != folder.Model) model.Dispose();
        scope.Dispose();
        folders.Dispose();
    }

    [Fact]
    public void A_clip_has_the_spectrogram_of_the_reference_and_nearly_always_the_same_bfloat16()
    {
        using var noGrad = no_grad();
        using var spectrogram = MelSpectrogram.Whisper(model.Config.Audio.NumMelBins);
        foreach (var clip in GoldenFamilies.Clips)
        {
            var exact = spectrogram.Whisper(GoldenFamilies.Clip(clip));
            var (key, expected) = golden.Named($"{clip}.mel_float32");
            (key == $"{clip}.mel_float32" ? exact : exact.RowsNamed(key, 1)).ShouldBeCloseTo(expected, 5e-4, key);
            var rounded = model.LogMel(GoldenFamilies.Clip(clip));
            var stored = golden[$"{clip}.mel_input"].to(float32);
            rounded.ShouldBeCloseTo(stored, Math.Pow(2, -7), clip);
            rounded.ne(stored).sum().item<long>().Should().BeLessThanOrEqualTo(stored.numel() / 1000, clip);
        }
    }

    [Fact]
    public void Every_stage_of_the_encoder_and_the_joiners_is_that_of_the_reference()
    {
        using var noGrad = no_grad();
        var D = model.Config.Audio.DModel;
        foreach (var clip in GoldenFamilies.Clips)
        {
            var mel = golden[$"{clip}.mel_input"].to(float32);
            var chunks = mel.split(2 * model.Config.Audio.NWindow, 1);
            var longest = chunks.Max(chunk => chunk.shape[1]);
            var last = nn.functional.pad(chunks[^1], [0, longest - chunks[^1].shape[1]]).unsqueeze(0);
            var (convolution, expected) = golden.Named($"{clip}.conv1_before_gelu_lastchunk");
            Strided(model.AudioTower.FirstConvolution(last)[0], expected).ShouldBeCloseTo(expected, 2e-4, convolution);
            model.AudioTower.Stem(last)[0].ShouldBeCloseTo(golden[$"{clip}.stem_lastchunk"], 2e-4, clip);
            var first = model.AudioTower.Stem(chunks[0].unsqueeze(0));
            foreach (var (layer, output) in model.AudioTower.LayerOutputs(first).Index())
                Check($"{clip}.layer{layer}_chunk0", output[0], 1e-3);
            CheckMusic(clip, model.AudioTower.Encode([mel])[0], D);
        }
    }

    [Fact]
    public void Clips_of_one_prompt_are_filled_to_the_longest_chunk_among_them()
    {
        using var noGrad = no_grad();
        var mels = Two().Select((_, i) => golden[i == 0 ? $"{GoldenFamilies.Clips[0]}.mel_input" : "two.mel_input1"]
            .to(float32)).ToArray();
        CheckMusic("two", cat([.. model.AudioTower.Encode(mels)], 0), model.Config.Audio.DModel);
    }

    [Fact]
    public void Every_layer_of_the_decoder_and_the_greedy_tokens_are_those_of_the_reference()
    {
        using var noGrad = no_grad();
        foreach (var clip in GoldenFamilies.Clips)
            CheckDecoder(clip, Prompt(clip, model.Encode(GoldenFamilies.Clip(clip))));
        CheckDecoder("two", Prompt("two", model.Encode(Two())));
    }

    [Fact]
    public void Without_time_markers_or_without_DeepStack_it_is_the_reference_without_them()
    {
        using var noGrad = no_grad();
        var clip = GoldenFamilies.Clips[^1];
        using var unmarked = WithDigits(model.Config with { EnableTimeMarker = false });
        var prompt = Prompt(clip, model.Encode(GoldenFamilies.Clip(clip)));
        unmarked.Logits(unmarked.Splice([prompt]))[0][-1]
            .ShouldBeCloseTo(golden[$"{clip}_no_markers.logits_last"], 1e-3);
        var shallow = model.Splice(prompt).narrow(1, 0, model.Config.Llama.HiddenSize).unsqueeze(0);
        model.Llama.Logits(model.Llama.Hidden(shallow))[0][-1]
            .ShouldBeCloseTo(golden[$"{clip}_no_deepstack.logits_last"], 1e-3);
    }

    [Fact]
    public void The_time_stands_behind_every_two_seconds_of_music()
    {
        using var noGrad = no_grad();
        foreach (var (tokens, runs) in json["time_markers_rle_audio_id_1"]!.AsObject())
        {
            var expected = runs!.AsArray().Select(run => run!.Ints())
                .SelectMany(run => Enumerable.Repeat(run[0], run[1]));
            MossMusic.TimeMarked(int.Parse(tokens, CultureInfo.InvariantCulture), model.Config)
                .Select(id => id < 0 ? 1 : id).Should().Equal(expected, $"of {tokens} music tokens");
        }
        foreach (var (frames, tokens) in json["mel_frames_to_tokens"]!.AsObject())
        {
            Whisper.Downsampled(int.Parse(frames, CultureInfo.InvariantCulture)).Should().Be(tokens!.GetValue<int>());
        }
    }

    [Fact]
    public void Prompts_have_the_ids_of_the_reference()
    {
        using var noGrad = no_grad();
        // The golden prompts spell the names of special tokens in bytes.
        var bytes = GoldenFamilies.Tokenizer(Name);
        var plain = new OpenMU.Model.Text.Tokenizer([.. bytes.Tokens], new Dictionary<string, int>());
        foreach (var clip in GoldenFamilies.Clips)
        {
            var ids = model.PromptFor(plain, json[clip]!["text"]!.ToString());
            var music = MossMusic.TimeMarked(json[clip]!.Int("audio_tokens"), model.Config)
                .Select(id => id < 0 ? json["ids"]!.Int("audio_token_id") : id);
            ids.SelectMany(id => id == ModelConfig.MusicToken ? music : [id])
                .Should().Equal(json[clip]!["input_ids"]!.Ints(), clip);
        }
    }

    private static Tensor Strided(Tensor whole, Tensor stored)
    {
        long Step(int axis) => (whole.shape[axis] + stored.shape[axis] - 1) / stored.shape[axis];
        return whole.slice(1, 0, whole.shape[1], Step(1)).slice(2, 0, whole.shape[2], Step(2));
    }

    private float[][] Two()
    {
        var lengths = json["two"]!["samples"]!.Ints();
        return [GoldenFamilies.Wave("short.wav")[..lengths[0]], GoldenFamilies.Wave("long.wav")[..lengths[1]]];
    }

    private void CheckMusic(string clip, Tensor music, int width)
    {
        music.narrow(1, 0, width).ShouldBeCloseTo(golden[$"{clip}.encoder_out"], 3e-4, clip);
        var joined = model.Join(music);
        var D = model.Config.Llama.HiddenSize;
        Check($"{clip}.adapter_out_", joined.narrow(1, 0, D), 1e-3);
        for (var i = 0; i < model.Config.Injections; i++)
        {
            Check($"{clip}.deepstack{i}_raw", music.narrow(1, (i + 1) * width, width), 1e-3);
            Check($"{clip}.deepstack{i}_merged", joined.narrow(1, (i + 1) * D, D), 2e-3);
        }
    }

    private void CheckDecoder(string clip, MusicPrompt prompt)
    {
        var D = model.Config.Llama.HiddenSize;
        var spliced = model.Splice(prompt).unsqueeze(0);
        Check($"{clip}.spliced_", spliced[0].narrow(1, 0, D), 1e-3);
        var x = spliced.narrow(2, 0, D);
        for (var layer = 0; layer < model.Config.Llama.NumHiddenLayers; layer++)
        {
            x = model.Llama.Layer(layer, x);
            if (layer < model.Config.Injections) x = x.add_tensor(spliced.narrow(2, (layer + 1) * D, D));
            if (clip != "two") Check($"{clip}.hidden{layer}_", x[0], 5e-3);
        }
        var logits = model.Logits(model.Splice([prompt]))[0];
        Check($"{clip}.logits_stride", logits, 1e-3);
        logits[-1].ShouldBeCloseTo(golden[$"{clip}.logits_last"], 1e-3);
        var stop = json[clip]!["greedy_stop"]!;
        // Prefilled at once, and in chunks.
        foreach (var chunk in (int[])[4096, 17])
        {
            Greedy(prompt, [-1], chunk).Should().Equal(json[clip]!["greedy24"]!.Ints(), clip);
            Greedy(prompt, stop["stop_ids"]!.Ints(), chunk).Should().Equal(stop["ids"]!.Ints(), clip);
        }
    }

    private IReadOnlyList<int> Greedy(MusicPrompt prompt, int[] stops, int chunk)
    {
        using var generator = new TextGenerator(model, chunk: chunk);
        var request = generator.Submit(prompt, new() { MaxNewTokens = 24, StopIds = stops });
        generator.Complete(request);
        return request.Tokens;
    }

    /// <summary>The ids of a golden prompt with a placeholder for what stands between start and end.</summary>
    private MusicPrompt Prompt(string clip, IReadOnlyList<Tensor> music)
    {
        var (start, end) = (model.Config.AudioStartTokenId, model.Config.AudioEndTokenId);
        var (ids, isMusic) = (new List<int>(), false);
        foreach (var id in json[clip]!["input_ids"]!.Ints())
        {
            if (id == end) isMusic = false;
            if (!isMusic) ids.Add(id);
            if (id != start) continue;
            ids.Add(ModelConfig.MusicToken);
            isMusic = true;
        }
        return new(ids, music);
    }

    private void Check(string name, Tensor actual, double tolerance)
    {
        var (key, expected) = golden.Named(name);
        actual.RowsNamed(key).ShouldBeCloseTo(expected, tolerance, key);
    }

    /// <summary>The model of the golden folder, whose digits may have other tokens than Qwen3's.</summary>
    private MossMusic WithDigits(ModelConfig config) => new(
        (MossMusicConfig)config with { DigitTokenIds = json["ids"]!["digit_ids"]!.Ints() },
        WeightSource.From(folder.Model.NamedWeights().ToDictionary(entry => entry.Key, entry => entry.Tensor)));
}
