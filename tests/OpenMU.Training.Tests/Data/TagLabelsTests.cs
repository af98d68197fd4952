using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Training.Data;
using OpenMU.Training.Stages;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Data;

[Collection(OneGenerator.Name)]
public sealed class TagLabelsTests
{
    private static readonly ClipTruth[] Clips =
    [
        .. Enumerable.Range(0, 40).Select(i => new ClipTruth
        {
            Id = $"{i}",
            File = "",
            Genre = i % 2 == 0 ? "jazz" : "rock",
            Instruments = ["piano"],
            Metre = "4/4",
            GrooveFamily = $"family {i % 10}"
        }),
        new() { Id = "unknown", File = "" },
        new() { Id = "noise", File = "", IsNoise = true },
    ];

    private readonly TagLabels labels = new(Clips);

    [Fact]
    public void Families_are_held_out_whole_and_noise_never()
    {
        var validation = labels.ValidationClips(1);
        validation.Should().NotBeEmpty().And.HaveCountLessThan(Clips.Length / 3);
        var families = validation.Select(i => Clips[i].GrooveFamily).ToHashSet();
        Enumerable.Range(0, 40).Where(i => families.Contains(Clips[i].GrooveFamily))
            .Should().BeEquivalentTo(validation);
    }

    [Fact]
    public void A_drummer_from_a_held_out_family_is_not_trained_on_either()
    {
        var validation = labels.ValidationClips(1);
        var family = Clips[validation.First()].GrooveFamily;
        ClipTruth[] withDrummers = [.. Clips.Select((clip, i) =>
            i is 0 or 1 && !validation.Contains(i) ? clip with { DrumFamily = family } : clip)];
        var drummed = Enumerable.Range(0, 2).Where(i => withDrummers[i].DrumFamily is not null).ToArray();
        var trained = new TagLabels(withDrummers).TrainingClips(validation);
        drummed.Should().NotBeEmpty();
        trained.Should().NotIntersectWith(drummed).And.NotIntersectWith(validation);
        trained.Should().HaveCount(Clips.Length - validation.Count - drummed.Length);
    }

    [Fact]
    public void Nothing_is_sure_of_noise_and_the_unknown_does_not_count()
    {
        var width = labels.Groups.Sum(group => group.Labels.Count);
        var targets = labels.Targets(0.1).Chunk(width).ToArray();
        labels.Groups.Select(group => group.Group).Should().Equal("genre", "instrument", "metre");
        targets[0][..2].Sum().Should().BeApproximately(1, 1e-6f);
        targets[^1][..2].Should().AllBeEquivalentTo(0.5f);
        targets[^1][2].Should().BeLessThan(0.1f);
        targets[^2][..2].Should().AllBeEquivalentTo(0f);
    }

    [Fact]
    public void A_temperature_makes_overconfident_logits_honest()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var group = labels.Groups[0];
        var truth = (rand(2000, 1) < Scalars.Of(0.7)).to(float32);
        truth = cat([truth, (-truth).add_scalar(1)], 1);
        var logits = tensor([6f, 0f]).expand(2000, 2);
        var fitted = Calibration.Fit(group, logits, truth);
        fitted.Temperature.Should().BeGreaterThan(4);
        Calibration.Error(group, logits, truth).Should().BeGreaterThan(0.2);
        Calibration.Error(fitted, logits, truth).Should().BeLessThan(0.03);
    }

    [Fact]
    public void Thresholds_lie_where_a_label_separates_best()
    {
        using var scope = NewDisposeScope();
        var group = new TagGroup { Group = "instrument", Labels = ["piano"] };
        var logits = tensor([-3f, -2.5f, -0.9f, -0.5f, 0.5f, 2]).unsqueeze(1);
        var truth = tensor([0f, 0, 1, 1, 1, 1]).unsqueeze(1);
        var fitted = Calibration.Fit(group, logits, truth);
        ((TagHead.Probabilities(logits, fitted) >= Scalars.Of(fitted.Thresholds[0])).to(float32) - truth).abs()
            .max().item<float>().Should().Be(0);
    }

    [Fact]
    public void A_wrong_tag_weighs_more_than_a_missing_one()
    {
        using var scope = NewDisposeScope();
        var group = new TagGroup { Group = "instrument", Labels = ["piano"] };
        // Of the five below the surest four, two have a piano: F1 would state one of them and a wrong one.
        var logits = tensor([3f, 2.9f, 2.8f, 2.7f, 0, -0.1f, -0.2f, -0.3f, -0.4f, -4, -4, -4]).unsqueeze(1);
        var truth = tensor([1f, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0]).unsqueeze(1);

        var fitted = Calibration.Fit(group, logits, truth);

        (TagHead.Probabilities(logits, fitted) >= Scalars.Of(fitted.Thresholds[0])).to(float32).sum().item<float>()
            .Should().Be(4);
    }

    [Fact]
    public void Of_what_is_stated_of_a_genre_three_of_four_are_right()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var group = new TagGroup { Group = "genre", Exclusive = true, Labels = ["rock", "jazz"] };
        // The surer, the righter: from 30 % to 90 %, so three of four of the surer half.
        var sure = rand(4000, 1);
        var right = (rand(4000, 1) < sure.mul_scalar(0.6).add_scalar(0.3)).to(float32);
        var logits = cat([sure.mul_scalar(4), zeros(4000, 1)], 1);

        var fitted = Calibration.Fit(group, logits, cat([right, (-right).add_scalar(1)], 1));

        fitted.Thresholds.Should().HaveCount(2).And.OnlyContain(threshold => threshold == fitted.Thresholds[0]);
        var stated = (TagHead.Probabilities(logits, fitted).max(1).values >= Scalars.Of(fitted.Thresholds[0]))
            .to(float32);
        var precision = (stated * right.squeeze(1)).sum().item<float>() / stated.sum().item<float>();
        precision.Should().BeInRange(0.74f, 0.8f);
    }
}
