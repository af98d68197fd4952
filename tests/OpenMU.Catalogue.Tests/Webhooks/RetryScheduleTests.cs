using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Catalogue.Tests.Webhooks;

public sealed class RetryScheduleTests
{
    [Fact]
    public void Ten_tries_take_three_days_and_a_few_hours()
    {
        RetrySchedule.MaxAttempts.Should().Be(10);
        RetrySchedule.After(RetrySchedule.MaxAttempts, delivery: 1).Should().BeNull();
        Total(1).Should().BeGreaterThan(TimeSpan.FromDays(3)).And.BeLessThan(TimeSpan.FromDays(4));
    }

    [Fact]
    public void Each_pause_is_up_to_a_fifth_longer_and_spread()
    {
        var pauses = Enumerable.Range(1, 1000).Select(id => RetrySchedule.After(1, id)!.Value.TotalSeconds).ToList();

        pauses.Should().OnlyContain(seconds => seconds >= 5 && seconds < 6);
        pauses.Count(seconds => seconds < 5.5).Should().BeInRange(400, 600);
    }

    [Fact]
    public void An_endpoint_rests_longer_with_every_failure_but_never_longer_than_five_minutes()
    {
        Enumerable.Range(1, 12).Select(failures => RetrySchedule.Rest(failures).TotalSeconds)
            .Should().Equal(0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300, 300);
        RetrySchedule.Rest(100_000).TotalSeconds.Should().Be(300);
    }

    private static TimeSpan Total(long delivery) => Enumerable.Range(1, RetrySchedule.MaxAttempts - 1)
        .Aggregate(TimeSpan.Zero, (sum, attempts) => sum + RetrySchedule.After(attempts, delivery)!.Value);
}
