using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

public sealed class OverQuotaTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_over_the_quota_stand_there_with_the_reason_and_are_taken_in_when_it_has_room()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await LimitAsync(stage, limits => limits.TracksADay = 2);
        for (byte i = 0; i < 5; i++) await stage.UploadAsync($"home/{i}.wav", [i]);
        var handlers = new Handlers(stage);

        (await handlers.Sweep.RunAsync(Cancel)).Ingested.Should().Be(5);
        await ShouldStandAsync(stage, queued: 2, refused: 3);
        (await stage.JobsAsync()).Where(job => job.State == JobState.Rejected).Should().OnlyContain(job =>
            job.Reason == "The library may take in 2 tracks a day (UTC), and none is left. "
                + "It is taken in by itself when that has room again.");
        (await handlers.Sweep.RunAsync(Cancel)).Ingested.Should().Be(0, "nothing has changed");

        await LimitAsync(stage, limits => limits.TracksADay = 3);
        await handlers.Sweep.RunAsync(Cancel);
        await ShouldStandAsync(stage, queued: 3, refused: 2);

        await LimitAsync(stage, limits => limits.TracksADay = null);
        await handlers.Sweep.RunAsync(Cancel);
        await ShouldStandAsync(stage, queued: 5, refused: 0);
        (await stage.TracksAsync()).Should().HaveCount(5).And.OnlyContain(track => track.SizeBytes == 1);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(5);
    }

    [Fact]
    public async Task A_file_that_the_store_has_no_room_for_is_taken_in_when_another_has_gone()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await LimitAsync(stage, limits => limits.BytesStored = 150);
        await stage.UploadAsync("home/a.wav", new byte[100]);
        var handlers = new Handlers(stage);
        await handlers.Sweep.RunAsync(Cancel);
        await stage.UploadAsync("home/b.wav", [.. Enumerable.Repeat((byte)1, 90)]);
        await handlers.Sweep.RunAsync(Cancel);
        await ShouldStandAsync(stage, queued: 1, refused: 1);

        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/a.wav", cancellationToken: Cancel);
        await handlers.Sweep.RunAsync(Cancel);
        await handlers.Sweep.RunAsync(Cancel);

        (await stage.TracksAsync()).Single(track => track.BlobName == "home/b.wav").Job.State
            .Should().Be(JobState.Queued);
    }

    [Fact]
    public async Task What_is_known_already_costs_nothing_of_the_quota()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await LimitAsync(stage, limits => limits.TracksADay = 1);
        await stage.UploadAsync("home/a.wav", [1]);
        var handlers = new Handlers(stage);
        await handlers.Sweep.RunAsync(Cancel);

        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/a.wav", cancellationToken: Cancel);
        await stage.UploadAsync("home/renamed.wav", [1]);
        await handlers.Sweep.RunAsync(Cancel);

        var track = (await stage.TracksAsync()).Should().ContainSingle().Subject;
        track.BlobName.Should().Be("home/renamed.wav");
        track.Job.State.Should().Be(JobState.Queued);
    }

    private static async Task ShouldStandAsync(Stage stage, int queued, int refused)
    {
        (await stage.TracksAsync()).Select(track => track.Job.State).Order().Should().Equal(
            [.. Enumerable.Repeat(JobState.Queued, queued), .. Enumerable.Repeat(JobState.Rejected, refused)]);
        await using var db = stage.Catalogue.CreateDbContext();
        (await db.Jobs.CountAsync(job => job.OverQuotaSince != null, Cancel)).Should().Be(refused);
        (await db.TenantUsages.SingleAsync(Cancel)).Tracks.Should().Be(queued);
    }

    private static async Task LimitAsync(Stage stage, Action<TenantLimits> set)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        var limits = await db.TenantLimits.SingleOrDefaultAsync(Cancel)
            ?? db.Add(new TenantLimits { Tenant = "home" }).Entity;
        set(limits);
        await db.SaveChangesAsync(Cancel);
    }
}
