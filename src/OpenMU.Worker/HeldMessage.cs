using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>A received message and the receipt that every update changes. One caller at a time.</summary>
internal sealed class HeldMessage(QueueClient queue, QueueMessage message)
{
    // Longest that Azure hides a message.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private string receipt = message.PopReceipt;

    public string Body { get; } = message.Body.ToString();

    /// <summary>When it was put on the queue; null where the queue does not say.</summary>
    public DateTimeOffset? InsertedOn => message.InsertedOn;

    /// <summary>Hides the message from now on for so long, in whole seconds; zero shows it at once.</summary>
    /// <returns>False if it was received by somebody else, or deleted.</returns>
    public Task<bool> HideAsync(TimeSpan duration, CancellationToken cancel)
    {
        var seconds = Math.Clamp(Math.Ceiling(duration.TotalSeconds), 0, Longest.TotalSeconds);
        return ReceivedMessage.UnlessLostAsync(async () =>
        {
            UpdateReceipt updated = await queue.UpdateMessageAsync(
                message.MessageId, receipt, visibilityTimeout: TimeSpan.FromSeconds(seconds),
                cancellationToken: cancel);
            receipt = updated.PopReceipt;
        });
    }

    /// <returns>False if it was received by somebody else, or deleted.</returns>
    public Task<bool> DeleteAsync(CancellationToken cancel) =>
        ReceivedMessage.UnlessLostAsync(() => queue.DeleteMessageAsync(message.MessageId, receipt, cancel));
}
