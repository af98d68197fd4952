using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>While a worker works on a job, it sees the rows of the job's tenant and no others.</summary>
public sealed class JobTenantTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_work_of_a_job_sees_its_tenants_rows_only_and_nothing_lasts_beyond_it()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", TestSound.Tone(1, 440));
        await AddAnothersAsync(stage, (await stage.JobAsync(job)).ContentId);
        await stage.SendAsync(job);
        var work = new LookingWork(stage);
        var options = TestWorker.Options(stage);
        using var machine = TestWorker.Machine(stage, options: options);
        var run = new JobRun(
            stage.Jobs.Analyses, work, new JobsInFlight(), machine, new ProcessHealth(NullLogger.Instance), options,
            TimeProvider.System, NullLogger.Instance);
        QueueMessage[] messages = await stage.Storage.Analysis.ReceiveMessagesAsync(1, TimeSpan.FromMinutes(5), Cancel);

        await run.RunAsync(new HeldMessage(stage.Storage.Analysis, messages.Single()), Cancel);

        work.Tracks.Should().Equal("home/a.wav");
        work.Measured.Should().BeEmpty("the same bytes were measured for another tenant only");
        TenantScope.Current.Should().BeNull();
        (await stage.JobAsync(job)).Reason.Should().Be("Looked.");
    }

    private static async Task AddAnothersAsync(Stage stage, string contentId)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        db.Tracks.Add(new Track
        {
            Tenant = "other",
            BlobName = "other/a.wav",
            ETag = "\"1\"",
            FileName = "a.wav",
            Job = new Job
            {
                Tenant = "other",
                ContentId = contentId,
                ModelVersion = "none",
                State = JobState.Ready,
                Analysis = new Analysis { Codec = "pcm", Title = "Another's" },
            },
        });
        await db.SaveChangesAsync(Cancel);
    }

    private sealed class LookingWork(Stage stage) : JobWork(stage.Jobs.Analyses.Ledger)
    {
        public List<string> Tracks { get; } = [];

        public List<string?> Measured { get; } = [];

        public override async Task<Settlement> DoAsync(
            JobClaim claim, JobProgress progress, CancellationToken cancel)
        {
            await using var db = stage.Catalogue.CreateDbContext();
            Tracks.AddRange(await db.Tracks.Select(track => track.BlobName).ToListAsync(cancel));
            // As a query that had forgotten the tenant.
            Measured.AddRange(await (
                from job in db.Jobs
                join analysis in db.Analyses on job.Id equals analysis.JobId
                where job.ContentId == claim.ContentId
                select analysis.Title).ToListAsync(cancel));
            return Reject(claim, "Looked.");
        }
    }
}
