using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music.Lyrics;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

public sealed class LyricsFilesTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lyrics_belong_to_the_track_whichever_of_the_two_came_first(bool lyricsFirst)
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        string[] names = lyricsFirst ? ["home/a/song.lrc", "home/a/song.mp3"] : ["home/a/song.mp3", "home/a/song.lrc"];
        foreach (var name in names)
        {
            await stage.UploadAsync(name, name.EndsWith("lrc") ? Utf8("[00:01.00]Words of the song") : [1]);
            await handlers.Ingest.HandleAsync(name, Cancel);
        }

        (await stage.TracksAsync()).Should().ContainSingle().Which.BlobName.Should().Be("home/a/song.mp3");
        (await stage.JobsAsync()).Should().ContainSingle("the lyrics are no content to analyse");
        var lyrics = (await LyricsAsync(stage)).Should().ContainSingle().Subject;
        lyrics.Lines.Should().Equal(new LyricLine(1, "Words of the song"));
        (lyrics.Source, lyrics.Origin, lyrics.Version).Should().Be((LyricsSource.LrcFile, "song.lrc", 1));
        (await handlers.Sweep.RunAsync(Cancel)).Should().Be(new Swept(Listed: 2, Ingested: 0, Enqueued: 0, Failed: 0));
    }

    [Fact]
    public async Task A_sweep_finds_lyrics_that_were_changed_and_those_that_are_gone()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        await stage.UploadAsync("home/song.mp3", [1]);
        await stage.UploadAsync("home/song.txt", Utf8("first words"));
        await handlers.Sweep.RunAsync(Cancel);
        (await LyricsAsync(stage)).Single().Text.Should().Be("first words");

        await stage.UploadAsync("home/song.txt", Utf8("other words"));
        (await handlers.Sweep.RunAsync(Cancel)).Ingested.Should().Be(1);
        var changed = (await LyricsAsync(stage)).Single();
        (changed.Text, changed.Version).Should().Be(("other words", 2));

        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/song.txt", cancellationToken: Cancel);
        (await handlers.Sweep.RunAsync(Cancel)).Missing.Should().Be(1);
        (await LyricsAsync(stage)).Should().BeEmpty();
        (await stage.TracksAsync()).Should().ContainSingle().Which.MissingSince.Should().BeNull();
    }

    [Fact]
    public async Task The_nearer_of_two_files_counts_and_the_other_takes_its_place_when_it_goes()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        await stage.UploadAsync("home/song.mp3", [1]);
        await stage.UploadAsync("home/song.lrc", Utf8("farther"));
        await stage.UploadAsync("home/song.mp3.lrc", Utf8("nearer"));
        await handlers.Sweep.RunAsync(Cancel);
        await handlers.Sweep.RunAsync(Cancel);
        (await LyricsAsync(stage)).Should().ContainSingle().Which.Text.Should().Be("nearer");
        (await handlers.Sweep.RunAsync(Cancel)).Ingested.Should().Be(0, "each of the two has its row");

        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/song.mp3.lrc", cancellationToken: Cancel);
        await handlers.Sweep.RunAsync(Cancel);
        (await LyricsAsync(stage)).Should().ContainSingle().Which.Text.Should().Be("farther");
    }

    [Fact]
    public async Task One_file_is_the_lyrics_of_every_track_of_its_name_and_lyrics_with_times_come_first()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        await stage.UploadAsync("home/song.mp3", [1]);
        await stage.UploadAsync("home/song.flac", [2]);
        await stage.UploadAsync("home/song.lrc", Utf8("[00:01.00]timed"));
        await stage.UploadAsync("home/song.txt", Utf8("plain"));
        await handlers.Sweep.RunAsync(Cancel);
        await handlers.Sweep.RunAsync(Cancel);

        (await LyricsAsync(stage)).GroupBy(lyrics => lyrics.TrackId).Should().HaveCount(2)
            .And.OnlyContain(track => track.Count() == 2);
        await using var db = stage.Catalogue.CreateDbContext();
        foreach (var track in await stage.TracksAsync())
            (await LyricsStore.ShownAsync(db, track.Id, track.JobId, Cancel))!.Text.Should().Be("timed");
    }

    [Fact]
    public async Task Lyrics_follow_a_track_that_is_renamed_only_if_they_are_renamed_too()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        await stage.UploadAsync("home/old.mp3", [1, 2, 3]);
        await stage.UploadAsync("home/old.lrc", Utf8("words"));
        await handlers.Sweep.RunAsync(Cancel);
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/old.mp3", cancellationToken: Cancel);
        await stage.UploadAsync("home/new.mp3", [1, 2, 3]);
        await handlers.Ingest.HandleAsync("home/new.mp3", Cancel);
        (await LyricsAsync(stage)).Should().BeEmpty();

        await stage.UploadAsync("home/new.lrc", Utf8("words"));
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/old.lrc", cancellationToken: Cancel);
        await handlers.Sweep.RunAsync(Cancel);
        (await LyricsAsync(stage)).Should().ContainSingle().Which.Origin.Should().Be("new.lrc");
    }

    [Theory]
    [InlineData("home/song.lrc", "As lyrics this file cannot be used: it is no text.")]
    [InlineData("home/else.txt", LyricsFiles.NoTrack)]
    public async Task A_file_that_cannot_be_lyrics_says_why_and_is_no_track_to_analyse(string name, string reason)
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        await stage.UploadAsync("home/song.mp3", [1]);
        await stage.UploadAsync(name, [0, 1, 0, 2, 5, 0, 0]);
        await handlers.Sweep.RunAsync(Cancel);

        var job = (await stage.TracksAsync()).Single(track => track.BlobName == name).Job;
        (job.State, job.Reason).Should().Be((JobState.Rejected, reason));
        (await handlers.Sweep.RunAsync(Cancel)).Ingested.Should().Be(0);
        (await LyricsAsync(stage)).Should().BeEmpty();
    }

    [Fact]
    public async Task Lyrics_that_are_far_too_large_are_refused_unread()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/song.mp3", [1]);
        await stage.UploadAsync("home/song.txt", new byte[LyricsFile.MaxBytes + 1]);
        await new Handlers(stage).Sweep.RunAsync(Cancel);

        (await stage.TracksAsync()).Single(track => track.BlobName == "home/song.txt").Job.Reason.Should()
            .Be("As lyrics this file cannot be used: it has 524,289 bytes; 524,288 are possible for lyrics.");
    }

    [Fact]
    public async Task A_refused_file_names_what_is_wrong_with_it_however_it_and_its_track_are_taken_in_side_by_side()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/song.lrc", [0, 1, 0, 2, 5, 0, 0]);
        // One has found no track beside the lyrics and not said so yet, when their track comes and looks at them; it
        // has found no row of them and made none yet, when the first one does.
        using var isAboutToSaySo = new ManualResetEventSlim();
        using var isLookedAt = new ManualResetEventSlim();
        var alone = Ingest(stage, records =>
        {
            if (records > 1) return;
            isAboutToSaySo.Set();
            isLookedAt.Wait(Cancel);
        });
        var first = Task.Run(() => alone.HandleAsync("home/song.lrc", Cancel), Cancel);
        isAboutToSaySo.Wait(Cancel);
        await stage.UploadAsync("home/song.mp3", [1]);
        var withTrack = Ingest(stage, records =>
        {
            if (records != 2) return;
            isLookedAt.Set();
            first.Wait(Cancel);
        });
        await withTrack.HandleAsync("home/song.mp3", Cancel);

        (await stage.TracksAsync()).Single(track => track.BlobName == "home/song.lrc").Job.Reason.Should()
            .StartWith("As lyrics this file cannot be used");
    }

    private static IngestTrack Ingest(Stage stage, Action<int> beforeRecording)
    {
        var catalogue = new RecordingHook(stage.Catalogue, beforeRecording);
        var options = new IngestOptions();
        return new IngestTrack(
            catalogue, stage.Storage, stage.Jobs,
            new MissingTracks(stage.Catalogue, options, TimeProvider.System, NullLogger<MissingTracks>.Instance),
            new LyricsFiles(stage.Catalogue, stage.Storage, TimeProvider.System, NullLogger<LyricsFiles>.Instance),
            options, TimeProvider.System, NullLogger<IngestTrack>.Instance);
    }

    /// <summary>Calls back before each connection that is opened to write a row, with how many there were.</summary>
    private sealed class RecordingHook(IDbContextFactory<CatalogueDb> catalogue, Action<int> hook)
        : IDbContextFactory<CatalogueDb>
    {
        private int records;

        public CatalogueDb CreateDbContext()
        {
            if (Environment.StackTrace.Contains("RecordAsync")) hook(++records);
            return catalogue.CreateDbContext();
        }
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task<List<TrackLyrics>> LyricsAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        return await db.TrackLyrics.AsNoTracking().ToListAsync(Cancel);
    }
}
