using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue;
using OpenMU.Functions;
using OpenMU.Mir.Audio;
using OpenMU.Worker;

namespace OpenMU.Pipeline.Tests;

public sealed class WholePathTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_uploaded_file_becomes_Ready_and_leaves_no_message()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", Sound.Wav(3, 440));
        await Ingest(stage).HandleAsync("home/a.wav", Cancel);
        await Worker(stage).RunAsync(Cancel);

        var track = (await stage.TracksAsync()).Should().ContainSingle().Subject;
        track.Job.State.Should().Be(TrackState.Ready);
        track.Job.Analysis!.DurationSeconds.Should().BeApproximately(3, 0.01);
        track.Job.Analysis.Sources.Should().Contain(source => source.Field == nameof(Analysis.IntegratedLufs) && source.Source == "mir.loudness");
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    private static IngestTrack Ingest(Stage stage) =>
        new(stage.Catalogue, stage.Storage, new IngestOptions(), TimeProvider.System, NullLogger<IngestTrack>.Instance);

    private static WorkerLoop Worker(Stage stage) => new(
        stage.Catalogue, stage.Storage, new TrackAnalyser(DecodeLimits.Default, TimeProvider.System), Options(stage), TimeProvider.System, NullLogger<WorkerLoop>.Instance);

    private static WorkerOptions Options(Stage stage) => new()
    {
        TempFolder = Path.Combine(stage.Folder, "work"),
        Visibility = TimeSpan.FromSeconds(5),
        PollInterval = TimeSpan.FromMilliseconds(50),
        ExitWhenEmptyFor = TimeSpan.Zero,
    };
}
