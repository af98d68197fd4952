using System.Text.Json;
using OpenMU.Testing;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Training.Tests.Evaluation.Mir;

public class BeatMetricsTests
{
    [Fact]
    public void Beat_scores_equal_those_of_mir_eval()
    {
        var pairs = Golden.Element("metrics/mir_metrics.json").GetProperty("beat").EnumerateArray().ToList();
        pairs.Should().NotBeEmpty();
        foreach (var pair in pairs)
        {
            var reference = Times(pair, "reference");
            var estimated = Times(pair, "estimated");

            BeatMetrics.FMeasure(reference, estimated)
                .Should().BeApproximately(pair.GetProperty("f_measure").GetDouble(), 1e-9);
            var (referenceAfter5, estimatedAfter5) = (BeatMetrics.Trim(reference), BeatMetrics.Trim(estimated));
            BeatMetrics.FMeasure(referenceAfter5, estimatedAfter5)
                .Should().BeApproximately(pair.GetProperty("f_measure_after_trim_5s").GetDouble(), 1e-9);
            // The file has no value where the reference code refuses an empty estimate; here that scores 0.
            double[] cemgil = pair.GetProperty("cemgil").ValueKind == JsonValueKind.Null
                ? [0, 0]
                : Times(pair, "cemgil");
            double[] levels = pair.GetProperty("cml_aml_continuity").ValueKind == JsonValueKind.Null
                ? [0, 0, 0, 0]
                : Times(pair, "cml_aml_continuity");
            var (score, best) = BeatMetrics.Cemgil(referenceAfter5, estimatedAfter5);
            ShouldEqual([score, best], cemgil);
            var continuity = BeatMetrics.Continuity(referenceAfter5, estimatedAfter5);
            ShouldEqual([continuity.CmlC, continuity.CmlT, continuity.AmlC, continuity.AmlT], levels);
        }
    }

    [Fact]
    public void Nothing_estimated_scores_nothing()
    {
        BeatMetrics.FMeasure([1, 2, 3], []).Should().Be(0);
        BeatMetrics.Continuity([1, 2, 3], []).Should().Be(new BeatContinuity(0, 0, 0, 0));
        BeatMetrics.Cemgil([], [1, 2]).Should().Be((0, 0));
    }

    [Fact]
    public void Beats_at_double_tempo_are_wrong_at_the_correct_level_and_right_at_any()
    {
        double[] reference = [.. Enumerable.Range(0, 20).Select(i => i * 0.5)];
        double[] doubled = [.. Enumerable.Range(0, 39).Select(i => i * 0.25)];

        var continuity = BeatMetrics.Continuity(reference, doubled);

        continuity.CmlT.Should().BeLessThan(0.1);
        continuity.AmlT.Should().Be(1);
    }

    [Fact]
    public void A_beat_is_matched_once()
    {
        BeatMetrics.FMeasure([1.0], [0.95, 1.0, 1.05]).Should().BeApproximately(2 * (1 / 3.0) / (1 + 1 / 3.0), 1e-12);
    }

    private static double[] Times(JsonElement pair, string name) =>
        [.. pair.GetProperty(name).EnumerateArray().Select(time => time.GetDouble())];

    private static void ShouldEqual(double[] actual, double[] expected)
    {
        actual.Should().HaveSameCount(expected);
        for (var i = 0; i < actual.Length; i++) actual[i].Should().BeApproximately(expected[i], 1e-9);
    }
}
