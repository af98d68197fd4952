using CsCheck;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests.Jobs;

public sealed class JobOutboxTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_tenant_alone_has_the_whole_window_and_of_two_each_has_half()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var outbox = Outbox(file, window: 8);
        await AddAsync(file, "large", 30);

        (await TakeAllAsync(outbox, "large")).Should().HaveCount(8);
        await AddAsync(file, "small", 30);
        (await TakeAllAsync(outbox, "small")).Should().HaveCount(4);

        // The one that had all gets nothing more until it is down to its half.
        var ledger = new JobLedger(file.Factory, TimeProvider.System);
        for (var ended = 1; ended <= 8; ended++)
        {
            await EndOneAsync(file, ledger, "large");
            (await outbox.TakeNextAsync("large", Cancel) is not null).Should().Be(ended > 4, "{0} have ended", ended);
        }
    }

    [Fact]
    public async Task Each_of_more_tenants_than_the_window_has_places_still_has_one()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var outbox = Outbox(file, window: 2);
        foreach (var tenant in (string[])["a", "b", "c", "d"]) await AddAsync(file, tenant, 3);

        (await outbox.WithRoomAsync(Cancel)).Should().Equal("a", "b", "c", "d");
        foreach (var tenant in (string[])["a", "b", "c", "d"])
            (await TakeAllAsync(outbox, tenant)).Should().ContainSingle();
        (await outbox.WithRoomAsync(Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task The_kinds_have_windows_of_their_own()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await AddAsync(file, "home", 3);
        await AddAsync(file, "home", 3, kind: JobKind.Question);

        (await TakeAllAsync(Outbox(file, window: 1), "home")).Should().ContainSingle();
        (await TakeAllAsync(Outbox(file, window: 2, JobKind.Question), "home")).Should().HaveCount(2);
    }

    [Fact]
    public async Task Urgent_jobs_go_before_normal_ones_and_these_before_bulk_but_every_tenth_is_the_oldest()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var bulk = await AddAsync(file, "home", 4, JobPriority.Bulk);
        var normal = await AddAsync(file, "home", 10);
        var urgent = await AddAsync(file, "home", 14, JobPriority.Urgent);

        var order = await TakeAllAsync(Outbox(file, window: 100), "home");

        order.Should().Equal(
        [
            .. urgent.Take(9), bulk[0], .. urgent.Skip(9),
            .. normal.Take(4), bulk[1], .. normal.Skip(4), .. bulk.Skip(2),
        ]);
    }

    [Fact]
    public async Task Takers_at_the_same_time_take_each_job_once_and_no_more_than_the_window()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var jobs = await AddAsync(file, "home", 40);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => TakeAllAsync(Outbox(file, window: 20), "home"), Cancel)));

        taken.SelectMany(some => some).Order().Should().Equal(jobs.Take(20));
    }

    [Fact]
    public async Task What_was_taken_and_never_sent_is_found_by_its_age_and_what_waits_is_not_called_lost()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var jobs = await AddAsync(file, "home", 3);
        var outbox = Outbox(file, window: 1);
        await TakeAllAsync(outbox, "home");

        (await outbox.DueAsync(TimeSpan.Zero, front: null, 9, Cancel)).Select(job => job.Id).Should().Equal(jobs[0]);
    }

    [Fact]
    public void Whatever_moves_jobs_the_tenants_queues_say_what_the_jobs_say() =>
        Gen.Int[0, 1_000_000].Array[1, 40].SampleAsync(FollowAsync, iter: 12);

    private static async Task FollowAsync(int[] steps)
    {
        await using var file = await CatalogueFile.CreateAsync();
        var ledgers = Enum.GetValues<JobKind>().Select(kind => new JobLedger(file.Factory, TimeProvider.System, kind))
            .ToArray();
        foreach (var step in steps)
        {
            var kind = (JobKind)(step % 2);
            await MoveAsync(file, ledgers[(int)kind], step / 2 % 9, step / 20);
            await HoldsAsync(file);
        }
    }

    private static async Task MoveAsync(CatalogueFile file, JobLedger ledger, int move, int chance)
    {
        var tenant = chance % 2 == 0 ? "home" : "away";
        await using var db = file.Open();
        var some = db.Jobs.Where(j => j.Kind == ledger.Kind && j.Tenant == tenant);
        var ids = await some.Select(j => j.Id).ToListAsync(Cancel);
        if (move == 0 || ids.Count == 0)
        {
            await AddAsync(file, tenant, 1 + (chance % 3), kind: ledger.Kind);
            return;
        }

        var id = ids[chance % ids.Count];
        if (move is 1 or 2) await TakeAllAsync(Outbox(file, window: 2 * move, ledger.Kind), tenant);
        else if (move == 7) await some.Where(j => j.Id == id).ExecuteDeleteAsync(Cancel);
        else if (move == 8) await ledger.RedriveRejectedAsync(tenant, reason: null, Cancel);
        else if (await ledger.ClaimAsync(id, chance % 5 == 0 ? TimeSpan.Zero : Lease, Cancel)
            is ClaimAnswer.Granted granted)
        {
            _ = move switch
            {
                3 => await ledger.RejectAsync(granted.Claim, "Not music.", Cancel),
                4 => await ledger.ReleaseAsync(granted.Claim, Cancel),
                5 => await ledger.PostponeAsync(granted.Claim, "The disk is full.", Cancel),
                _ => await ledger.RenewAsync(granted.Claim, Lease, Cancel),
            };
        }
    }

    private static async Task HoldsAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        var jobs = (await db.Jobs.Where(j => j.State == JobState.Queued || j.State == JobState.Analysing)
                .Select(j => new { j.Kind, j.Tenant, j.EnqueuedAt }).ToListAsync(Cancel))
            .GroupBy(j => (j.Kind, j.Tenant))
            .Select(of => (
                of.Key, Waiting: of.Count(j => j.EnqueuedAt == null), Sent: of.Count(j => j.EnqueuedAt != null)));
        var queues = await db.TenantQueues.Where(q => q.Waiting != 0 || q.Sent != 0).ToListAsync(Cancel);
        queues.Select(q => ((q.Kind, q.Tenant), q.Waiting, q.Sent)).Should().BeEquivalentTo(jobs);
    }

    private static JobOutbox Outbox(CatalogueFile file, int window, JobKind kind = JobKind.Analysis) =>
        new(file.Factory, TimeProvider.System, kind, new QueueSettings { Window = window });

    private static async Task<List<long>> TakeAllAsync(JobOutbox outbox, string tenant)
    {
        var taken = new List<long>();
        while (await outbox.TakeNextAsync(tenant, Cancel) is { } next) taken.Add(next.Job.Id);
        return taken;
    }

    private static async Task EndOneAsync(CatalogueFile file, JobLedger ledger, string tenant)
    {
        await using var db = file.Open();
        var sent = await db.Jobs.Where(j => j.Tenant == tenant && j.State == JobState.Queued && j.EnqueuedAt != null)
            .OrderBy(j => j.Id).Select(j => j.Id).FirstAsync(Cancel);
        var claim = (await ledger.ClaimAsync(sent, Lease, Cancel))
            .Should().BeOfType<ClaimAnswer.Granted>().Subject.Claim;
        (await ledger.RejectAsync(claim, "Not music.", Cancel)).Should().BeTrue();
    }

    private static async Task<List<long>> AddAsync(
        CatalogueFile file, string tenant, int count, JobPriority priority = JobPriority.Normal,
        JobKind kind = JobKind.Analysis)
    {
        await using var db = file.Open();
        var jobs = Enumerable.Range(0, count).Select(_ => new Job
        {
            Tenant = tenant,
            ContentId = $"question:{Guid.NewGuid():N}",
            Kind = kind,
            ModelVersion = Job.NoModel,
            Priority = priority,
            CreatedAt = Shelf.Noon,
        }).ToList();
        db.AddRange(jobs);
        await db.SaveChangesAsync(Cancel);
        return jobs.ConvertAll(job => job.Id);
    }
}
