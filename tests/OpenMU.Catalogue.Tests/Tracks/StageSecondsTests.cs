using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Tracks;

public sealed class StageSecondsTests
{
    [Fact]
    public async Task Jobs_that_run_at_once_each_have_their_own_seconds()
    {
        var works = await Task.WhenAll(Enumerable.Range(1, 20).Select(WorkAsync));

        works.Select(work => (work.Decode, work.Measure, work.Sum)).Should()
            .Equal(Enumerable.Range(1, 20).Select(i => ((double)i, 2.0 * i, 3.0 * i)));
    }

    // The stages are noted deep inside, after waits that may go on in any thread.
    private static async Task<StageSeconds> WorkAsync(int seconds)
    {
        var work = Telemetry.Collect();
        await Task.Yield();
        await InsideAsync(seconds);
        return work;
    }

    private static async Task InsideAsync(int seconds)
    {
        await Task.Yield();
        Telemetry.Took(JobStage.Decode, TimeSpan.FromSeconds(seconds));
        Telemetry.Took(JobStage.Measure, TimeSpan.FromSeconds(2 * seconds));
        Telemetry.Took(JobStage.Store, TimeSpan.FromSeconds(seconds));
    }
}
