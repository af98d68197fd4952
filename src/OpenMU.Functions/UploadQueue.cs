using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>
/// Names of blobs that somebody is to look at: what sweeps have found, and what came by the site. Each is looked at by
/// itself, so that they are taken in side by side and a large file keeps no other waiting. A message only says where to
/// look: it may come late, twice or for nothing.
/// </summary>
public sealed class UploadQueue(IngestTrack ingest, MusicStorage storage, ILogger<UploadQueue> log)
{
    private const int SentAtOnce = 16;

    // Long enough to hash a file of gigabytes; who dies over it has it looked at again.
    private static readonly TimeSpan Visibility = TimeSpan.FromMinutes(10);

    /// <summary>Has blobs looked at.</summary>
    public Task SendAsync(IReadOnlyList<string> names, CancellationToken cancel) => Parallel.ForEachAsync(
        names, new ParallelOptions { MaxDegreeOfParallelism = SentAtOnce, CancellationToken = cancel },
        async (name, token) => await storage.Uploads.SendMessageAsync(name, token));

    /// <summary>
    /// Whether so many names wait that a sweep would only send them once more, as when a new model is asked for.
    /// </summary>
    public async Task<bool> IsBackedUpAsync(CancellationToken cancel)
    {
        QueueProperties properties = await storage.Uploads.GetPropertiesAsync(cancel);
        return properties.ApproximateMessagesCount > SweepUploads.PageSize;
    }

    /// <summary>Looks at one blob.</summary>
    /// <returns>Null if that failed: the next sweep that sees it tries again.</returns>
    public async Task<IngestOutcome?> HandleAsync(string blobName, CancellationToken cancel)
    {
        try
        {
            return await ingest.HandleAsync(blobName, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // One bad blob must not keep the others out.
            log.LogError(e, "{Blob} could not be ingested", blobName);
            return null;
        }
    }

    /// <summary>Looks at all that wait, one at a time for each processor, where no Functions host does.</summary>
    public async Task<UploadsResult> DrainAsync(CancellationToken cancel)
    {
        var result = new UploadsResult(0, 0, 0, 0);
        while (true)
        {
            QueueMessage[] batch = await storage.Uploads.ReceiveMessagesAsync(
                StorageNames.MaxReceivedMessages, Visibility, cancel);
            if (batch.Length == 0) return result;
            var outcomes = new IngestOutcome?[batch.Length];
            await Parallel.ForAsync(
                0, batch.Length,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel },
                async (i, token) =>
                {
                    outcomes[i] = await HandleAsync(batch[i].Body.ToString(), token);
                    await storage.Uploads.TryDeleteAsync(batch[i], token);
                });
            result = new UploadsResult(
                result.Ingested + outcomes.Count(o =>
                    o is IngestOutcome.Taken or IngestOutcome.Refused or IngestOutcome.Lyrics),
                result.Known + outcomes.Count(o => o is IngestOutcome.Known),
                result.Missing + outcomes.Count(o => o is IngestOutcome.Vanished),
                result.Failed + outcomes.Count(o => o is null));
        }
    }
}

/// <summary>What became of the names on the queue.</summary>
/// <param name="Ingested">Blobs that are in the catalogue now, Rejected ones among them.</param>
/// <param name="Known">Blobs whose version was there already.</param>
/// <param name="Missing">Names that no blob has.</param>
/// <param name="Failed">Blobs that could not be looked at this time; the log says why.</param>
public sealed record UploadsResult(int Ingested, int Known, int Missing, int Failed);
