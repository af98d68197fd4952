using OpenMU.Model.Audio;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Testing;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests;

public sealed class TaggerTests
{
    private static readonly TaggerConfig Config = new()
    {
        Channels = [4, 8],
        Strides = [2, 2],
        Groups = [new() { Group = "voice", Labels = ["none", "singing"] }],
    };

    private static readonly float[] Tone =
        [.. Enumerable.Range(0, 40_000).Select(i => 0.3f * MathF.Sin(2 * MathF.PI * 1000 * i / Fbank.SampleRate))];

    [Fact]
    public void Frames_are_logarithms_of_magnitudes_through_mel_filters()
    {
        using var scope = NewDisposeScope();
        var frames = LogMelFrames.Of(Tone);
        frames.shape.Should().Equal(1 + (40_000 - 400) / 160, 64);
        // A full sine of amplitude 0.3 under a Hann window of 400 has the magnitude 0.3 * 400 / 4 in its bin.
        var loudest = frames[100].argmax().item<long>();
        frames[100][loudest].item<float>().Should().BeInRange(MathF.Log(0.5f * 30), MathF.Log(2.5f * 30));
        loudest.Should().Be(19, "1 kHz is the twentieth of 64 steps from 125 to 7500 Hz in mel");
        LogMelFrames.Of(new float[400]).data<float>().ToArray().Should()
            .OnlyContain(value => Math.Abs(value - MathF.Log(0.001f)) < 1e-4f);
    }

    [Fact]
    public void Windows_lie_over_the_whole_track_and_a_short_one_is_heard_once()
    {
        const int rate = Fbank.SampleRate;
        Tagger.Starts(100).Should().Equal(0);
        Tagger.Starts(20 * rate).Should().Equal(0, 122_880, 245_760);
        var starts = Tagger.Starts(240 * rate);
        starts.Should().HaveCount(16).And.BeInAscendingOrder();
        starts[0].Should().Be(0);
        (starts[^1] + 8 * 96 * 160 + 240).Should().BeInRange(240 * rate - 400, 240 * rate + 1);
    }

    [Fact]
    public void Music_has_the_tags_that_reach_their_thresholds_and_other_sound_none()
    {
        using var scope = NewDisposeScope();
        var music = Of([5, 0, 0, 0]).Hear(Tone, 0.3f);
        music.Sound!.IsMusic.Should().BeTrue();
        music.Tags.Should().ContainSingle().Which.Tag.Should().Be("singing");
        music.Scores.Select(score => score.Tag).Should().Equal("none", "singing");
        var noise = Of([0, 0, 5, 0]).Hear(Tone, 0.3f);
        noise.Sound!.Otherwise.Should().Be(OtherSound.Noise);
        noise.Tags.Should().BeEmpty();
        noise.Scores.Should().HaveCount(2);
        Of([5, 0, 0, 0]).Hear(Tone, 1e-5f).Sound.Should().Be(new HeardSound(0, OtherSound.Silence));
    }

    [Fact]
    public void The_tag_head_counts_by_its_share_in_the_log_odds_of_what_both_know()
    {
        using var scope = NewDisposeScope();
        TagScore[] head = [new("voice", "singing", 1 / (1 + Math.Exp(4))), new("genre", "jazz", 1)];
        double Singing(double share, IReadOnlyList<TagScore>? other) =>
            Of([5, 0, 0, 0], share).Hear(Tone, 0.3f, new(null, [], other ?? [])).Scores[1].Confidence;
        // Its own log odds are 2.
        Singing(0, head).Should().BeApproximately(1 / (1 + Math.Exp(-2)), 1e-6);
        Singing(0.5, head).Should().BeApproximately(1 / (1 + Math.Exp(1)), 1e-6, "(2 - 4) / 2 = -1");
        Singing(1, head).Should().BeApproximately(1 / (1 + Math.Exp(4)), 1e-6);
        Singing(0.5, null).Should().BeApproximately(1 / (1 + Math.Exp(-2)), 1e-6, "a model without a head has none");
        var heard = Of([5, 0, 0, 0], 0.5).Hear(Tone, 0.3f, new(null, [], head));
        heard.Scores.Select(score => score.Tag).Should().Equal("none", "singing");
        heard.Scores[0].Confidence.Should().BeApproximately(1 / (1 + Math.Exp(2)), 1e-6, "the head does not know it");
        heard.Tags.Should().BeEmpty();
        Of([5, 0, 0, 0], 0.5).Confidences(Tone, head)[0].Confidences.Should()
            .Equal(heard.Scores.Select(score => score.Confidence));
    }

    [Fact]
    public void The_tag_head_counts_by_its_share_in_whether_there_is_music()
    {
        using var scope = NewDisposeScope();
        var sure = new HeardSound(1 / (1 + Math.Exp(-6)), OtherSound.Noise);
        HeardSound Sound(double share, HeardSound? other, float peak = 0.3f) =>
            new Tagger(Config with { HeadSoundShare = share }, WeightSource.From(Weights([-2, 5, 0, 0])))
                .Hear(Tone, peak, new(other, [], [])).Sound!;
        Sound(0, sure).IsMusic.Should().BeFalse();
        Sound(0.5, sure).IsMusic.Should().BeFalse("log odds of -7 outweigh 6");
        Sound(0.6, sure).IsMusic.Should().BeTrue();
        Sound(0.6, sure).Otherwise.Should().Be(OtherSound.Speech, "that is the tagger's to say");
        Sound(0.6, null).IsMusic.Should().BeFalse("a model without a head has none");
        Sound(1, sure, peak: 1e-5f).Should().Be(new HeardSound(0, OtherSound.Silence));
    }

    [Fact]
    public void A_folder_with_a_tagger_has_its_tags_and_another_version()
    {
        var root = Directory.CreateTempSubdirectory("openmu-tagger-");
        try
        {
            var folder = SmallRandomModel.Write(root.FullName);
            string before;
            using (var model = ModelFolder.Open(folder))
            {
                model.Tagger.Should().BeNull();
                before = model.Version;
            }

            using (var scope = NewDisposeScope()) Tagger.Write(folder, Config, Weights([5, 0, 0, 0]));

            using (var model = ModelFolder.Open(folder))
            {
                model.Labels.Should().Equal(("voice", "none"), ("voice", "singing"));
                model.Version.Should().NotBe(before);
                using var listener =
                    new MusicModel(model.Model, model.Tokenizer, model.TagHead, tagger: model.Tagger);
                using var track = listener.Encode(Tone, CancellationToken.None);
                track.Tags.Should().ContainSingle().Which.Tag.Should().Be("singing");
                track.Scores.Should().HaveCount(2);
                track.Sound!.IsMusic.Should().BeTrue();
            }

            File.Delete(Path.Combine(folder, ModelFolder.TaggerConfigFile));
            FluentActions.Invoking(() => ModelFolder.Open(folder)).Should().Throw<InvalidDataException>()
                .WithMessage("*tagger.json*");
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("""{"channels":[4],"strides":[3],"groups":[]}""")]
    [InlineData("""{"channels":[4,8],"strides":[1],"groups":[]}""")]
    [InlineData("""{"channels":[4],"strides":[1],"groups":[],"depth":3}""")]
    [InlineData("""{"channels":[4]""")]
    [InlineData("""{"channels":[4],"strides":[1],"groups":[],"head_share":1.5}""")]
    public void A_configuration_that_is_not_understood_is_refused(string json) =>
        FluentActions.Invoking(() => TaggerConfig.FromJson(json)).Should().Throw<InvalidDataException>();

    [Fact]
    public void A_configuration_is_read_as_it_was_written()
    {
        foreach (var config in (TaggerConfig[])[Config, Config with { HeadShare = 0.25, HeadSoundShare = 0.5 }])
            TaggerConfig.FromJson(config.ToJson()).Should().BeEquivalentTo(config);
    }

    private static Tagger Of(float[] sound, double headShare = 0) =>
        new(Config with { HeadShare = headShare }, WeightSource.From(Weights(sound)));

    private static Dictionary<string, Tensor> Weights(float[] sound) => new()
    {
        ["convolutions.0.weight"] = ones(4, 1, 3, 3).mul_scalar(0.1),
        ["convolutions.0.bias"] = zeros(4),
        ["convolutions.1.weight"] = ones(4, 1, 3, 3).mul_scalar(0.1),
        ["convolutions.1.bias"] = zeros(4),
        ["convolutions.2.weight"] = ones(8, 4, 1, 1),
        ["convolutions.2.bias"] = zeros(8),
        ["tags.weight"] = zeros(2, 8),
        ["tags.bias"] = tensor(new float[] { -2, 2 }),
        ["sound.weight"] = zeros(4, 8),
        ["sound.bias"] = tensor(sound),
    };
}
