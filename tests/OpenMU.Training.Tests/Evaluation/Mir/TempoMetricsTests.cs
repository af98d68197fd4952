using OpenMU.Testing;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Training.Tests.Evaluation.Mir;

public class TempoMetricsTests
{
    [Fact]
    public void Tempo_scores_equal_those_of_mir_eval()
    {
        var pairs = Golden.Element("metrics/mir_metrics.json").GetProperty("tempo").EnumerateArray().ToList();
        pairs.Should().NotBeEmpty();
        foreach (var pair in pairs)
        {
            double[] Pair(string name) =>
                [.. pair.GetProperty(name).EnumerateArray().Select(tempo => tempo.GetDouble())];
            var score = TempoMetrics.Detection(
                Pair("reference_tempi"), pair.GetProperty("reference_weight").GetDouble(), Pair("estimated_tempi"));
            score.PScore.Should().BeApproximately(pair.GetProperty("p_score").GetDouble(), 1e-9);
            score.OneCorrect.Should().Be(pair.GetProperty("one_correct").GetBoolean());
            score.BothCorrect.Should().Be(pair.GetProperty("both_correct").GetBoolean());

            var reference = pair.GetProperty("scalar_reference").GetDouble();
            var estimated = pair.GetProperty("scalar_estimate").GetDouble();
            TempoMetrics.Acc1(reference, estimated).Should().Be(pair.GetProperty("acc1").GetBoolean());
            TempoMetrics.Acc2(reference, estimated).Should().Be(pair.GetProperty("acc2").GetBoolean());
        }
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(240, true)]
    [InlineData(40, true)]
    [InlineData(360, true)]
    [InlineData(90, false)]
    public void Acc2_forgives_octaves_and_thirds(double estimated, bool isRight) =>
        TempoMetrics.Acc2(120, estimated).Should().Be(isRight);

    [Fact]
    public void A_negative_tempo_is_refused()
    {
        var act = () => TempoMetrics.Detection([60, 120], 0.5, [-60, 120]);
        act.Should().Throw<ArgumentException>();
    }
}
