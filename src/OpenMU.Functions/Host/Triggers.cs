using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions.Host;

/// <summary>
/// What calls the handlers in Azure, and nothing else. The host moves what fails five times to poison queues of its
/// own making, which nobody reads. So of uploads, which it hands over by a queue inside
/// it, none fails: the sweep is their second try. The same holds for names of uploads.
/// </summary>
public sealed class Triggers(
    UploadQueue uploads, SweepUploads sweep, FailedJob failed, Removals removals, QuestionSweep questions,
    DeliverWebhooks webhooks, PullUploads pulls)
{
    [Function(nameof(IngestTrack))]
    public Task IngestTrack(
        [BlobTrigger(StorageNames.Tracks + "/{name}", Source = BlobTriggerSource.EventGrid, Connection = "Storage")]
        BlobClient blob,
        CancellationToken cancel) => uploads.HandleAsync(blob.Name, cancel);

    // The host gives it many names at a time, and more instances when many wait.
    [Function(nameof(UploadQueue))]
    public Task UploadQueue(
        [QueueTrigger(StorageNames.Uploads, Connection = "Storage")] string blobName, CancellationToken cancel) =>
        uploads.HandleAsync(blobName, cancel);

    [Function(nameof(Removals))]
    public Task Removals([TimerTrigger("15 * * * * *")] TimerInfo timer, CancellationToken cancel) =>
        removals.DrainAsync(cancel);

    [Function(nameof(FailedJob))]
    public Task FailedJob([TimerTrigger("45 * * * * *")] TimerInfo timer, CancellationToken cancel) =>
        failed.DrainAsync(cancel);

    [Function(nameof(QuestionSweep))]
    public Task QuestionSweep([TimerTrigger("5,35 * * * * *")] TimerInfo timer, CancellationToken cancel) =>
        questions.RunAsync(cancel);

    [Function(nameof(SweepUploads))]
    public Task SweepUploads([TimerTrigger("0 30 2 * * *")] TimerInfo timer, CancellationToken cancel) =>
        sweep.RunAsync(cancel);

    [Function("SweepRecent")]
    public Task SweepRecent([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancel) =>
        sweep.RunRecentAsync(cancel);

    [Function(nameof(DeliverWebhooks))]
    public Task DeliverWebhooks([TimerTrigger("*/5 * * * * *")] TimerInfo timer, CancellationToken cancel) =>
        webhooks.RunAsync(cancel);

    [Function(nameof(PullUploads))]
    public Task PullUploads([TimerTrigger("*/10 * * * * *")] TimerInfo timer, CancellationToken cancel) =>
        pulls.RunAsync(cancel);
}
