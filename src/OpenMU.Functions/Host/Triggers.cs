using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions.Host;

/// <summary>What calls the handlers in Azure, and nothing else.</summary>
public sealed class Triggers(IngestTrack ingest, SweepUploads sweep, FailedJob failed)
{
    private const string Account = "Storage";

    [Function(nameof(IngestTrack))]
    public Task IngestTrack(
        [BlobTrigger(StorageNames.Tracks + "/{name}", Source = BlobTriggerSource.EventGrid, Connection = Account)]
        BlobClient blob,
        CancellationToken cancel) =>
        ingest.HandleAsync(blob.Name, cancel);

    [Function(nameof(FailedJob))]
    public Task FailedJob(
        [QueueTrigger(StorageNames.AnalysisPoison, Connection = Account)] string message, CancellationToken cancel) =>
        failed.HandleAsync(message, JobKind.Analysis, cancel);

    [Function("FailedQuestion")]
    public Task FailedQuestion(
        [QueueTrigger(StorageNames.QuestionsPoison, Connection = Account)] string message, CancellationToken cancel) =>
        failed.HandleAsync(message, JobKind.Question, cancel);

    [Function(nameof(SweepUploads))]
    public Task SweepUploads([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancel) =>
        sweep.RunAsync(cancel);
}
