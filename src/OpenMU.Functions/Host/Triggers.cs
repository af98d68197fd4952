using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions.Host;

/// <summary>
/// What calls the handlers in Azure, and nothing else. The host moves what fails five times to poison queues of its
/// own making, which nobody reads. So no queue is the host's to read, and of uploads, which it hands over by a queue
/// inside it, none fails: the sweep is their second try.
/// </summary>
public sealed class Triggers(
    IngestTrack ingest, SweepUploads sweep, FailedJob failed, Removals removals, ILogger<Triggers> log)
{
    [Function(nameof(IngestTrack))]
    public async Task IngestTrack(
        [BlobTrigger(StorageNames.Tracks + "/{name}", Source = BlobTriggerSource.EventGrid, Connection = "Storage")]
        BlobClient blob,
        CancellationToken cancel)
    {
        try
        {
            await ingest.HandleAsync(blob.Name, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogError(e, "{Blob} could not be ingested", blob.Name);
        }
    }

    [Function(nameof(Removals))]
    public Task Removals([TimerTrigger("15 * * * * *")] TimerInfo timer, CancellationToken cancel) =>
        removals.DrainAsync(cancel);

    [Function(nameof(FailedJob))]
    public Task FailedJob([TimerTrigger("45 * * * * *")] TimerInfo timer, CancellationToken cancel) =>
        failed.DrainAsync(cancel);

    [Function(nameof(SweepUploads))]
    public Task SweepUploads([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancel) =>
        sweep.RunAsync(cancel);
}
