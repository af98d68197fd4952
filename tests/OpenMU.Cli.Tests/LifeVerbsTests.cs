using System.Globalization;
using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary>Tracks that are analysed again, deleted and renamed at a terminal, with real storage.</summary>
public sealed class LifeVerbsTests : IAsyncDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-life-");

    // Running while a test does, so that each verb need not start a storage of its own.
    private HomeSystem? system;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (system is not null) await system.DisposeAsync();
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_end_is_tried_again_but_what_is_open_taken_down_or_unread()
    {
        await SeedAsync(
            Job("sha256:1", JobState.Ready), Job("sha256:2", JobState.Failed, "The disk is full."),
            Job("sha256:3", JobState.Rejected, "No audio."), Job("sha256:4", JobState.Queued),
            Job("unread:5", JobState.Rejected, "Too large."),
            Job("sha256:6", JobState.Rejected, JobLedger.TakenDown + "2026-01-01: demanded"));

        (await RunAsync("retry", "1", "98", "99")).Should().Be(
            (ExitCode.Usage, "", "openmu: There are no tracks 98, 99. Nothing was done.\n"));
        var one = await DoneAsync("retry", "1");
        one.GetProperty("queued").GetInt32().Should().Be(1);
        var all = await DoneAsync("retry", "--all");
        (all.GetProperty("tracks").GetInt32(), all.GetProperty("queued").GetInt32()).Should().Be((6, 2));

        (await system!.Storage.Analysis.PeekMessagesAsync(32, Cancel)).Value.Should()
            .HaveCount(4, "what was open without a message has one too");
        await using var db = system!.Catalogue.CreateDbContext();
        (await db.Jobs.Where(j => j.State == JobState.Queued).OrderBy(j => j.Id).Select(j => j.ContentId)
            .ToListAsync(Cancel)).Should().Equal("sha256:1", "sha256:2", "sha256:3", "sha256:4");
        (await db.Analyses.CountAsync(Cancel)).Should().Be(1, "what is known stays in view");
    }

    [Fact]
    public async Task A_deleted_track_is_missing_or_forgotten_at_once_and_its_file_is_gone()
    {
        await SeedAsync(Job("sha256:1", JobState.Ready), Job("sha256:2", JobState.Ready), Job("sha256:3", JobState.Ready));

        var asked = await RunAsync("delete", "1", "2");
        asked.Should().Be((ExitCode.Usage, "{\"wouldBeDeleted\":2,\"locked\":0}\n",
            "openmu: 2 tracks would be deleted: say --yes to do it.\n"));
        (await DoneAsync("delete", "1", "--yes")).GetProperty("deleted").GetInt32().Should().Be(1);
        await DoneAsync("delete", "2", "--yes", "--now");
        foreach (var verb in (string[][])
            [["delete", "3", "99", "--yes"], ["move", "99", "b.wav"], ["set", "3", "99", "bpm=90"]])
        {
            (await RunAsync(verb)).Should().Be(
                (ExitCode.Usage, "", "openmu: There is no track 99. Nothing was done.\n"), "of {0}", verb[0]);
        }

        await using var db = system!.Catalogue.CreateDbContext();
        (await db.Tracks.OrderBy(t => t.Id).Select(t => new { t.Id, IsMissing = t.MissingSince != null })
            .ToListAsync(Cancel)).Should()
            .BeEquivalentTo([new { Id = 1L, IsMissing = true }, new { Id = 3L, IsMissing = false }]);
        (await BlobsAsync(system!)).Should().Equal("default/sha256:3.wav");
    }

    [Fact]
    public async Task A_locked_track_is_analysed_again_and_not_deleted()
    {
        await SeedAsync(Job("sha256:1", JobState.Ready), Job("sha256:2", JobState.Ready));
        var store = new CorrectionStore(system!.Catalogue, TimeProvider.System);
        await store.LockAsync("default", 1, true, new CorrectionAuthor("Ada", "cli"), null, Cancel);

        var asked = await RunAsync("delete", "1", "2");
        asked.Should().Be((ExitCode.Usage, "{\"wouldBeDeleted\":1,\"locked\":1}\n",
            "openmu: 1 track would stay, being locked: unlock to delete.\n"
                + "openmu: 1 track would be deleted: say --yes to do it.\n"));
        var refused = await RunAsync("delete", "1", "--yes", "--now");
        refused.Should().Be((ExitCode.NotDone,
            "{\"deleted\":0,\"refused\":1,\"refusals\":[{\"trackId\":1,\"reason\":\"Ada has locked this track: unlock it to "
                + "delete it.\"}]}\n", "openmu: track 1: Ada has locked this track: unlock it to delete it.\n"));
        (await DoneAsync("retry", "1")).GetProperty("queued").GetInt32().Should().Be(1);

        await store.LockAsync("default", 1, false, new CorrectionAuthor("Ada", "cli"), null, Cancel);
        (await DoneAsync("delete", "1", "--yes")).GetProperty("deleted").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task A_track_that_is_moved_stays_the_same_with_its_corrections()
    {
        await SeedAsync(Job("sha256:1", JobState.Ready), Job("sha256:2", JobState.Ready));
        await DoneAsync("set", "1", "title=Kept");

        (await DoneAsync("move", "1", "new folder/name.wav")).GetProperty("fileName").GetString()
            .Should().Be("new folder/name.wav");

        var shown = await DoneAsync("show", "1", "--json");
        shown.GetProperty("fileName").GetString().Should().Be("new folder/name.wav");
        shown.GetProperty("fields").GetProperty("title").GetProperty("values")[0].GetString().Should().Be("Kept");
        (await RunAsync("move", "2", "new folder/name.wav")).Error.Should()
            .Be("openmu: There is a file new folder/name.wav already.\n");
        (await RunAsync("move", "2", "../x.wav")).Error.Should().Contain("is no name of a file");
        (await BlobsAsync(system!)).Should().Equal("default/new folder/name.wav", "default/sha256:2.wav");
        await using var db = system!.Catalogue.CreateDbContext();
        (await db.Tracks.CountAsync(Cancel)).Should().Be(2);
        var track = await db.Tracks.SingleAsync(t => t.Id == 1, Cancel);
        BlobProperties blob =
            await system!.Storage.Tracks.GetBlobClient(track.BlobName).GetPropertiesAsync(null, Cancel);
        track.ETag.Should().Be(blob.ETag.ToString("H"));
    }

    [Fact]
    public async Task A_file_of_a_folder_that_was_deleted_stays_out_until_it_is_changed()
    {
        var music = data.CreateSubdirectory("music");
        var file = Path.Combine(music.FullName, "a.wav");
        await File.WriteAllBytesAsync(file, TestSound.Tone(1, 440), Cancel);
        var found = MusicFolder.Search(music.FullName).Files;
        string name;
        await using (var first = await HomeSystem.OpenAsync(data, Cancel))
        {
            var upload = new FolderUpload(first.Storage, null!, "default", music.FullName, first.Deleted);
            name = upload.BlobName(found[0]);
            var options = new BlobUploadOptions { Metadata = new Dictionary<string, string>() };
            options.Metadata[TrackBlob.ModifiedMetadata] =
                found[0].ModifiedUtc.ToString("O", CultureInfo.InvariantCulture);
            var blob = await first.Storage.Tracks.GetBlobClient(name).UploadAsync(file, options, Cancel);
            await using var db = first.Catalogue.CreateDbContext();
            db.Add(Track(name, blob.Value.ETag.ToString("H"), Job("sha256:1", JobState.Ready)));
            await db.SaveChangesAsync(Cancel);
            first.Folders.Write(new Dictionary<string, string> { [upload.Prefix] = upload.Folder });
        }

        (await RunAsync("move", "1", "b.wav")).Error.Should().Contain("rename it there");
        await DoneAsync("delete", "1", "--yes");

        await using var again = await HomeSystem.OpenAsync(data, Cancel);
        var next = new FolderUpload(again.Storage, null!, "default", music.FullName, again.Deleted);
        (await BlobsAsync(again)).Should().BeEmpty();
        next.Kept(found).Should().BeEmpty();
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        next.Kept(MusicFolder.Search(music.FullName).Files).Should().ContainSingle();
    }

    private static Job Job(string content, JobState state, string? reason = null) => new()
    {
        Tenant = TrackBlob.DefaultTenant,
        ContentId = content,
        ModelVersion = "tiny",
        State = state,
        Reason = reason,
        Analysis = state == JobState.Ready ? new Analysis { Codec = "flac" } : null,
    };

    private static Track Track(string blob, string etag, Job job) => new()
    {
        Tenant = TrackBlob.DefaultTenant,
        BlobName = blob,
        ETag = $"\"{etag.Trim('"')}\"",
        FileName = blob[(blob.IndexOf('/') + 1)..],
        Job = job,
    };

    private async Task SeedAsync(params Job[] jobs)
    {
        system = await HomeSystem.OpenAsync(data, Cancel);
        await using var db = system.Catalogue.CreateDbContext();
        foreach (var job in jobs)
        {
            var name = $"default/{job.ContentId}.wav";
            var blob = (await system.Storage.Tracks.GetBlobClient(name).UploadAsync(new BinaryData("sound"), Cancel)).Value;
            db.Add(Track(name, blob.ETag.ToString(), job));
            await db.SaveChangesAsync(Cancel);
        }
    }

    private static async Task<List<string>> BlobsAsync(HomeSystem system)
    {
        var names = new List<string>();
        await foreach (var blob in system.Storage.Tracks.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, null, Cancel))
        {
            names.Add(blob.Name);
        }

        return names;
    }

    private async Task<JsonElement> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        code.Should().Be(ExitCode.Done, error);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync([.. arguments, "--data", data.FullName]);
}
