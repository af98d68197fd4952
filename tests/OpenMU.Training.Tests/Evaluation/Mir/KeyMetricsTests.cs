using OpenMU.Testing;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Training.Tests.Evaluation.Mir;

public class KeyMetricsTests
{
    [Fact]
    public void Key_scores_equal_those_of_mir_eval()
    {
        var pairs = Golden.Element("metrics/mir_metrics.json").GetProperty("key").EnumerateArray().ToList();
        pairs.Should().NotBeEmpty();
        foreach (var pair in pairs)
        {
            KeyMetrics.WeightedScore(
                pair.GetProperty("reference").GetString(), pair.GetProperty("estimated").GetString())
                .Should().BeApproximately(pair.GetProperty("weighted_score").GetDouble(), 1e-9);
        }
    }

    [Theory]
    [InlineData("C major", "G major", 0.5)]
    [InlineData("C major", "F major", 0)]
    [InlineData("C major", "A minor", 0.3)]
    [InlineData("A minor", "C major", 0.3)]
    [InlineData("Db major", "C# minor", 0.2)]
    [InlineData("Db major", "C# major", 1)]
    [InlineData("C major", null, 0)]
    [InlineData(null, null, 1)]
    public void Related_keys_earn_part_of_the_score(string? reference, string? estimated, double score) =>
        KeyMetrics.WeightedScore(reference, estimated).Should().Be(score);

    [Theory]
    [InlineData("H major")]
    [InlineData("C")]
    [InlineData("C lydian")]
    public void A_word_that_is_no_key_is_refused(string key)
    {
        var act = () => KeyMetrics.WeightedScore("C major", key);
        act.Should().Throw<FormatException>();
    }
}
