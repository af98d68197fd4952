using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;

namespace OpenMU.Functions;

/// <summary>The one side road: a message whose five tries are used up ends its job as Failed, with the last error as the reason.</summary>
public sealed class FailedJob(IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, TimeProvider time, ILogger<FailedJob> log)
{
    private const int BatchSize = 32;

    private readonly JobLedger ledger = new(catalogue, time);

    /// <summary>Works off one message of the poison queue.</summary>
    public async Task HandleAsync(string messageBody, CancellationToken cancel)
    {
        if (JobMessages.Read(messageBody) is not { } message)
        {
            log.LogError("A message that names no job is dropped: {Body}", messageBody.Length <= 200 ? messageBody : messageBody[..200]);
            return;
        }

        if (await ledger.FailAsync(message.JobId, cancel)) log.LogWarning("Job {Job} failed five times", message.JobId);
        else log.LogInformation("Job {Job} is settled, at work or redriven: its poison message is dropped", message.JobId);
    }

    /// <summary>Works off all that the poison queue holds now, where no Functions host does.</summary>
    /// <returns>How many messages.</returns>
    public async Task<int> DrainAsync(CancellationToken cancel)
    {
        var handled = 0;
        while (true)
        {
            QueueMessage[] batch = await storage.AnalysisPoison.ReceiveMessagesAsync(BatchSize, cancellationToken: cancel);
            if (batch.Length == 0) return handled;
            foreach (var message in batch)
            {
                await HandleAsync(message.Body.ToString(), cancel);
                await storage.AnalysisPoison.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancel);
                handled++;
            }
        }
    }
}
