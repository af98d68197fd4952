using Microsoft.Extensions.Time.Testing;

namespace OpenMU.Worker.Tests;

public sealed class JobProgressTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider time = new();
    private readonly JobProgress progress;

    public JobProgressTests() => progress = new JobProgress(
        new WorkerOptions { StallAfter = 10 * Minute, Deadline = 30 * Minute, DeadlinePerSecond = 6 }, time);

    public void Dispose() => progress.Dispose();

    [Fact]
    public void Without_progress_it_has_to_end_and_with_some_it_may_go_on()
    {
        time.Advance(9 * Minute);
        progress.FindProblem().Should().BeNull();
        progress.Advance();
        time.Advance(9 * Minute);
        progress.FindProblem().Should().BeNull();
        time.Advance(Minute);
        progress.FindProblem().Should().Be("It made no progress for 00:10:00.");
    }

    [Fact]
    public void Every_change_of_a_watched_position_is_progress_and_none_that_stays()
    {
        var tokens = 0d;
        using (progress.Watch(() => tokens))
        {
            time.Advance(9 * Minute);
            tokens++;
            progress.FindProblem().Should().BeNull();
            time.Advance(9 * Minute);
            progress.FindProblem().Should().BeNull();
            time.Advance(Minute);
            progress.FindProblem().Should().NotBeNull();
        }

        progress.FindProblem().Should().BeNull("the end of a part is progress");
    }

    [Fact]
    public void Waiting_for_other_jobs_is_neither_judged_nor_counted()
    {
        using (progress.Wait())
        {
            time.Advance(100 * Minute);
            progress.FindProblem().Should().BeNull();
        }

        time.Advance(9 * Minute);
        progress.FindProblem().Should().BeNull();
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(100, 40)]
    [InlineData(3600, 390)]
    public void The_deadline_grows_with_the_sound_that_was_decoded(double seconds, int minutes)
    {
        progress.Watch(() => 0, isSound: true).Dispose();
        var decoded = 0d;
        using var watch = progress.Watch(() => decoded, isSound: true);
        decoded = seconds;
        progress.FindProblem();
        for (var i = 0; i < minutes; i++)
        {
            progress.FindProblem().Should().BeNull();
            time.Advance(Minute);
            progress.Advance();
        }

        progress.FindProblem().Should().StartWith($"It was not done after {TimeSpan.FromMinutes(minutes):c}");
    }
}
