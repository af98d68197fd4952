using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Tracks;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

public sealed class TakeDownTests(Emulator emulator)
{
    private static readonly byte[] Song = [1, 2, 3], Other = [4];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_taken_down_is_gone_under_every_name_with_all_that_was_known_and_asked()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var track = await ReadyAsync(stage, "home/a.wav", "home/copy.wav", "home/other.wav");
        var other = (await stage.TracksAsync()).Single(t => t.BlobName == "home/other.wav").Id;
        await new QuestionStore(stage.Catalogue, stage.Jobs, TimeProvider.System)
            .AskAsync("home", [other, track], "Which is faster?", Cancel);

        (await TakeDown(stage).RunAsync("home", track, "Demand 7.", new("Ada", "cli"), Cancel)).Should()
            .BeEquivalentTo("home/a.wav", "home/copy.wav");

        (await stage.TracksAsync()).Select(t => t.BlobName).Should().Equal("home/other.wav");
        var left = new List<string>();
        await foreach (var blob in stage.Storage.Tracks.GetBlobsAsync(cancellationToken: Cancel)) left.Add(blob.Name);
        left.Should().Equal("home/other.wav");
        await using var db = stage.Catalogue.CreateDbContext();
        (await db.Analyses.CountAsync(Cancel)).Should().Be(0);
        (await db.Questions.CountAsync(Cancel)).Should().Be(0);
        (await db.Corrections.CountAsync(Cancel)).Should().Be(0);
        (await db.SearchRows.CountAsync(Cancel)).Should().Be(1);
        (await stage.JobsAsync()).Where(j => j.State == JobState.Rejected).Should().ContainSingle()
            .Which.Reason.Should().StartWith(JobLedger.TakenDown).And.EndWith(": Demand 7.");
    }

    [Fact]
    public async Task The_same_file_is_rejected_when_it_comes_again_for_any_model_and_nothing_starts_it_again()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var track = await ReadyAsync(stage, "home/a.wav");
        await TakeDown(stage).RunAsync("home", track, "Demand 7.", new("Ada", "cli"), Cancel);
        await using (var audit = stage.Catalogue.CreateDbContext())
        {
            var entry = await audit.AuditEntries.SingleAsync(Cancel);
            (entry.Tenant, entry.By, entry.Action, entry.Detail).Should()
                .Be(("home", "Ada", "track.taken-down", """{"reason":"Demand 7."}"""));
        }


        foreach (var model in (string[])["none", "new"])
        {
            var handlers = new Handlers(stage, new IngestOptions { ModelVersion = model, KeepMissing = TimeSpan.Zero });
            await stage.UploadAsync("home/again.wav", Song);
            (await handlers.Ingest.HandleAsync("home/again.wav", Cancel)).Should().Be(IngestOutcome.Refused);
            (await stage.TracksAsync()).Should().ContainSingle().Which.Job.Should()
                .Match<Job>(j => j.State == JobState.Rejected && j.Reason!.StartsWith(JobLedger.TakenDown));
            (await stage.Messages.RedriveRejectedAsync(tenant: null, reason: null, Cancel)).Should().Be(0);

            // It goes again, and after its time its row with it: what is remembered stays.
            await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/again.wav", cancellationToken: Cancel);
            await handlers.Ingest.HandleAsync("home/again.wav", Cancel);
            await handlers.Missing.RemoveAsync(Cancel);
            (await stage.TracksAsync()).Should().BeEmpty();
        }

        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    [Fact]
    public async Task A_worker_that_is_at_it_stores_nothing()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", Song);
        var claim = ((ClaimAnswer.Granted)await stage.Ledger.ClaimAsync(job, TimeSpan.FromHours(1), Cancel)).Claim;

        await TakeDown(stage).RunAsync("home", (await stage.TracksAsync()).Single().Id, "Demand 7.", new("Ada", "cli"), Cancel);

        await stage.Ledger.CommitAsync(claim, new Analysis { Codec = "wav" }, Cancel);
        (await stage.JobAsync(job)).Should().Match<Job>(j => j.State == JobState.Rejected && j.Analysis == null);
    }

    [Fact]
    public async Task Another_librarys_track_cannot_be_taken_down()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.AddTrackAsync("home/a.wav", Song);

        (await TakeDown(stage).RunAsync("other", (await stage.TracksAsync()).Single().Id, "Demand 7.", new("Ada", "cli"), Cancel))
            .Should().BeNull();

        (await stage.TracksAsync()).Should().ContainSingle();
    }

    private static TakeDown TakeDown(Stage stage) => new(
        stage.Catalogue, stage.Storage, TimeProvider.System, NullLogger<TakeDown>.Instance);

    /// <summary>Tracks of one content, Ready, asked about and corrected, and one of another.</summary>
    /// <returns>The first track's id.</returns>
    private static async Task<long> ReadyAsync(Stage stage, params string[] names)
    {
        var ingest = new Handlers(stage).Ingest;
        foreach (var name in names)
        {
            await stage.UploadAsync(name, name.Contains("other") ? Other : Song);
            await ingest.HandleAsync(name, Cancel);
        }

        var track = (await stage.TracksAsync()).First();
        var granted = (ClaimAnswer.Granted)await stage.Ledger.ClaimAsync(track.JobId, TimeSpan.FromHours(1), Cancel);
        await stage.Ledger.CommitAsync(granted.Claim, new Analysis { Codec = "wav", Title = "Song" }, Cancel);
        await new QuestionStore(stage.Catalogue, stage.Jobs, TimeProvider.System)
            .AskAsync("home", track.Id, "Is it fast?", Cancel);
        await using var db = stage.Catalogue.CreateDbContext();
        db.Corrections.Add(new Correction
        {
            Tenant = track.Tenant,
            ContentId = track.Job.ContentId,
            Fields = FieldSet.Empty.With(FieldNames.Bpm, ["100"]),
            By = "Ada",
            At = DateTime.UnixEpoch,
        });
        await db.SaveChangesAsync(Cancel);
        await stage.Storage.Analysis.ClearMessagesAsync(Cancel);
        return track.Id;
    }
}
