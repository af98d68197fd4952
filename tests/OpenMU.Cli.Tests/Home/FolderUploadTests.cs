using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Functions;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Tests.Home;

public sealed class FolderUploadTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-upload-");
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-data-");
    private Azurite azurite = null!;
    private MusicStorage storage = null!;
    private IngestTrack ingest = null!;
    private CatalogueDbFactory catalogue = null!;

    public async ValueTask InitializeAsync()
    {
        azurite = await Azurite.StartAsync(location: null, TestContext.Current.CancellationToken);
        storage = MusicStorage.FromConnectionString(azurite.ConnectionString);
        await storage.CreateIfMissingAsync(TestContext.Current.CancellationToken);
        catalogue = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, "catalogue.db"));
        await catalogue.MigrateAsync(TestContext.Current.CancellationToken);
        var options = new IngestOptions { RenameWithin = TimeSpan.Zero };
        ingest = new IngestTrack(
            catalogue, storage, new JobQueues(catalogue, storage, TimeProvider.System),
            new MissingTracks(catalogue, options, TimeProvider.System, NullLogger<MissingTracks>.Instance), options,
            TimeProvider.System, NullLogger<IngestTrack>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await azurite.DisposeAsync();
        folder.Delete(recursive: true);
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_file_becomes_one_blob_that_remembers_its_path_whatever_it_is_called()
    {
        string[] names =
        [
            "a.mp3", "sub/b.flac", "-dash first.mp3", "new\nline.mp3", "%s%n$(id).mp3", "100%25?#.mp3", "日本語 🎵.mp3",
            "e\u0301 vs \u00e9.mp3", "back\\slash.mp3", new string('x', 240) + ".mp3"
        ];
        foreach (var name in names) Write(name, name);

        await UploadAsync();

        var paths = new List<string>();
        await foreach (var blob in storage.Tracks.GetBlobsAsync(
            Azure.Storage.Blobs.Models.BlobTraits.Metadata, default, null, TestContext.Current.CancellationToken))
        {
            blob.Name.Should().StartWith("default/");
            paths.Add(Uri.UnescapeDataString(blob.Metadata["path"]));
            var content = await storage.Tracks.GetBlobClient(blob.Name)
                .DownloadContentAsync(TestContext.Current.CancellationToken);
            content.Value.Content.ToString().Should().Be(paths[^1]);
        }

        paths.Should().BeEquivalentTo(names);
    }

    [Fact]
    public async Task A_second_run_uploads_only_what_has_changed()
    {
        Write("same.mp3", "one");
        Write("changed.mp3", "one");
        var before = await UploadAsync();
        Write("changed.mp3", "another");

        var after = await UploadAsync();

        after.Keys.Should().BeEquivalentTo(before.Keys);
        after.Single(blob => blob.Key.EndsWith("same.mp3")).Value
            .Should().Be(before.Single(blob => blob.Key.EndsWith("same.mp3")).Value);
        after.Single(blob => blob.Key.EndsWith("changed.mp3")).Value
            .Should().NotBe(before.Single(blob => blob.Key.EndsWith("changed.mp3")).Value);
    }

    [Fact]
    public async Task What_a_killed_storage_got_in_its_last_seconds_is_uploaded_again()
    {
        Write("same.mp3", "one");
        var before = await UploadAsync();

        var after = await UploadAsync(storageWasCut: true);

        after.Keys.Should().Equal(before.Keys);
        after.Values.Single().Should().NotBe(before.Values.Single());
    }

    [Fact]
    public async Task A_storage_that_is_away_is_no_reason_to_refuse_a_file()
    {
        Write("a.mp3", "one");
        await azurite.DisposeAsync();

        await FluentActions.Awaiting(() => UploadAsync()).Should().ThrowAsync<Exception>();

        await using var db = catalogue.CreateDbContext();
        (await db.Tracks.AnyAsync(TestContext.Current.CancellationToken)).Should().BeFalse();
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_stands_in_the_catalogue_as_rejected_once_however_often_it_is_met()
    {
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "dangling.mp3"), "nowhere");

        await UploadAsync();
        var arrived = await UploadAsync();

        await using var db = catalogue.CreateDbContext();
        var track = await db.Tracks.Include(t => t.Job).SingleAsync(TestContext.Current.CancellationToken);
        track.FileName.Should().Be("dangling.mp3");
        track.Job.State.Should().Be(JobState.Rejected);
        track.Job.Reason.Should().Contain("link");
        arrived.Should().ContainSingle().Which.Value.Should().Be(track.ETag.Trim('"'));
    }

    [Fact]
    public async Task A_file_over_the_limit_is_rejected_without_an_upload()
    {
        using (var sparse = File.Create(Path.Combine(folder.FullName, "endless.wav"))) sparse.SetLength(5L << 30);

        await UploadAsync();

        await using var db = catalogue.CreateDbContext();
        var track = await db.Tracks.Include(t => t.Job).SingleAsync(TestContext.Current.CancellationToken);
        track.Should().BeEquivalentTo(new { FileName = "endless.wav", SizeBytes = 5L << 30 });
        track.Job.Should().BeEquivalentTo(new { State = JobState.Rejected, Reason = "The file is larger than 2 GiB." });
        (await storage.Tracks.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken)
            .AnyAsync(TestContext.Current.CancellationToken)).Should().BeFalse();
    }

    [Fact]
    public void Two_folders_of_one_name_do_not_share_blobs()
    {
        var first = new FolderUpload(storage, ingest, "default", "/somewhere/music");
        var second = new FolderUpload(storage, ingest, "default", "/elsewhere/music");

        first.Prefix.Should().NotBe(second.Prefix);
    }

    private async Task<IReadOnlyDictionary<string, string>> UploadAsync(bool storageWasCut = false)
    {
        var upload = new FolderUpload(storage, ingest, "default", folder.FullName);
        await upload.RunAsync(MusicFolder.Find(folder.FullName), TestContext.Current.CancellationToken, storageWasCut);
        return upload.Arrived;
    }

    private void Write(string relative, string text)
    {
        var path = Path.Combine(folder.FullName, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
