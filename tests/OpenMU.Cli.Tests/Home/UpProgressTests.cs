using OpenMU.Cli.Home;
using OpenMU.Training;

namespace OpenMU.Cli.Tests.Home;

public sealed class UpProgressTests
{
    [Fact]
    public void The_line_counts_what_is_done_failed_and_rejected_and_says_the_time_left() =>
        UpProgress.Describe(new BatchProgress(51, 12, 0, 1), TimeSpan.FromSeconds(70))
            .Should().Be("12 of 51 done, 0 failed, 1 rejected, 1 min 10 s left");

    [Fact]
    public void A_finished_run_has_no_time_left() =>
        UpProgress.Describe(new BatchProgress(3, 2, 1, 0), TimeSpan.FromSeconds(9))
            .Should().Be("2 of 3 done, 1 failed, 0 rejected");

    [Fact]
    public void Nothing_is_said_about_time_before_the_first_track_is_done() =>
        UpProgress.Describe(new BatchProgress(3, 0, 0, 0), null).Should().Be("0 of 3 done, 0 failed, 0 rejected");
}
