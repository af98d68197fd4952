using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Testing;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests;

public sealed class SoundHeadTests
{
    private static readonly double[] Music = [6, 0, 0, 0], Speech = [-6, 3, 0, 0], Noise = [-6, 0, 3, 0];

    [Fact]
    public void Music_in_a_quarter_of_the_windows_is_music()
    {
        SoundHead.Of([Music]).IsMusic.Should().BeTrue();
        SoundHead.Of([Speech, Speech, Music, Speech]).IsMusic.Should().BeTrue();
        SoundHead.Of([Speech, Speech, Music, Speech, Speech, Speech, Speech, Speech]).IsMusic.Should().BeFalse();
    }

    [Fact]
    public void Where_there_is_none_the_likeliest_other_kind_is_said()
    {
        SoundHead.Of([Speech]).Otherwise.Should().Be(OtherSound.Speech);
        SoundHead.Of([Noise, Speech, Noise]).Otherwise.Should().Be(OtherSound.Noise);
        SoundHead.Of([[-6, 0, 0, 3]]).Otherwise.Should().Be(OtherSound.Other);
    }

    [Fact]
    public void The_score_is_a_probability()
    {
        SoundHead.Of([[0, 0, 0, 0]]).Music.Should().BeApproximately(0.25, 1e-9);
        SoundHead.Of([[900, 0, 0, 0]]).Music.Should().Be(1);
        SoundHead.Of([[-900, 0, 0, 0]]).Music.Should().Be(0);
    }

    [Fact]
    public void It_reads_mean_and_spread_of_the_tokens()
    {
        using var scope = NewDisposeScope();
        var tokens = tensor(new float[,] { { 1, 5 }, { 3, 5 } });
        SoundHead.Features(new EncodedWindow(tokens, tokens.mean([0]))).data<float>().ToArray()
            .Should().Equal(2, 5, 1, 0);
    }

    [Fact]
    public void Silence_is_no_music_whatever_the_layer_says()
    {
        using var scope = NewDisposeScope();
        using var head = new SoundHead(2, WeightSource.From(new Dictionary<string, Tensor>
        {
            ["weight"] = zeros(4, 4),
            ["bias"] = tensor(new float[] { 9, 0, 0, 0 }),
        }));
        EncodedWindow[] windows = [new(zeros(3, 2), zeros(2))];
        head.Hear(windows, peak: 0.1f).IsMusic.Should().BeTrue();
        head.Hear(windows, peak: 1e-4f).Should().Be(new HeardSound(0, OtherSound.Silence));
    }

    [Fact]
    public void A_tag_head_has_one_only_where_its_file_does()
    {
        using var scope = NewDisposeScope();
        TagGroup[] groups = [new() { Group = "instrument", Labels = ["piano"] }];
        var weights = new Dictionary<string, Tensor> { ["weight"] = zeros(1, 2), ["bias"] = zeros(1) };
        using var without = new TagHead(2, groups, WeightSource.From(weights));
        without.Sound.Should().BeNull();
        (weights["sound.weight"], weights["sound.bias"]) = (zeros(4, 4), zeros(4));
        var source = WeightSource.From(weights);
        using var with = new TagHead(2, groups, source);
        source.RequireNoUnexpectedKeys();
        with.Sound.Should().NotBeNull();
        with.state_dict().Keys.Should().BeEquivalentTo("weight", "bias", "sound.weight", "sound.bias");
    }

    [Fact]
    public void Written_into_a_folder_it_is_heard_and_changes_the_version()
    {
        var root = Directory.CreateTempSubdirectory("openmu-sound-");
        try
        {
            var folder = SmallRandomModel.Write(root.FullName);
            string before;
            int width;
            var sound = new float[16_000];
            for (var i = 0; i < sound.Length; i++) sound[i] = 0.3f * MathF.Sin(0.1f * i);
            using (var model = ModelFolder.Open(folder))
            {
                using var listener = new MusicModel(model.Model, model.Tokenizer, model.TagHead);
                using var track = listener.Encode(sound, CancellationToken.None);
                track.Sound.Should().BeNull("the folder has nothing that tells");
                track.Tags.Should().NotBeEmpty();
                (before, width) = (model.Version, (int)track.MeanToken.shape[0]);
            }

            SoundHead.Write(folder, new float[4, 2 * width], [0, 0, 9, 0]);

            using (var model = ModelFolder.Open(folder))
            {
                using var listener = new MusicModel(model.Model, model.Tokenizer, model.TagHead);
                using var track = listener.Encode(sound, CancellationToken.None);
                track.Sound!.Otherwise.Should().Be(OtherSound.Noise);
                track.Sound.IsMusic.Should().BeFalse();
                track.Tags.Should().BeEmpty("what is no music has no tags");
                model.Version.Should().NotBe(before);
            }
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
