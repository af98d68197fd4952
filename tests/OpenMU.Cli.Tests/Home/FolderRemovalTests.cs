using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Tests.Home;

public sealed class FolderRemovalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Renamed_files_and_a_moved_folder_keep_their_tracks_and_what_is_deleted_is_missing()
    {
        await using var stage = await FolderStage.StartAsync();
        foreach (var name in (string[])["one", "two", "three"]) stage.Write($"{name}.mp3", name);
        await stage.FeedAsync();
        var ids = await TracksAsync(stage);

        File.Move(In(stage, "one.mp3"), In(stage, "renamed.mp3"));
        File.Delete(In(stage, "two.mp3"));
        await stage.FeedAsync();
        (await TracksAsync(stage)).Should().BeEquivalentTo(new Dictionary<string, long>
        {
            ["renamed.mp3"] = ids["one.mp3"],
            ["three.mp3"] = ids["three.mp3"],
            ["two.mp3 (missing)"] = ids["two.mp3"],
        });

        stage.Folder.MoveTo($"{stage.Folder.FullName} of mine");
        stage.Write("two again.mp3", "two");
        await stage.FeedAsync();
        (await TracksAsync(stage)).Should().BeEquivalentTo(new Dictionary<string, long>
        {
            ["renamed.mp3"] = ids["one.mp3"],
            ["three.mp3"] = ids["three.mp3"],
            ["two again.mp3"] = ids["two.mp3"],
        });
        (await stage.Storage.Tracks.GetBlobsAsync(cancellationToken: Cancel).CountAsync(Cancel)).Should().Be(3);
    }

    [Fact]
    public async Task Of_two_copies_the_one_that_is_deleted_is_missing_and_another_folder_that_is_there_is_left_alone()
    {
        await using var stage = await FolderStage.StartAsync();
        stage.Write("a.mp3", "same");
        stage.Write("b.mp3", "same");
        await stage.FeedAsync();
        File.Delete(In(stage, "a.mp3"));
        await stage.FeedAsync();
        stage.Folder = stage.Folder.Parent!.CreateSubdirectory("other");
        stage.Write("c.mp3", "another");
        await stage.FeedAsync();

        (await TracksAsync(stage)).Keys.Should().BeEquivalentTo("a.mp3 (missing)", "b.mp3", "c.mp3");
    }

    [Fact]
    public async Task Lyrics_beside_a_file_come_with_it_and_go_when_they_are_deleted()
    {
        await using var stage = await FolderStage.StartAsync();
        stage.Write("a.mp3", "sound");
        stage.Write("a.lrc", "[00:01.00]words");
        stage.Write("notes.txt", "nobody's");
        await stage.FeedAsync();
        (await LyricsAsync()).Should().Equal("words");
        (await TracksAsync(stage)).Keys.Should().Equal("a.mp3");

        File.Move(In(stage, "a.mp3"), In(stage, "b.mp3"));
        File.Move(In(stage, "a.lrc"), In(stage, "b.lrc"));
        await stage.FeedAsync();
        (await LyricsAsync()).Should().Equal("words");
        File.Delete(In(stage, "b.lrc"));
        await stage.FeedAsync();
        (await LyricsAsync()).Should().BeEmpty();

        async Task<List<string>> LyricsAsync()
        {
            await using var db = stage.Catalogue.CreateDbContext();
            return await db.TrackLyrics.Select(lyrics => lyrics.Text).ToListAsync(Cancel);
        }
    }

    [Fact]
    public async Task Nothing_is_gone_because_its_folder_cannot_be_read()
    {
        await using var stage = await FolderStage.StartAsync();
        stage.Write("locked/a.mp3", "one");
        stage.Write("locked too.mp3", "two");
        await stage.FeedAsync();
        Directory.Delete(In(stage, "locked"), recursive: true);
        File.Delete(In(stage, "locked too.mp3"));

        await stage.FeedAsync(
            new MusicFile(In(stage, "locked"), "locked", 0, DateTime.UnixEpoch, "The folder cannot be read."));

        (await TracksAsync(stage)).Keys.Should().BeEquivalentTo("locked/a.mp3", "locked too.mp3 (missing)");
    }

    [Fact]
    public async Task A_file_that_can_no_longer_be_uploaded_is_rejected_for_good_and_missing_when_it_is_deleted()
    {
        await using var stage = await FolderStage.StartAsync();
        stage.Write("a.mp3", "one");
        await stage.FeedAsync();
        File.Delete(In(stage, "a.mp3"));
        File.CreateSymbolicLink(In(stage, "a.mp3"), "nowhere");
        for (var i = 0; i < 2; i++)
        {
            await stage.FeedAsync();
            (await TracksAsync(stage)).Keys.Should().Equal("a.mp3");
            await using var db = stage.Catalogue.CreateDbContext();
            (await db.Tracks.Select(t => t.Job.State).SingleAsync(Cancel)).Should().Be(JobState.Rejected);
        }

        File.Delete(In(stage, "a.mp3"));
        await stage.FeedAsync();
        (await TracksAsync(stage)).Keys.Should().Equal("a.mp3 (missing)");
    }

    private static string In(FolderStage stage, string relative) => Path.Combine(stage.Folder.FullName, relative);

    private static async Task<Dictionary<string, long>> TracksAsync(FolderStage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        return await db.Tracks.ToDictionaryAsync(
            t => t.MissingSince == null ? t.FileName : $"{t.FileName} (missing)", t => t.Id, Cancel);
    }
}
