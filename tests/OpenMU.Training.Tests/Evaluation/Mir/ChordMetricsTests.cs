using System.Text.Json;
using OpenMU.Music;
using OpenMU.Testing;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Training.Tests.Evaluation.Mir;

public class ChordMetricsTests
{
    [Fact]
    public void Chord_scores_equal_those_of_mir_eval()
    {
        var pairs = Golden.Element("metrics/mir_metrics.json").GetProperty("chord").EnumerateArray().ToList();
        pairs.Should().NotBeEmpty();
        foreach (var pair in pairs)
        {
            var scores = ChordMetrics.Score(Segments(pair, "reference"), Segments(pair, "estimated"));
            foreach (var score in pair.GetProperty("scores").EnumerateObject())
            {
                Value(scores, score.Name).Should().BeApproximately(score.Value.GetDouble(), 1e-9, score.Name);
            }
        }
    }

    [Fact]
    public void A_seventh_chord_counts_as_its_triad_in_majmin_but_not_in_sevenths()
    {
        var scores = ChordMetrics.Score([new(0, 2, "C:maj")], [new(0, 1, "C:7"), new(1, 2, "C:maj")]);

        scores.MajMin.Should().Be(1);
        scores.Sevenths.Should().Be(0.5);
        scores.OverSegmentation.Should().Be(0.5);
        scores.UnderSegmentation.Should().Be(1);
    }

    [Fact]
    public void A_power_chord_that_is_given_a_third_is_wrong_and_no_matter_of_majmin()
    {
        var scores = ChordMetrics.Score(
            [new(0, 4, "E:5"), new(4, 5, "A:min")], [new(0, 1, "E:maj"), new(1, 4, "E:5"), new(4, 5, "A:min")]);

        scores.Power.Should().Be(0.75);
        scores.MajMin.Should().Be(1);
        scores.Root.Should().Be(1);
    }

    [Fact]
    public void Time_without_an_estimate_counts_as_no_chord()
    {
        ChordMetrics.Score([new(0, 1, "N"), new(1, 4, "A:min")], [new(1, 2.5, "A:min")]).MajMin.Should().Be(0.625);
    }

    [Fact]
    public void A_label_that_is_not_Harte_syntax_is_refused()
    {
        var act = () => ChordMetrics.Score([new(0, 1, "C:maj")], [new(0, 1, "Cmaj7")]);
        act.Should().Throw<FormatException>();
    }

    private static ChordSegment[] Segments(JsonElement pair, string name) =>
        [.. pair.GetProperty(name)
            .EnumerateArray()
            .Select(item => new ChordSegment(item[0].GetDouble(), item[1].GetDouble(), item[2].GetString()!))];

    private static double Value(ChordScores scores, string name) => name switch
    {
        "thirds" => scores.Thirds,
        "thirds_inv" => scores.ThirdsInv,
        "triads" => scores.Triads,
        "triads_inv" => scores.TriadsInv,
        "tetrads" => scores.Tetrads,
        "tetrads_inv" => scores.TetradsInv,
        "root" => scores.Root,
        "mirex" => scores.Mirex,
        "majmin" => scores.MajMin,
        "majmin_inv" => scores.MajMinInv,
        "sevenths" => scores.Sevenths,
        "sevenths_inv" => scores.SeventhsInv,
        "underseg" => scores.UnderSegmentation,
        "overseg" => scores.OverSegmentation,
        "seg" => scores.Segmentation,
        _ => throw new ArgumentException($"Unknown measure {name}."),
    };
}
