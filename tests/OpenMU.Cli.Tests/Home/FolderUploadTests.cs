using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Cli.Home;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Tests.Home;

public sealed class FolderUploadTests : IAsyncLifetime
{
    private FolderStage stage = null!;

    private DirectoryInfo Folder => stage.Folder;

    public async ValueTask InitializeAsync() => stage = await FolderStage.StartAsync();

    public ValueTask DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Every_file_becomes_one_blob_that_remembers_its_path_whatever_it_is_called()
    {
        string[] names =
        [
            "a.mp3", "sub/b.flac", "-dash first.mp3", "new\nline.mp3", "%s%n$(id).mp3", "100%25?#.mp3", "日本語 🎵.mp3",
            "e\u0301 vs \u00e9.mp3", "back\\slash.mp3", new string('x', 240) + ".mp3"
        ];
        foreach (var name in names) stage.Write(name, name);

        await UploadAsync();

        var paths = new List<string>();
        await foreach (var blob in stage.Storage.Tracks.GetBlobsAsync(
            Azure.Storage.Blobs.Models.BlobTraits.Metadata, default, null, TestContext.Current.CancellationToken))
        {
            blob.Name.Should().StartWith("default/");
            paths.Add(Uri.UnescapeDataString(blob.Metadata["path"]));
            var content = await stage.Storage.Tracks.GetBlobClient(blob.Name)
                .DownloadContentAsync(TestContext.Current.CancellationToken);
            content.Value.Content.ToString().Should().Be(paths[^1]);
        }

        paths.Should().BeEquivalentTo(names);
    }

    [Fact]
    public async Task A_second_run_uploads_only_what_has_changed()
    {
        stage.Write("same.mp3", "one");
        stage.Write("changed.mp3", "one");
        var before = await UploadAsync();
        stage.Write("changed.mp3", "another");

        var after = await UploadAsync();

        after.Keys.Should().BeEquivalentTo(before.Keys);
        after.Single(blob => blob.Key.EndsWith("same.mp3")).Value
            .Should().Be(before.Single(blob => blob.Key.EndsWith("same.mp3")).Value);
        after.Single(blob => blob.Key.EndsWith("changed.mp3")).Value
            .Should().NotBe(before.Single(blob => blob.Key.EndsWith("changed.mp3")).Value);
    }

    [Fact]
    public async Task Of_what_a_killed_storage_got_in_its_last_seconds_only_what_is_not_whole_is_uploaded_again()
    {
        stage.Write("whole.mp3", "one");
        stage.Write("lost.mp3", "two");
        var before = await UploadAsync();
        var lost = stage.Storage.Tracks.GetBlobClient(before.Keys.Single(name => name.EndsWith("lost.mp3")));
        BlobProperties known = await lost.GetPropertiesAsync(cancellationToken: TestContext.Current.CancellationToken);
        await lost.UploadAsync(
            BinaryData.FromString("\0\0\0"), new BlobUploadOptions { Metadata = known.Metadata },
            TestContext.Current.CancellationToken);

        var after = await UploadAsync(storageWasCut: true);

        after.Keys.Should().BeEquivalentTo(before.Keys);
        after.Where(blob => before[blob.Key] == blob.Value).Should().ContainSingle().Which.Key.Should().EndWith("whole.mp3");
        BlobDownloadResult again = await lost.DownloadContentAsync(TestContext.Current.CancellationToken);
        again.Content.ToString().Should().Be("two");
    }

    [Fact]
    public async Task A_storage_that_is_away_is_no_reason_to_refuse_a_file()
    {
        stage.Write("a.mp3", "one");
        await stage.Azurite.DisposeAsync();

        await FluentActions.Awaiting(() => UploadAsync()).Should().ThrowAsync<Exception>();

        await using var db = stage.Catalogue.CreateDbContext();
        (await db.Tracks.AnyAsync(TestContext.Current.CancellationToken)).Should().BeFalse();
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_stands_in_the_catalogue_as_rejected_once_however_often_it_is_met()
    {
        File.CreateSymbolicLink(Path.Combine(Folder.FullName, "dangling.mp3"), "nowhere");

        await UploadAsync();
        var arrived = await UploadAsync();

        await using var db = stage.Catalogue.CreateDbContext();
        var track = await db.Tracks.Include(t => t.Job).SingleAsync(TestContext.Current.CancellationToken);
        track.FileName.Should().Be("dangling.mp3");
        track.Job.State.Should().Be(JobState.Rejected);
        track.Job.Reason.Should().Contain("link");
        arrived.Should().ContainSingle().Which.Value.Should().Be(track.ETag.Trim('"'));
    }

    [Fact]
    public async Task A_file_over_the_limit_is_rejected_without_an_upload()
    {
        using (var sparse = File.Create(Path.Combine(Folder.FullName, "endless.wav"))) sparse.SetLength(5L << 30);

        await UploadAsync();

        await using var db = stage.Catalogue.CreateDbContext();
        var track = await db.Tracks.Include(t => t.Job).SingleAsync(TestContext.Current.CancellationToken);
        track.Should().BeEquivalentTo(new { FileName = "endless.wav", SizeBytes = 5L << 30 });
        track.Job.Should().BeEquivalentTo(new { State = JobState.Rejected, Reason = "The file is larger than 2 GiB." });
        (await stage.Storage.Tracks.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken)
            .AnyAsync(TestContext.Current.CancellationToken)).Should().BeFalse();
    }

    [Fact]
    public void Two_folders_of_one_name_do_not_share_blobs()
    {
        var first = new FolderUpload(stage.Storage, stage.Ingest, "default", "/somewhere/music");
        var second = new FolderUpload(stage.Storage, stage.Ingest, "default", "/elsewhere/music");

        first.Prefix.Should().NotBe(second.Prefix);
    }

    private async Task<IReadOnlyDictionary<string, string>> UploadAsync(bool storageWasCut = false)
    {
        var upload = stage.Upload;
        await upload.RunAsync(MusicFolder.Find(Folder.FullName), TestContext.Current.CancellationToken, storageWasCut);
        return upload.Arrived;
    }
}
