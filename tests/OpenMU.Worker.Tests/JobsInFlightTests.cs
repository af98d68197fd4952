namespace OpenMU.Worker.Tests;

public sealed class JobsInFlightTests
{
    private readonly JobsInFlight jobs = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_stays_alone_once_the_others_have_left_and_none_enters_until_it_has_left_too()
    {
        var other = jobs.TryEnter()!;
        var suspect = jobs.TryEnter()!;
        var alone = suspect.TryStayAloneAsync(Cancel);
        alone.IsCompleted.Should().BeFalse("another job is in flight");
        jobs.TryEnter().Should().BeNull("it would never be alone");
        other.Dispose();
        (await alone).Should().BeTrue();

        jobs.TryEnter().Should().BeNull();
        var open = jobs.WaitAsync(Cancel);
        open.IsCompleted.Should().BeFalse();
        suspect.Dispose();
        await open;
        jobs.TryEnter().Should().NotBeNull();
    }

    [Fact]
    public async Task Of_two_that_want_to_be_alone_the_second_is_refused_at_once()
    {
        var first = jobs.TryEnter()!;
        var second = jobs.TryEnter()!;
        var alone = first.TryStayAloneAsync(Cancel);

        (await second.TryStayAloneAsync(Cancel)).Should().BeFalse();
        second.Dispose();
        (await alone).Should().BeTrue();
    }

    [Fact]
    public async Task One_that_gives_up_waiting_lets_others_in_again()
    {
        jobs.TryEnter();
        var suspect = jobs.TryEnter()!;
        using var stop = new CancellationTokenSource();
        var alone = suspect.TryStayAloneAsync(stop.Token);
        await stop.CancelAsync();
        await alone.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();

        suspect.Dispose();

        jobs.TryEnter().Should().NotBeNull();
    }
}
