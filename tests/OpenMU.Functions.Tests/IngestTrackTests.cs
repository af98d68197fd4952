using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

public sealed class IngestTrackTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_becomes_a_track_with_a_queued_job_and_one_message_that_never_expires()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var etag = await stage.UploadAsync("acme/albums/song.flac", [1, 2, 3], path: "Albums/Söng 1.flac");
        (await Ingest(stage).HandleAsync("acme/albums/song.flac", Cancel)).Should().Be(IngestOutcome.Taken);

        var track = (await stage.TracksAsync()).Should().ContainSingle().Subject;
        track.Should().BeEquivalentTo(new
        {
            Tenant = "acme",
            BlobName = "acme/albums/song.flac",
            ETag = etag,
            FileName = "Albums/Söng 1.flac",
            SizeBytes = 3L
        });
        track.Job.Should().BeEquivalentTo(new
        {
            Tenant = "acme",
            ContentId = "sha256:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
            State = JobState.Queued,
        });
        track.Job.EnqueuedAt.Should().NotBeNull();
        QueueMessage message = await stage.Storage.Analysis.ReceiveMessageAsync(cancellationToken: Cancel);
        JobQueue.Read(message.Body.ToString()).Should().Be(new JobMessage(track.JobId));
        message.ExpiresOn.Should().BeAfter(TimeProvider.System.GetUtcNow().AddYears(1));
    }

    [Fact]
    public async Task A_blob_without_a_tenant_goes_to_default_and_is_called_by_its_name()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("song.flac", [1]);
        await stage.UploadAsync("acme/b/c.flac", [2]);
        await Ingest(stage).HandleAsync("song.flac", Cancel);
        await Ingest(stage).HandleAsync("acme/b/c.flac", Cancel);
        (await stage.TracksAsync()).Select(t => (t.Tenant, t.FileName))
            .Should().Equal(("acme", "b/c.flac"), ("default", "song.flac"));
    }

    [Fact]
    public async Task The_same_event_twice_changes_nothing()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await Ingest(stage).HandleAsync("home/a.wav", Cancel);
        (await Ingest(stage).HandleAsync("home/a.wav", Cancel)).Should().Be(IngestOutcome.Known);
        (await stage.JobsAsync()).Should().ContainSingle();
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
    }

    [Fact]
    public async Task The_same_bytes_twice_are_one_job_and_two_tracks_but_never_across_tenants()
    {
        await using var stage = await Stage.SetAsync(emulator);
        foreach (var name in (string[])["home/a.wav", "home/copy of a.wav", "other/a.wav"])
        {
            await stage.UploadAsync(name, [1, 2]);
            await Ingest(stage).HandleAsync(name, Cancel);
        }

        var tracks = await stage.TracksAsync();
        tracks.Select(t => t.Tenant).Should().Equal("home", "home", "other");
        tracks[0].JobId.Should().Be(tracks[1].JobId).And.NotBe(tracks[2].JobId);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(2);
    }

    [Fact]
    public async Task Many_events_at_once_end_in_the_same_state_as_one()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1, 2]);
        await stage.UploadAsync("home/b.wav", [1, 2]);
        await Task.WhenAll(Enumerable.Range(0, 12)
            .Select(i => Task.Run(() => Ingest(stage).HandleAsync(i % 2 == 0 ? "home/a.wav" : "home/b.wav", Cancel))));

        (await stage.JobsAsync()).Should().ContainSingle().Which.EnqueuedAt.Should().NotBeNull();
        (await stage.TracksAsync()).Select(t => t.BlobName).Should().Equal("home/a.wav", "home/b.wav");
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
    }

    [Fact]
    public async Task A_new_upload_under_the_same_name_moves_the_track_to_the_new_content()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await Ingest(stage).HandleAsync("home/a.wav", Cancel);
        var before = (await stage.TracksAsync()).Single();
        await stage.UploadAsync("home/a.wav", [2]);
        await Ingest(stage).HandleAsync("home/a.wav", Cancel);

        var after = (await stage.TracksAsync()).Should().ContainSingle().Subject;
        after.Id.Should().Be(before.Id);
        after.JobId.Should().NotBe(before.JobId);
        after.ETag.Should().NotBe(before.ETag);
    }

    [Fact]
    public async Task A_file_over_the_limit_is_rejected_unread_with_a_reason_and_without_a_message()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/big.wav", new byte[3000]);
        (await Ingest(stage, new IngestOptions { MaxBytes = 2048 }).HandleAsync("home/big.wav", Cancel))
            .Should().Be(IngestOutcome.Refused);
        var job = (await stage.JobsAsync()).Should().ContainSingle().Subject;
        job.State.Should().Be(JobState.Rejected);
        job.ContentId.Should().StartWith("unread:").And.HaveLength(71);
        job.Reason.Should().StartWith("The file is larger than");
        job.FinishedAt.Should().NotBeNull();
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    [Fact]
    public async Task A_blob_that_vanished_before_it_was_known_leaves_no_trace()
    {
        await using var stage = await Stage.SetAsync(emulator);
        (await Ingest(stage).HandleAsync("home/gone.wav", Cancel)).Should().Be(IngestOutcome.Vanished);
        (await stage.JobsAsync()).Should().BeEmpty();
    }

    public static TheoryData<string, string> RefusedNames => new()
    {
        { "/a.wav", "The name begins with a slash*" },
        { "home/album/.AppleDouble/a.wav", "The file lies in a folder that a system keeps for itself." },
        { "home/__MACOSX/album/a.wav", "The file lies in a folder that a system keeps for itself." },
    };

    [Theory, MemberData(nameof(RefusedNames))]
    public async Task A_blob_that_cannot_be_taken_has_a_row_that_says_why_and_is_not_tried_again(
        string name, string reason)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync(name, [1]);

        (await Ingest(stage).HandleAsync(name, Cancel)).Should().Be(IngestOutcome.Refused);
        (await Ingest(stage).HandleAsync(name, Cancel)).Should().Be(IngestOutcome.Known);

        var track = (await stage.TracksAsync()).Should().ContainSingle().Subject;
        track.BlobName.Should().Be(name);
        track.Tenant.Length.Should().BeLessThanOrEqualTo(TrackBlob.MaxTenantLength);
        track.Job.State.Should().Be(JobState.Rejected);
        track.Job.Reason.Should().Match(reason);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    [Fact]
    public async Task What_macOS_keeps_about_a_song_is_refused_and_a_song_that_is_only_named_so_is_taken()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/._a.wav", [0, 5, 0x16, 7, 0, 2, 0, 0]);
        await stage.UploadAsync("home/._b.wav", [(byte)'R', (byte)'I', (byte)'F', (byte)'F']);
        (await Ingest(stage).HandleAsync("home/._a.wav", Cancel)).Should().Be(IngestOutcome.Refused);
        (await Ingest(stage).HandleAsync("home/._b.wav", Cancel)).Should().Be(IngestOutcome.Taken);
        (await stage.TracksAsync()).Select(t => t.Job.Reason)
            .Should().Equal("The file is what macOS keeps about another file.", null);
    }

    [Theory]
    [InlineData(700)]
    [InlineData(783)]
    [InlineData(TrackBlob.MaxNameLength)]
    public async Task A_name_of_any_length_that_storage_takes_is_a_track_which_shows_the_end_of_its_path(int length)
    {
        await using var stage = await Stage.SetAsync(emulator);
        var folder = string.Concat(Enumerable.Repeat(new string('D', 99) + "/", (length / 100) - 1));
        var name = "home/" + folder + new string('f', length - 9 - folder.Length) + ".wav";
        name.Length.Should().Be(length);
        await stage.UploadAsync(name, [1]);
        (await Ingest(stage).HandleAsync(name, Cancel)).Should().Be(IngestOutcome.Taken);
        var track = (await stage.TracksAsync()).Should().ContainSingle().Subject;
        track.BlobName.Should().Be(name);
        name.Should().EndWith(track.FileName);
    }

    [Fact]
    public async Task Names_that_differ_by_case_or_by_a_space_at_their_end_are_different_tracks()
    {
        await using var stage = await Stage.SetAsync(emulator);
        string[] names = ["home/a.wav", "home/A.wav", "home/a.wav "];
        for (byte i = 0; i < names.Length; i++)
        {
            await stage.UploadAsync(names[i], [i]);
            await Ingest(stage).HandleAsync(names[i], Cancel);
        }

        (await stage.TracksAsync()).Select(t => t.BlobName).Should().BeEquivalentTo(names);
        (await stage.TracksAsync()).Select(t => t.BlobKey).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData(60 * 24 * 365)]
    [InlineData(0)]
    public async Task A_new_version_is_seen_however_far_ahead_the_clock_was_that_dated_the_old_one(int minutesAhead)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await Ingest(stage).HandleAsync("home/a.wav", Cancel);
        var ahead = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(minutesAhead);
        await using (var db = stage.Catalogue.CreateDbContext())
            await db.Tracks.ExecuteUpdateAsync(set => set.SetProperty(t => t.UploadedAt, ahead), Cancel);

        var etag = await stage.UploadAsync("home/a.wav", [2]);
        (await Ingest(stage).HandleAsync("home/a.wav", Cancel)).Should().Be(IngestOutcome.Taken);

        var track = (await stage.TracksAsync()).Should().ContainSingle().Subject;
        track.ETag.Should().Be(etag);
        track.Job.ContentId.Should().StartWith("sha256:dbc1b4c9", "that is the new version's hash");
    }

    [Fact]
    public async Task Versions_that_come_faster_than_they_are_ingested_end_at_the_one_that_stands()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var calls = new List<Task>();
        var etag = "";
        for (byte i = 0; i < 12; i++)
        {
            etag = await stage.UploadAsync("home/a.wav", [i]);
            calls.Add(Task.Run(() => Ingest(stage).HandleAsync("home/a.wav", Cancel)));
        }

        await Task.WhenAll(calls);
        (await stage.TracksAsync()).Should().ContainSingle().Which.ETag.Should().Be(etag);
    }

    [Fact]
    public async Task A_job_given_up_for_its_missing_file_starts_again_when_the_same_bytes_come_back()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await Ingest(stage).HandleAsync("home/a.wav", Cancel);
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            await db.Jobs.ExecuteUpdateAsync(
                set => set.SetProperty(j => j.State, JobState.Rejected).SetProperty(j => j.Reason, JobLedger.FileGone),
                Cancel);
        }

        await stage.UploadAsync("home/b.wav", [1]);
        await Ingest(stage).HandleAsync("home/b.wav", Cancel);
        (await stage.JobsAsync()).Should().ContainSingle().Which.State.Should().Be(JobState.Queued);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(2);
    }

    private static IngestTrack Ingest(Stage stage, IngestOptions? options = null) =>
        new Handlers(stage, options).Ingest;
}
