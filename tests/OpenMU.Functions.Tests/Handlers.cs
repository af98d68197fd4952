using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

/// <summary>The handlers of one program, on a test's stage.</summary>
internal sealed class Handlers
{
    public Handlers(Stage stage, IngestOptions? options = null)
    {
        options ??= new IngestOptions();
        Missing = new MissingTracks(
            stage.Catalogue, options, TimeProvider.System, NullLogger<MissingTracks>.Instance);
        Ingest = new IngestTrack(
            stage.Catalogue, stage.Storage, stage.Jobs, Missing,
            new LyricsFiles(
                stage.Catalogue, stage.Storage, TimeProvider.System, NullLogger<LyricsFiles>.Instance),
            options, TimeProvider.System, NullLogger<IngestTrack>.Instance);
        Uploads = new UploadQueue(Ingest, stage.Storage, NullLogger<UploadQueue>.Instance);
        Sweep = new Sweeper(
            new SweepUploads(
                new ContainerComparison(stage.Catalogue, options), Uploads, Missing, stage.Catalogue, stage.Storage,
                stage.Jobs, options, TimeProvider.System, NullLogger<SweepUploads>.Instance),
            Uploads);
        Removals = new Removals(Ingest, stage.Storage, NullLogger<Removals>.Instance);
    }

    public MissingTracks Missing { get; }

    public IngestTrack Ingest { get; }

    public UploadQueue Uploads { get; }

    public Sweeper Sweep { get; }

    public Removals Removals { get; }
}

/// <summary>A sweep, and then the taking in of what it has found.</summary>
internal sealed class Sweeper(SweepUploads sweep, UploadQueue uploads)
{
    public async Task<Swept> RunAsync(CancellationToken cancel)
    {
        var found = await sweep.RunAsync(cancel);
        var taken = await uploads.DrainAsync(cancel);
        return new Swept(
            found.Listed, taken.Ingested, found.Enqueued, taken.Failed, taken.Missing, found.Removed);
    }

    public Task<SweepResult> OnlyFindAsync(CancellationToken cancel) => sweep.RunAsync(cancel);

    public Task<SweepResult> FindRecentAsync(CancellationToken cancel) => sweep.RunRecentAsync(cancel);
}

/// <summary>What both of them did.</summary>
internal sealed record Swept(
    int Listed, int Ingested, int Enqueued, int Failed, int Missing = 0, int Removed = 0);
