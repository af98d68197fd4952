using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests;

public sealed class TagHeadTests
{
    private static readonly TagGroup Genre =
        new() { Group = "genre", Exclusive = true, Labels = ["jazz", "rock", "waltz"] };
    private static readonly TagGroup Instrument = new() { Group = "instrument", Labels = ["piano", "drums"] };

    [Fact]
    public void The_likeliest_genre_and_every_sure_instrument_are_stated()
    {
        using var head = Head([Genre, Instrument], [0, 2, 1, 3, -3]);
        var scores = head.Score(zeros(4));
        scores.Select(score => score.Tag).Should().Equal("rock", "piano");
        scores[0].Confidence.Should().BeApproximately(Math.Exp(2) / (1 + Math.Exp(2) + Math.E), 1e-6);
        scores[1].Confidence.Should().BeApproximately(1 / (1 + Math.Exp(-3)), 1e-6);
    }

    [Fact]
    public void A_group_that_is_not_sure_is_absent()
    {
        using var head = Head([Genre, Instrument], [0.6f, 0, 0, -1, -1]);
        head.Score(zeros(4)).Should().BeEmpty("jazz is the likeliest genre, and likelier not so than so");
        head.Calibrate([Genre with { Thresholds = [0.4, 0.5, 0.5] }, Instrument]);
        head.Score(zeros(4)).Should().ContainSingle().Which.Tag.Should().Be("jazz");
        head.Confidences(zeros(4))[0].Confidences.Sum()
            .Should().BeApproximately(1, 1e-9, "the confidences are there for those who ask");
    }

    [Fact]
    public void A_temperature_above_one_lowers_confidence_and_keeps_the_order()
    {
        using var head = Head([Genre, Instrument], [0, 2, 1, 3, -3]);
        var before = head.Confidences(zeros(4))[0].Confidences;
        head.Calibrate([Genre with { Temperature = 4 }, Instrument]);
        var after = head.Confidences(zeros(4))[0].Confidences;
        Array.IndexOf(after, after.Max()).Should().Be(Array.IndexOf(before, before.Max()));
        after.Max().Should().BeLessThan(before.Max());
    }

    [Fact]
    public void Calibration_cannot_change_labels()
    {
        using var head = Head([Genre, Instrument], [0, 2, 1, 3, -3]);
        head.Invoking(it => it.Calibrate([Instrument, Genre])).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void The_mean_must_have_the_width_of_the_tower()
    {
        using var head = Head([Genre, Instrument], [0, 2, 1, 3, -3]);
        head.Invoking(it => it.Score(zeros(5))).Should().Throw<ArgumentException>().WithMessage("*expected [4]*");
    }

    [Fact]
    public void Groups_survive_their_file()
    {
        TagGroup[] groups = [Genre with { Temperature = 1.7 }, Instrument with { Thresholds = [0.3, 0.6] }];
        TagGroup.FromJson(TagGroup.ToJson(groups)).Should().BeEquivalentTo(groups);
    }

    [Theory]
    [InlineData("""[{"group": "genre", "labels": []}]""")]
    [InlineData("""[{"group": "genre", "labels": ["a", "a"]}]""")]
    [InlineData("""[{"group": "genre", "labels": ["a"], "thresholds": [0.1, 0.2]}]""")]
    [InlineData("""[{"group": "genre", "labels": ["a"], "temperature": 0}]""")]
    [InlineData("""[{"group": "genre", "labels": ["a"], "colour": 1}]""")]
    [InlineData("""[{"labels": ["a"]}]""")]
    [InlineData("[")]
    public void A_list_of_groups_that_contradicts_itself_is_refused(string json)
        => FluentActions.Invoking(() => TagGroup.FromJson(json)).Should().Throw<InvalidDataException>();

    private static TagHead Head(IReadOnlyList<TagGroup> groups, float[] bias)
        => new(4, groups, WeightSource.From(
            new Dictionary<string, Tensor> { ["weight"] = zeros(bias.Length, 4), ["bias"] = tensor(bias) }));
}
