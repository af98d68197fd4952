using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>
/// The one side road: a message whose tries are used up ends its job as Failed, with the last error as the reason.
/// </summary>
public sealed class FailedJob(JobQueues jobs, ILogger<FailedJob> log)
{
    /// <summary>Works off one message of a poison queue.</summary>
    /// <param name="messageBody">The message.</param>
    /// <param name="kind">Of the jobs whose queue it is.</param>
    /// <param name="cancel">Gives up; the message comes again.</param>
    public async Task HandleAsync(string messageBody, JobKind kind, CancellationToken cancel)
    {
        if (JobQueue.Read(messageBody) is not { } message)
        {
            log.LogError(
                "A message that names no job is dropped: {Body}",
                messageBody.Length <= 200 ? messageBody : messageBody[..200]);
            return;
        }

        if (await jobs.Of(kind).Ledger.FailAsync(message.JobId, cancel))
        {
            log.LogWarning("{Kind} {Job} failed {Attempts} times", kind, message.JobId, JobLedger.MaxAttempts);
            await jobs.Of(kind).EnqueueAsync(message.JobId, cancel);
        }
        else
        {
            log.LogInformation(
                "{Kind} {Job} is settled, at work or redriven: its poison message is dropped", kind, message.JobId);
        }
    }

    /// <summary>Works off all that the poison queues hold now, where no Functions host does.</summary>
    /// <returns>How many messages.</returns>
    public async Task<int> DrainAsync(CancellationToken cancel)
    {
        var handled = 0;
        foreach (var queue in jobs.All) handled += await DrainAsync(queue, cancel);
        return handled;
    }

    private async Task<int> DrainAsync(JobQueue poisoned, CancellationToken cancel)
    {
        var handled = 0;
        var queue = poisoned.Poison;
        while (true)
        {
            QueueMessage[] batch =
                await queue.ReceiveMessagesAsync(StorageNames.MaxReceivedMessages, cancellationToken: cancel);
            if (batch.Length == 0) return handled;
            foreach (var message in batch)
            {
                await HandleAsync(message.Body.ToString(), poisoned.Kind, cancel);
                await queue.TryDeleteAsync(message, cancel);
                handled++;
            }
        }
    }
}
