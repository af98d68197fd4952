using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

public sealed class FailedJobTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_poison_message_ends_its_job_as_Failed_with_the_last_error()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await UseUpAsync(stage, job);
        await stage.Messages.PoisonAsync(JobQueue.Write(new JobMessage(job)), Cancel);

        (await Failed(stage).DrainAsync(Cancel)).Should().Be(1);
        (await stage.JobAsync(job))
            .Should().BeEquivalentTo(new { State = JobState.Failed, Reason = JobLedger.TriesFailed + "Error 5." });
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(0);
    }

    [Fact]
    public async Task Messages_that_name_no_job_are_dropped_and_those_behind_them_handled()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await UseUpAsync(stage, job);
        foreach (var body in (string[])["", "no job", "[]", "{}", "{\"JobId\":-1}", "null", "{\"JobId\":424242}",
            JobQueue.Write(new JobMessage(job))])
            await stage.Messages.PoisonAsync(body, Cancel);
        (await Failed(stage).DrainAsync(Cancel)).Should().Be(8);
        (await stage.JobAsync(job)).State.Should().Be(JobState.Failed);
    }

    [Fact]
    public async Task A_redriven_job_goes_back_to_the_queue_and_its_old_poison_message_does_it_no_harm()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await UseUpAsync(stage, job);
        await Failed(stage).HandleAsync(JobQueue.Write(new JobMessage(job)), JobKind.Analysis, Cancel);

        (await stage.Messages.RedriveAsync(tenant: null, Cancel)).Should().Be(1);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
        await Failed(stage).HandleAsync(JobQueue.Write(new JobMessage(job)), JobKind.Analysis, Cancel);
        (await stage.JobAsync(job))
            .Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 0, Reason = (string?)null });
    }

    private static FailedJob Failed(Stage stage) => new(stage.Jobs, NullLogger<FailedJob>.Instance);

    private static async Task UseUpAsync(Stage stage, long job)
    {
        for (var attempt = 1; attempt <= JobLedger.MaxAttempts; attempt++)
        {
            var granted = (ClaimAnswer.Granted)await stage.Ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), Cancel);
            await stage.Ledger.PostponeAsync(granted.Claim, $"Error {attempt}.", Cancel);
        }
    }
}
