using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;

namespace OpenMU.Catalogue.Tests.Access;

public sealed class TenantQuotaTests
{
    private static readonly DateTime Noon = Shelf.Noon;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_who_ask_at_the_same_time_as_many_are_let_in_as_may()
    {
        await using var file = await LimitedAsync(limits => limits.QuestionsADay = 7);

        var let = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => Task.Run(() => CountAsync(file, Noon), Cancel)));

        let.Count(exceeded => exceeded is null).Should().Be(7);
        (await UsedAsync(file, Noon)).QuestionsToday.Should().Be(7, "what was refused is not counted");
        let.First(exceeded => exceeded is not null).Should().BeEquivalentTo(
            new { Quota = Quota.QuestionsADay, RetryAfter = TimeSpan.FromHours(12) });
    }

    [Fact]
    public async Task The_next_day_counts_anew_and_without_limits_there_is_no_end()
    {
        await using var file = await LimitedAsync(limits => limits.QuestionsADay = 1);
        (await CountAsync(file, Noon)).Should().BeNull();
        (await CountAsync(file, Noon)).Should().NotBeNull();

        (await UsedAsync(file, Noon.AddDays(1))).QuestionsToday.Should().Be(0);
        (await CountAsync(file, Noon.AddDays(1))).Should().BeNull();

        for (var i = 0; i < 3; i++) (await CountAsync(file, Noon, "another")).Should().BeNull();
    }

    [Fact]
    public async Task What_is_full_stops_only_what_adds_to_it()
    {
        await using var file = await LimitedAsync(limits =>
        {
            limits.TracksADay = 0;
            limits.BytesStored = 0;
        });

        (await CountAsync(file, Noon)).Should().BeNull("a question is no track");
    }

    [Fact]
    public async Task Whoever_asks_for_more_than_is_left_is_told_how_much_that_is()
    {
        await using var file = await LimitedAsync(limits => (limits.QuestionsADay, limits.BytesStored) = (9, 1000));
        (await CountAsync(file, Noon, questions: 7)).Should().BeNull();

        (await CountAsync(file, Noon, questions: 3))!.Message.Should()
            .Be("The library may ask 9 questions a day (UTC): 2 are left, and this needs 3.");
        (await CountAsync(file, Noon, questions: 1)).Should().BeNull();
        (await CountAsync(file, Noon, questions: 3))!.Message.Should()
            .Be("The library may ask 9 questions a day (UTC): 1 is left, and this needs 3.");
        (await CountAsync(file, Noon, questions: 1)).Should().BeNull();
        (await CountAsync(file, Noon, questions: 3))!.Message.Should()
            .Be("The library may ask 9 questions a day (UTC), and none is left.");
        await using var db = file.Open();
        (await TenantQuota.FindAsync(db, "home", Noon, tracks: 1, questions: 0, bytes: 1200, Cancel))!.Message.Should()
            .Be("The library may store 1,000 bytes: 1,000 are left, and this needs 1,200.");
    }

    [Fact]
    public async Task Bytes_follow_the_files_whatever_becomes_of_them()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        var (first, second) = (Shelf.Ready("home", "a.flac"), Shelf.Ready("home", "b.flac"));
        (first.SizeBytes, second.SizeBytes) = (1000, 300);
        db.AddRange(first, second, Shelf.Ready("away", "c.flac"));
        await db.SaveChangesAsync(Cancel);
        (await UsedAsync(file, Noon)).BytesStored.Should().Be(1300);

        first.SizeBytes = 400;
        await db.SaveChangesAsync(Cancel);
        (await UsedAsync(file, Noon)).BytesStored.Should().Be(700);

        second.MissingSince = Noon;
        await db.SaveChangesAsync(Cancel);
        (await UsedAsync(file, Noon)).BytesStored.Should().Be(400, "what is missing is not stored");

        db.Remove(first);
        await db.SaveChangesAsync(Cancel);
        (await UsedAsync(file, Noon)).BytesStored.Should().Be(0);
    }

    [Fact]
    public async Task What_waits_and_what_is_at_work_counts_until_it_has_ended()
    {
        await using var file = await LimitedAsync(limits => limits.JobsWaiting = 1);
        await using var db = file.Open();
        var track = Shelf.Other("home", "a.flac", JobState.Queued);
        db.Add(track);
        await db.SaveChangesAsync(Cancel);
        (await TenantQuota.FindAsync(db, "home", Noon, tracks: 0, questions: 1, bytes: 0, Cancel))!
            .Quota.Should().Be(Quota.JobsWaiting);

        var ledger = new JobLedger(file.Factory, TimeProvider.System);
        var claim = ((ClaimAnswer.Granted)await ledger.ClaimAsync(track.JobId, TimeSpan.FromMinutes(1), Cancel)).Claim;
        (await UsedAsync(file, Noon)).JobsWaiting.Should().Be(1);
        await ledger.RejectAsync(claim, "Not music.", Cancel);

        (await TenantQuota.FindAsync(db, "home", Noon, tracks: 0, questions: 1, bytes: 0, Cancel)).Should().BeNull();
    }

    private static async Task<CatalogueFile> LimitedAsync(Action<TenantLimits> set)
    {
        var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        var limits = new TenantLimits { Tenant = "home" };
        set(limits);
        db.Add(limits);
        await db.SaveChangesAsync(Cancel);
        return file;
    }

    private static async Task<QuotaExceededException?> CountAsync(
        CatalogueFile file, DateTime now, string tenant = "home", int questions = 1)
    {
        await using var db = file.Open();
        try
        {
            return await db.InTransactionAsync(
                async token =>
                {
                    await TenantQuota.CountAsync(db, tenant, now, tracks: 0, questions, bytes: 0, token);
                    return (QuotaExceededException?)null;
                },
                Cancel);
        }
        catch (QuotaExceededException exceeded)
        {
            return exceeded;
        }
    }

    private static async Task<UsedQuota> UsedAsync(CatalogueFile file, DateTime now)
    {
        await using var db = file.Open();
        return await TenantQuota.UsedAsync(db, "home", now, Cancel);
    }
}
