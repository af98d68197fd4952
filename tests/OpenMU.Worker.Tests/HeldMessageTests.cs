using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

public sealed class HeldMessageTests(Emulator emulator)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_held_message_can_be_hidden_again_and_again_and_then_deleted()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var queue = stage.Storage.Analysis;
        await queue.SendMessageAsync("work", Cancel);
        var held = new HeldMessage(queue, await ReceiveAsync(queue, Hour));

        (await held.HideAsync(Hour, Cancel)).Should().BeTrue();
        (await held.HideAsync(Hour, Cancel)).Should().BeTrue("the receipt changes with each update");
        (await queue.PeekMessagesAsync(1, Cancel)).Value.Should().BeEmpty();
        (await held.DeleteAsync(Cancel)).Should().BeTrue();
        (await Stage.CountAsync(queue)).Should().Be(0);
    }

    [Fact]
    public async Task Hidden_for_no_time_it_is_there_for_others_at_once()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var queue = stage.Storage.Analysis;
        await queue.SendMessageAsync("work", Cancel);
        var held = new HeldMessage(queue, await ReceiveAsync(queue, Hour));

        (await held.HideAsync(TimeSpan.FromSeconds(-5), Cancel)).Should().BeTrue();
        (await ReceiveAsync(queue, Hour)).Body.ToString().Should().Be("work");
    }

    [Fact]
    public async Task A_message_that_somebody_else_received_since_is_lost_to_its_first_holder()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var queue = stage.Storage.Analysis;
        await queue.SendMessageAsync("work", Cancel);
        var first = new HeldMessage(queue, await ReceiveAsync(queue, Hour));
        var second = new HeldMessage(queue, await ShowAndReceiveAsync(queue, first));

        (await first.HideAsync(Hour, Cancel)).Should().BeFalse();
        (await first.DeleteAsync(Cancel)).Should().BeFalse();
        (await Stage.CountAsync(queue)).Should().Be(1, "it is not the first holder's to delete");
        (await second.DeleteAsync(Cancel)).Should().BeTrue();
        (await second.DeleteAsync(Cancel)).Should().BeFalse("it is gone");
    }

    private static async Task<QueueMessage> ShowAndReceiveAsync(QueueClient queue, HeldMessage held)
    {
        await held.HideAsync(TimeSpan.Zero, Cancel);
        return await ReceiveAsync(queue, Hour);
    }

    private static async Task<QueueMessage> ReceiveAsync(QueueClient queue, TimeSpan visibility) =>
        await queue.ReceiveMessageAsync(visibility, Cancel);
}
