using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;

namespace OpenMU.Worker.Tests;

/// <summary>An analyser whose work is what the test says: what happens around it, and when, is then known.</summary>
internal sealed class ScriptedAnalyser(
    Func<string, JobProgress, CancellationToken, Task> work) : TrackAnalyser(DecodeLimits.Default, TimeProvider.System)
{
    public ScriptedAnalyser(Func<string, CancellationToken, Task> work)
        : this((path, _, cancel) => work(path, cancel))
    {
    }

    public override async Task<Analysis> AnalyseAsync(
        string path, SaidOfTrack said, JobProgress progress, CancellationToken cancel)
    {
        await work(path, progress, cancel);
        return new Analysis { Codec = "scripted", DurationSeconds = 1, AnalysedAt = DateTime.UnixEpoch };
    }
}
