using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Jobs;

/// <summary>What a track shows while newer models are to listen to it, one after another.</summary>
public sealed class NewModelTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(JobState.Rejected)]
    [InlineData(JobState.Failed)]
    public async Task A_newer_job_that_does_not_become_Ready_leaves_the_result_in_view_and_can_be_found(JobState end)
    {
        var track = Shelf.Ready("home", "a.flac", analysis => analysis.Caption = "A waltz.");
        await using var file = await Shelf.WithAsync(track);
        var second = await AddAsync(file, track.Job, "second");
        await EndAsync(file, second, end);

        var shown = await ReadAsync(file, track.Id);
        shown.Summary.Should().BeEquivalentTo(new { State = JobState.Ready, Caption = "A waltz." });
        shown.Newer.Should().BeEquivalentTo(new { Id = second, ModelVersion = "second", State = end });
        (await file.FindAsync(new TrackQuery { State = TrackState.Ready })).Should().Equal("a.flac");
    }

    [Fact]
    public async Task Of_two_model_changes_the_first_is_given_up_without_hiding_the_result_and_the_second_takes_over()
    {
        var track = Shelf.Ready("home", "a.flac", analysis => analysis.Caption = "A waltz.");
        await using var file = await Shelf.WithAsync(track);
        var second = await AddAsync(file, track.Job, "second");
        var third = await AddAsync(file, track.Job, "third");
        await EndAsync(file, second, JobState.Rejected);
        (await ReadAsync(file, track.Id)).Summary.State.Should().Be(TrackState.Ready);

        await EndAsync(file, third, JobState.Ready);

        var shown = await ReadAsync(file, track.Id);
        shown.Summary.Should().BeEquivalentTo(new { State = JobState.Ready, Caption = "A tango." });
        shown.Newer.Should().BeNull();
    }

    [Fact]
    public async Task A_track_without_a_result_shows_how_its_newest_job_ended()
    {
        var track = Shelf.Other("home", "a.flac", JobState.Failed);
        await using var file = await Shelf.WithAsync(track);
        await EndAsync(file, await AddAsync(file, track.Job, "second"), JobState.Rejected);

        (await ReadAsync(file, track.Id)).Summary.Should().BeEquivalentTo(
            new { State = JobState.Rejected, Reason = "No longer asked for." });
    }

    [Fact]
    public async Task A_held_job_that_becomes_Ready_is_told_of_and_not_shown()
    {
        var track = Shelf.Ready("home", "a.flac", analysis => analysis.Caption = "A waltz.");
        await using var file = await Shelf.WithAsync(track);
        var second = await AddAsync(file, track.Job, "second", isHeld: true);
        await EndAsync(file, second, JobState.Ready);

        var shown = await ReadAsync(file, track.Id);
        shown.Summary.Should().BeEquivalentTo(new { State = JobState.Ready, Caption = "A waltz." });
        shown.Newer.Should().BeEquivalentTo(new { Id = second, State = JobState.Ready });
    }

    [Fact]
    public async Task Measurements_alone_do_not_take_over_what_a_model_has_said()
    {
        var track = Shelf.Ready("home", "a.flac", analysis => analysis.Caption = "A waltz.");
        await using var file = await Shelf.WithAsync(track);
        await EndAsync(file, await AddAsync(file, track.Job, Job.NoModel), JobState.Ready);

        var shown = await ReadAsync(file, track.Id);
        shown.Summary.Caption.Should().Be("A waltz.");
        shown.Newer.Should().BeNull("there is nothing to wait for");
    }

    [Fact]
    public async Task A_job_that_was_started_again_goes_back_to_what_it_has()
    {
        var track = Shelf.Ready("home", "a.flac", analysis => analysis.Caption = "A waltz.");
        await using var file = await Shelf.WithAsync(track);
        var ledger = new JobLedger(file.Factory, TimeProvider.System);
        (await ledger.RetryAsync("home", [track.Id], onlyChanged: true, Cancel)).Should().Equal(track.JobId);
        var claim = ((ClaimAnswer.Granted)await ledger.ClaimAsync(track.JobId, Lease, Cancel)).Claim;

        (await ledger.KeepAsync(claim, Cancel)).Should().BeTrue();

        (await ReadAsync(file, track.Id)).Summary.Should().BeEquivalentTo(
            new { State = JobState.Ready, Caption = "A waltz." });
        (await ledger.KeepAsync(claim with { Fence = claim.Fence - 1 }, Cancel)).Should().BeFalse();
    }

    private static async Task<long> AddAsync(CatalogueFile file, Job earlier, string model, bool isHeld = false)
    {
        var job = new Job
        {
            Tenant = earlier.Tenant,
            ContentId = earlier.ContentId,
            ModelVersion = model,
            CreatedAt = Shelf.Noon,
            HeldSince = isHeld ? Shelf.Noon : null,
        };
        await using var db = file.Open();
        db.Add(job);
        await db.SaveChangesAsync(Cancel);
        return job.Id;
    }

    private static async Task EndAsync(CatalogueFile file, long job, JobState end)
    {
        var ledger = new JobLedger(file.Factory, TimeProvider.System);
        for (var attempt = 1; attempt <= (end == JobState.Failed ? JobLedger.MaxAttempts : 1); attempt++)
        {
            var claim = (await ledger.ClaimAsync(job, Lease, Cancel))
                .Should().BeOfType<ClaimAnswer.Granted>().Subject.Claim;
            if (end == JobState.Failed) await ledger.PostponeAsync(claim, "The model broke.", Cancel);
            else if (end == JobState.Rejected) await ledger.RejectAsync(claim, "No longer asked for.", Cancel);
            else await ledger.CommitAsync(claim, new Analysis { Codec = "flac", Caption = "A tango." }, Cancel);
        }

        if (end == JobState.Failed) (await ledger.FailAsync(job, Cancel)).Should().BeTrue();
    }

    private static async Task<TrackDetails> ReadAsync(CatalogueFile file, long track)
    {
        await using var db = file.Open();
        return (await new TrackSearch(db).GetAsync("home", track, Cancel))!;
    }
}
