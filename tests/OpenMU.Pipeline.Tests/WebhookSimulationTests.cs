namespace OpenMU.Pipeline.Tests;

/// <summary>
/// The outbox in the batch's own time: two partners are told of what happens, and one of them is away for a day.
/// </summary>
public sealed class WebhookSimulationTests
{
    private const int BooksDoNotClose = 1;

    [Fact]
    public async Task Each_event_arrives_at_least_once_in_its_tracks_order_and_none_that_was_rolled_back()
    {
        var (code, output) = await SimulationTests.SimulateAsync("--webhooks", "--tracks", "100");

        code.Should().Be(0, output);
        output.Should().Contain("The books are closed.").And.Contain("webhook's reply lost");
    }

    [Theory]
    [InlineData("Outbox", "the last event of it is")]
    [InlineData("Order", "out of order")]
    public async Task Without_one_of_its_guards_a_partner_is_told_something_else(string guard, string finding)
    {
        var (code, output) = await SimulationTests.SimulateAsync(
            "--webhooks", "--tracks", "100", "--seeds", "3", "--without", guard);

        code.Should().Be(BooksDoNotClose, output);
        output.Should().Contain(finding);
    }
}
