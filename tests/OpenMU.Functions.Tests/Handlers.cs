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
            stage.Catalogue, stage.Storage, stage.Jobs, Missing, options, TimeProvider.System,
            NullLogger<IngestTrack>.Instance);
        Sweep = new SweepUploads(
            Ingest, Missing, stage.Catalogue, stage.Storage, stage.Jobs, options, TimeProvider.System,
            NullLogger<SweepUploads>.Instance);
        Removals = new Removals(Ingest, stage.Storage, NullLogger<Removals>.Instance);
    }

    public MissingTracks Missing { get; }

    public IngestTrack Ingest { get; }

    public SweepUploads Sweep { get; }

    public Removals Removals { get; }
}
