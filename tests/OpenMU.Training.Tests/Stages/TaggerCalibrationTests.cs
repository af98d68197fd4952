using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Music;
using OpenMU.Training.Stages;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Stages;

public sealed class TaggerCalibrationTests
{
    private static readonly TagGroup Instruments = new() { Group = "instrument", Labels = ["piano", "drums"] };

    private static readonly TaggerConfig Config = new()
    {
        Channels = [8],
        Strides = [2],
        Groups = [new() { Group = "mood", Labels = ["calm"] }, Instruments],
    };

    [Theory]
    [InlineData(2, 0.5, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(0.7, -0.4, 0)]
    [InlineData(1.5, 0.3, 0.25)]
    public void Scale_and_shift_are_found_under_which_clips_have_their_labels_as_often_as_it_is_sure(
        double scale, double shift, double headShare)
    {
        var heldOut = Clips(scale, shift, headShare);
        var (a, b) = TaggerCalibration.Line(Instruments, 1, heldOut, headShare);
        a.Should().BeApproximately(scale, 0.1);
        b.Should().BeApproximately(shift, 0.1);
    }

    [Fact]
    public void A_few_clips_move_it_little_and_none_not_at_all()
    {
        TaggerCalibration.Line(Instruments, 1, [], 0).Should().Be((1, 0));
        var (a, b) = TaggerCalibration.Line(Instruments, 1, [.. Clips(3, 2, 0).Take(6)], 0);
        a.Should().BeInRange(0.8, 1.5);
        b.Should().BeInRange(-0.3, 0.6);
    }

    [Fact]
    public void The_layers_say_what_was_fitted_and_groups_without_labels_stay()
    {
        using var scope = NewDisposeScope();
        var layers = new Dictionary<string, Tensor>
        {
            ["tags.weight"] = ones(3, 2),
            ["tags.bias"] = ones(3),
            ["sound.bias"] = zeros(4),
        };
        var heldOut = Clips(2, 0.5, 0);
        var (scale, shift) = TaggerCalibration.Line(Instruments, 1, heldOut, 0);
        var (config, heard) = TaggerCalibration.Apply(layers, Config, heldOut);
        layers["tags.weight"].data<float>().ToArray().Should()
            .Equal(1, 1, (float)scale, (float)scale, (float)scale, (float)scale);
        layers["tags.bias"].data<float>().ToArray().Should()
            .Equal(1, (float)scale + (float)shift, (float)scale + (float)shift);
        heard.Should().HaveCount(heldOut.Count);
        heard[0].Confidences[1][0].Should()
            .BeApproximately(1 / (1 + Math.Exp(-(scale * heldOut[0].Tags[1]) - shift)), 1e-4);
        config.Groups[1].Thresholds.Should().HaveCount(2).And.OnlyContain(threshold => threshold >= 0.3);
    }

    [Fact]
    public void Music_begins_where_all_but_one_in_fifty_recordings_with_music_are_above_the_line()
    {
        using var scope = NewDisposeScope();
        HeardRecording Heard(double odds, double music, double label) => new(
            new("a.wav", "a", new Dictionary<string, double> { ["sound:music"] = music, ["genre:jazz"] = label }), [])
        {
            Music = odds,
        };
        List<HeardRecording> heldOut = [.. Enumerable.Range(1, 60).Select(i => Heard(i, music: 1, label: 0.4))];
        heldOut.AddRange([Heard(-5, music: 0, label: 0.4), Heard(-6, music: 1, label: 1)]);
        TaggerCalibration.MusicLine(heldOut).Should().Be(2, "other sound and what was made have no say");
        TaggerCalibration.MusicLine([]).Should().Be(0);

        var bias = tensor(new float[] { 10, 1, 1, 1 });
        TaggerCalibration.DrawLine(bias, heldOut, Config with { HeadSoundShare = 0.5 });
        bias.data<float>().ToArray().Should().Equal(6, 1, 1, 1);
    }

    // Labels hold as often as scale times logit plus shift says, the tag head's part beside it.
    private static List<HeldOutClip> Clips(double scale, double shift, double headShare)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, 4000).Select(i =>
        {
            double[] logits = [0, (4 * random.NextDouble()) - 2, (4 * random.NextDouble()) - 2];
            double[] head = [random.NextDouble(), random.NextDouble()];
            double Holds(int label)
            {
                var own = (scale * logits[label + 1]) + shift;
                var odds = ((1 - headShare) * own) + (headShare * LogOdds.Of(head[label]));
                return random.NextDouble() < 1 / (1 + Math.Exp(-odds)) ? 1 : 0;
            }
            return new HeldOutClip(
                new("a.wav", "a", new Dictionary<string, double>
                {
                    ["instrument:piano"] = Holds(0), ["instrument:drums"] = Holds(1),
                }),
                logits, [0, 0, 0, 0],
                headShare == 0
                    ? null
                    : new(
                        null, [],
                        [.. Instruments.Labels.Select((label, at) => new TagScore("instrument", label, head[at]))]));
        })];
    }
}
