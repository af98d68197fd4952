using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

/// <summary>Renamed, moved and deleted files: the catalogue follows the storage.</summary>
public sealed class MissingTracksTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_file_is_missing_and_found_only_by_who_asks_for_missing_ones()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/a.wav", 1), ("home/b.wav", 2));
        await DeleteAsync(stage, "home/a.wav");

        (await new Handlers(stage).Sweep.RunAsync(Cancel)).Missing.Should().Be(1);

        (await stage.TracksAsync()).Select(t => t.MissingSince == null).Should().Equal(false, true);
        var all = await FindAsync(stage, new TrackQuery());
        all.Tracks.Select(t => t.FileName).Should().Equal("b.wav");
        all.Total.Should().Be(1);
        all.States.Should().BeEquivalentTo(
            new Dictionary<TrackState, int> { [TrackState.Ready] = 1, [TrackState.Missing] = 1 });
        (await FindAsync(stage, new TrackQuery { State = TrackState.Missing })).Tracks
            .Should().ContainSingle().Which.Should().BeEquivalentTo(
                new { FileName = "a.wav", State = TrackState.Missing, Reason = (string?)null });
    }

    [Fact]
    public async Task One_sweep_after_another_finds_what_was_deleted_also_beside_what_is_new_and_what_has_no_blob()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        await handlers.Ingest.RefuseAsync("home/pipe.wav", "pipe.wav", "1", 0, "It is a pipe.", Cancel);
        for (byte i = 0; i < 4; i++)
        {
            await stage.UploadAsync($"home/{i}.wav", [i]);
            if (i > 0) await DeleteAsync(stage, $"home/{i - 1}.wav");

            (await handlers.Sweep.RunAsync(Cancel))
                .Should().BeEquivalentTo(new { Ingested = 1, Missing = i > 0 ? 1 : 0 });
            (await handlers.Sweep.RunAsync(Cancel)).Should().BeEquivalentTo(new { Ingested = 0, Missing = 0 });
        }

        (await stage.TracksAsync()).Where(t => t.MissingSince == null).Select(t => t.FileName)
            .Should().Equal("3.wav", "pipe.wav");
    }

    [Fact]
    public async Task A_missing_track_stays_missing_whatever_becomes_of_its_job()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await new Handlers(stage).Ingest.HandleAsync("home/a.wav", Cancel);
        await DeleteAsync(stage, "home/a.wav");
        await new Handlers(stage).Sweep.RunAsync(Cancel);
        var job = (await stage.JobsAsync()).Single().Id;
        var granted = (ClaimAnswer.Granted)await stage.Ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), Cancel);
        await stage.Ledger.RejectAsync(granted.Claim, JobLedger.FileGone, Cancel);

        (await FindAsync(stage, new TrackQuery { State = TrackState.Missing })).Total.Should().Be(1);
        (await FindAsync(stage, new TrackQuery())).Total.Should().Be(0);
    }

    [Fact]
    public async Task A_file_that_comes_back_is_the_track_that_it_was()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/a.wav", 1));
        var before = await KnownAsync(stage);
        await DeleteAsync(stage, "home/a.wav");
        await new Handlers(stage).Sweep.RunAsync(Cancel);
        await stage.UploadAsync("home/a.wav", [1]);
        await new Handlers(stage).Sweep.RunAsync(Cancel);

        (await KnownAsync(stage)).Should().Equal(before);
        (await stage.JobsAsync()).Should().ContainSingle(job => job.Kind == JobKind.Analysis)
            .Which.State.Should().Be(JobState.Ready);
    }

    [Theory]
    [InlineData("the new name is seen first")]
    [InlineData("the old name is seen first")]
    [InlineData("a sweep sees both")]
    public async Task A_renamed_file_is_the_same_track_with_its_corrections_and_questions(string order)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/old.wav", 1), ("home/other.wav", 2));
        var before = await KnownAsync(stage);
        await DeleteAsync(stage, "home/old.wav");
        await stage.UploadAsync("home/new/name.wav", [1]);
        var handlers = new Handlers(stage);
        if (order.StartsWith("the old", StringComparison.Ordinal))
            await handlers.Ingest.HandleAsync("home/old.wav", Cancel);
        if (order.StartsWith("the", StringComparison.Ordinal))
            await handlers.Ingest.HandleAsync("home/new/name.wav", Cancel);

        await handlers.Sweep.RunAsync(Cancel);

        (await KnownAsync(stage)).Should().Equal(new Dictionary<string, string>
        {
            ["home/new/name.wav"] = before["home/old.wav"],
            ["home/other.wav"] = before["home/other.wav"]
        });
        (await stage.TracksAsync()).Should().OnlyContain(t => t.MissingSince == null);
        (await stage.JobsAsync()).Should().HaveCount(4, "two analyses and two questions").And
            .OnlyContain(job => job.Kind == JobKind.Question || job.State == JobState.Ready);
    }

    [Fact]
    public async Task A_file_that_is_copied_and_then_deleted_was_renamed()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/old.wav", 1));
        var before = await KnownAsync(stage);
        var handlers = new Handlers(stage);
        await stage.UploadAsync("home/new.wav", [1]);
        await handlers.Ingest.HandleAsync("home/new.wav", Cancel);
        (await stage.TracksAsync()).Should().HaveCount(2);
        await DeleteAsync(stage, "home/old.wav");
        await handlers.Ingest.HandleAsync("home/old.wav", Cancel);

        (await KnownAsync(stage)).Should().Equal(
            new Dictionary<string, string> { ["home/new.wav"] = before["home/old.wav"] });
        (await FindAsync(stage, new TrackQuery())).Tracks.Select(t => t.FileName).Should().Equal("new.wav");
    }

    [Fact]
    public async Task Whether_a_deleted_file_was_renamed_is_found_out_without_a_walk_through_all_tracks()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/a.wav", 1), ("home/b.wav", 1));
        using var queries = new QueryLog(stage.CataloguePath);

        await DeleteAsync(stage, "home/a.wav");
        await new Handlers(stage).Ingest.HandleAsync("home/a.wav", Cancel);

        // Nearly all tracks are alike in not being missing, and nearly all questions in being about another track.
        queries.Plans().SelectMany(query => query.Plan).Should().NotBeEmpty()
            .And.NotContain(step => step.Contains("IX_Tracks_MissingSince"))
            .And.NotContain(step => step.StartsWith("SCAN"));
    }

    [Fact]
    public async Task Of_two_copies_the_one_that_is_deleted_is_missing_and_the_other_keeps_its_own_track()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/a.wav", 1), ("home/copy.wav", 1));
        var before = await KnownAsync(stage);
        await DeleteAsync(stage, "home/a.wav");

        await new Handlers(stage).Sweep.RunAsync(Cancel);

        (await KnownAsync(stage)).Should().Equal(before);
        (await stage.TracksAsync()).Select(t => t.MissingSince == null).Should().Equal(false, true);
    }

    [Theory]
    [InlineData("1 2 3")]
    [InlineData("3 2 1")]
    [InlineData("2 1 3")]
    [InlineData("2 3 1")]
    public async Task Files_that_move_up_by_one_name_take_their_tracks_with_them_in_whatever_order_they_are_seen(
        string order)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/1.wav", 1), ("home/2.wav", 2));
        var before = await KnownAsync(stage);
        await DeleteAsync(stage, "home/1.wav");
        await stage.UploadAsync("home/2.wav", [1]);
        await stage.UploadAsync("home/3.wav", [2]);

        foreach (var name in order.Split(' ')) await new Handlers(stage).Ingest.HandleAsync($"home/{name}.wav", Cancel);

        await new Handlers(stage).Sweep.RunAsync(Cancel);
        (await KnownAsync(stage)).Should().Equal(new Dictionary<string, string>
        {
            ["home/2.wav"] = before["home/1.wav"],
            ["home/3.wav"] = before["home/2.wav"]
        });
        (await stage.TracksAsync()).Should().OnlyContain(t => t.MissingSince == null);
    }

    [Fact]
    public async Task Two_files_that_change_names_change_tracks()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/a.wav", 1), ("home/b.wav", 2));
        var before = await KnownAsync(stage);
        await stage.UploadAsync("home/a.wav", [2]);
        await stage.UploadAsync("home/b.wav", [1]);

        await new Handlers(stage).Sweep.RunAsync(Cancel);

        (await KnownAsync(stage)).Should().Equal(new Dictionary<string, string>
        {
            ["home/a.wav"] = before["home/b.wav"],
            ["home/b.wav"] = before["home/a.wav"]
        });
    }

    [Fact]
    public async Task A_sweep_that_lists_while_files_are_moved_loses_none()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var contents = Enumerable.Range(0, 20).Select(i => (byte)i).ToList();
        await TakeAsync(stage, [.. contents.Select(i => ($"home/m-{i:00}.wav", i))]);
        var before = (await KnownAsync(stage)).Values.Order().ToList();
        var handlers = new Handlers(stage);

        var moving = Task.Run(
            async () =>
            {
                foreach (var i in contents)
                {
                    await stage.UploadAsync($"home/{(i % 2 == 0 ? "a" : "z")}-{i:00}.wav", [i]);
                    await DeleteAsync(stage, $"home/m-{i:00}.wav");
                }
            },
            Cancel);
        while (!moving.IsCompleted) await handlers.Sweep.RunAsync(Cancel);
        await moving;
        await handlers.Sweep.RunAsync(Cancel);

        (await stage.TracksAsync()).Should().HaveCount(20).And.OnlyContain(t => t.MissingSince == null);
        (await KnownAsync(stage)).Values.Order().Should().Equal(before);
    }

    [Fact]
    public async Task What_is_missing_for_longer_than_is_kept_leaves_nothing_behind_and_touches_nothing_else()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/a.wav", 1), ("home/b.wav", 2), ("home/copy of b.wav", 2), ("other/a.wav", 1));
        await DeleteAsync(stage, "home/a.wav");
        await DeleteAsync(stage, "home/b.wav");

        (await new Handlers(stage).Sweep.RunAsync(Cancel))
            .Should().BeEquivalentTo(new { Missing = 2, Removed = 0 }, "both are kept for 30 days");
        (await new Handlers(stage, new IngestOptions { KeepMissing = TimeSpan.Zero }).Sweep.RunAsync(Cancel)).Removed
            .Should().Be(2);

        (await stage.TracksAsync()).Select(t => t.BlobName).Should().Equal("home/copy of b.wav", "other/a.wav");
        await using var db = stage.Catalogue.CreateDbContext();
        (await db.Questions.CountAsync(Cancel)).Should().Be(2);
        (await db.OwnerRecords.CountAsync(Cancel)).Should().Be(2);
        (await db.Analyses.CountAsync(Cancel)).Should().Be(2, "the copy shares the one of b");
        (await db.Jobs.CountAsync(Cancel)).Should().Be(4);
        (await db.SearchRows.CountAsync(Cancel)).Should().Be(2);
    }

    [Fact]
    public async Task A_storage_whose_container_is_away_makes_nothing_missing()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await TakeAsync(stage, ("home/a.wav", 1));
        await stage.Storage.Tracks.DeleteAsync(cancellationToken: Cancel);
        try
        {
            await FluentActions.Awaiting(() => new Handlers(stage).Sweep.RunAsync(Cancel))
                .Should().ThrowAsync<Exception>();
            await FluentActions.Awaiting(() => new Handlers(stage).Ingest.HandleAsync("home/a.wav", Cancel))
                .Should().ThrowAsync<Exception>();
            (await stage.TracksAsync()).Should().OnlyContain(t => t.MissingSince == null);
        }
        finally
        {
            await stage.Storage.CreateIfMissingAsync(Cancel);
        }
    }

    private static async Task DeleteAsync(Stage stage, string name) =>
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync(name, cancellationToken: Cancel);

    private static async Task<TrackPage> FindAsync(Stage stage, TrackQuery query)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        return await new TrackSearch(db).FindAsync("home", query, Cancel);
    }

    /// <summary>Uploads files and has each analysed, corrected and asked about.</summary>
    private static async Task TakeAsync(Stage stage, params (string Name, byte Content)[] files)
    {
        foreach (var (name, content) in files)
        {
            await stage.UploadAsync(name, [content]);
            await new Handlers(stage).Ingest.HandleAsync(name, Cancel);
        }

        foreach (var job in await stage.JobsAsync())
        {
            var granted = (ClaimAnswer.Granted)await stage.Ledger.ClaimAsync(job.Id, TimeSpan.FromMinutes(1), Cancel);
            await stage.Ledger.CommitAsync(granted.Claim, new Analysis { Codec = "pcm_s16le" }, Cancel);
        }

        var questions = new QuestionStore(stage.Catalogue, stage.Jobs, TimeProvider.System);
        await using var db = stage.Catalogue.CreateDbContext();
        foreach (var track in await stage.TracksAsync())
        {
            await questions.AskAsync(track.Tenant, track.Id, $"What of {track.BlobName}?", Cancel);
            db.OwnerRecords.Add(new OwnerRecord
            {
                TrackId = track.Id,
                Tenant = track.Tenant,
                Fields = FieldSet.Empty.With(FieldNames.Title, [track.BlobName]),
                By = "A person",
            });
        }

        await db.SaveChangesAsync(Cancel);
    }

    // Each name of a blob, and what is known by it: the track's id, its content, and what a person has said about it.
    private static async Task<Dictionary<string, string>> KnownAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        var tracks = await db.Tracks.Select(t => new
        {
            t.BlobName,
            t.Id,
            t.Job.ContentId,
            Title = db.OwnerRecords.Where(r => r.TrackId == t.Id).Select(r => r.Title).SingleOrDefault(),
            Asked = db.Questions.Where(q => q.TrackId == t.Id).Select(q => q.Text).SingleOrDefault()
        }).ToListAsync(Cancel);
        return tracks.ToDictionary(t => t.BlobName, t => $"{t.Id} {t.ContentId} {t.Title} {t.Asked}");
    }
}
