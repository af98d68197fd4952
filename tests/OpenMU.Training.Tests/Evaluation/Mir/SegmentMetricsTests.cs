using OpenMU.Music;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Training.Tests.Evaluation.Mir;

public class SegmentMetricsTests
{
    private static readonly Section[] Truth =
        [new(0, 10, "A", "verse"), new(10, 20, "B", "chorus"), new(20, 30, "A", "verse")];

    [Fact]
    public void Boundaries_count_within_their_window_and_the_ends_do_not_count()
    {
        Section[] answer = [new(0.4, 10.4, "x"), new(10.4, 22, "y"), new(22, 26, "x"), new(26, 30, "z")];

        SegmentMetrics.BoundaryF(Truth, answer, 0.5)
            .Should().BeApproximately(2 * (1 / 3.0 * 0.5) / (1 / 3.0 + 0.5), 1e-9);
        SegmentMetrics.BoundaryF(Truth, answer, 3).Should().BeApproximately(2 * (2 / 3.0) / (2 / 3.0 + 1), 1e-9);
        SegmentMetrics.BoundaryF(Truth, [new(0, 30, "A")], 3).Should().Be(0);
    }

    [Fact]
    public void Letters_need_not_be_the_same_ones()
    {
        SegmentMetrics.PairwiseF(Truth, [new(0, 10, "C"), new(10, 20, "D"), new(20, 30, "C")]).Should().Be(1);
    }

    [Fact]
    public void One_letter_throughout_finds_every_pair_and_many_that_are_none()
    {
        // 200 frames of one letter and 100 of the other, of 300.
        double right = (200 * 199) + (100 * 99), all = 300 * 299;
        SegmentMetrics.PairwiseF(Truth, SegmentMetrics.EqualParts(Truth))
            .Should().BeApproximately(2 * (right / all) / ((right / all) + 1), 1e-9);
    }

    [Fact]
    public void A_function_is_right_where_it_holds_for_most_of_the_section()
    {
        SegmentMetrics.FunctionPrecision(Truth, [new(0, 12, "A", "verse"), new(12, 30, "B", "chorus")])
            .Should().Be(0.5);
        SegmentMetrics.FunctionPrecision(Truth, [new(0, 30, "A")]).Should().BeNull();
    }
}
