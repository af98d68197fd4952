using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// Changes of a message that was received. It may be gone by then: received by somebody else, or deleted by a first try
/// whose reply was lost. Whoever wanted to be rid of it has what he wanted.
/// </summary>
public static class ReceivedMessage
{
    /// <summary>Deletes a message.</summary>
    /// <returns>False if it was received by somebody else, or deleted.</returns>
    public static Task<bool> TryDeleteAsync(
        this QueueClient queue, QueueMessage message, CancellationToken cancel) =>
        UnlessLostAsync(() => queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancel));

    /// <summary>Makes a change of a message.</summary>
    /// <returns>False if it was received by somebody else, or deleted.</returns>
    public static async Task<bool> UnlessLostAsync(Func<Task> change)
    {
        try
        {
            await change();
            return true;
        }
        // 404: no such message; 400 with PopReceiptMismatch: it has been received since.
        catch (RequestFailedException lost) when (lost.Status == 404
            || lost.ErrorCode == QueueErrorCode.PopReceiptMismatch)
        {
            return false;
        }
    }
}
