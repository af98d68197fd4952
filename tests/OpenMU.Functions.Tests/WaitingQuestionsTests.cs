using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

/// <summary>Questions that are asked before their track is there.</summary>
public sealed class WaitingQuestionsTests(Emulator emulator)
{
    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_about_a_file_to_come_is_queued_with_one_message_once_its_track_is_ready()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await AskAsync(stage, new AskedTrack(FileName: "a.wav"));
        var waiting = Waiting(stage);
        await waiting.RunAsync(Cancel);
        (await QuestionAsync(stage)).Should().BeEquivalentTo(new { TrackId = (long?)null, State = JobState.Waiting });

        await stage.UploadAsync("home/a.wav", [1]);
        await new Handlers(stage).Ingest.HandleAsync("home/a.wav", Cancel);
        await waiting.RunAsync(Cancel);
        (await QuestionAsync(stage)).State.Should().Be(JobState.Waiting, "the track is not analysed yet");
        (await QuestionAsync(stage)).TrackId.Should().Be((await stage.TracksAsync()).Single().Id);
        (await Stage.CountAsync(stage.Storage.Questions)).Should().Be(0);

        await EndAsync(stage, JobState.Ready);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Waiting(stage).RunAsync(Cancel)));
        (await QuestionAsync(stage)).State.Should().Be(JobState.Queued);
        (await Stage.CountAsync(stage.Storage.Questions)).Should().Be(1);
    }

    [Theory]
    [InlineData(JobState.Rejected, "The file holds no audio.")]
    [InlineData(JobState.Failed, "The disk is full.")]
    public async Task A_question_ends_as_its_track_does_with_the_tracks_reason(JobState state, string reason)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await new Handlers(stage).Ingest.HandleAsync("home/a.wav", Cancel);
        await AskAsync(stage, new AskedTrack((await stage.TracksAsync()).Single().Id));

        await EndAsync(stage, state, reason);
        await Waiting(stage).RunAsync(Cancel);

        var question = await QuestionAsync(stage);
        question.State.Should().Be(state);
        question.Job.Reason.Should().EndWith(reason);
        question.EndedAs.Should().NotBeNull();
        await using var db = stage.Catalogue.CreateDbContext();
        (await db.QuestionBatches.SingleAsync(Cancel)).FinishedAt.Should().NotBeNull();
    }

    [Fact]
    public async Task A_question_whose_file_is_deleted_ends_and_stays_when_the_track_is_removed()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage, new IngestOptions { KeepMissing = TimeSpan.FromDays(9) });
        await stage.UploadAsync("home/a.wav", [1]);
        await handlers.Ingest.HandleAsync("home/a.wav", Cancel);
        var track = (await stage.TracksAsync()).Single().Id;
        await AskAsync(stage, new AskedTrack(track));
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/a.wav", cancellationToken: Cancel);
        await handlers.Ingest.HandleAsync("home/a.wav", Cancel);

        await Waiting(stage).RunAsync(Cancel);

        var question = await QuestionAsync(stage);
        question.State.Should().Be(JobState.Rejected);
        question.Job.Reason.Should().Be(WaitingQuestions.FileGone);
    }

    [Fact]
    public async Task An_open_question_whose_track_is_removed_is_rejected_and_remembered()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        await stage.UploadAsync("home/a.wav", [1]);
        await handlers.Ingest.HandleAsync("home/a.wav", Cancel);
        var track = (await stage.TracksAsync()).Single().Id;
        await AskAsync(stage, new AskedTrack(track));
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            await db.Tracks.ExecuteUpdateAsync(set => set.SetProperty(t => t.MissingSince, DateTime.UnixEpoch), Cancel);
        }

        (await handlers.Missing.RemoveNowAsync(track, Cancel)).Should().BeTrue();

        (await stage.TracksAsync()).Should().BeEmpty();
        var question = await QuestionAsync(stage);
        question.Should().BeEquivalentTo(new { TrackId = (long?)null, State = JobState.Rejected });
        question.Job.Reason.Should().Be(WaitingQuestions.TrackGone);
    }

    [Fact]
    public async Task A_question_asked_alone_about_several_tracks_is_queued_when_the_last_of_them_is_ready()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var tracks = await TwoTracksAsync(stage);
        var store = new QuestionStore(stage.Catalogue, stage.Jobs, time);
        (await store.AskAsync("home", tracks, "Which is faster?", Cancel))!.State.Should().Be(JobState.Waiting);

        await EndAsync(stage, JobState.Ready, only: tracks[0]);
        await Waiting(stage).RunAsync(Cancel);
        (await QuestionAsync(stage)).State.Should().Be(JobState.Waiting, "the other is not analysed yet");
        (await Stage.CountAsync(stage.Storage.Questions)).Should().Be(0);

        await EndAsync(stage, JobState.Ready);
        await Waiting(stage).RunAsync(Cancel);
        (await QuestionAsync(stage)).State.Should().Be(JobState.Queued);
        (await Stage.CountAsync(stage.Storage.Questions)).Should().Be(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_question_asked_alone_ends_as_any_of_its_tracks_does_and_is_told_of_once(int which)
    {
        await using var stage = await Stage.SetAsync(emulator);
        var tracks = await TwoTracksAsync(stage);
        await AddEndpointAsync(stage);
        var store = new QuestionStore(stage.Catalogue, stage.Jobs, time);
        await store.AskAsync("home", tracks, "Which is faster?", Cancel);

        await EndAsync(stage, JobState.Rejected, "The file holds no audio.", tracks[which]);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Waiting(stage).RunAsync(Cancel)));

        var question = await QuestionAsync(stage);
        question.State.Should().Be(JobState.Rejected);
        question.Job.Reason.Should().Be("The file holds no audio.");
        await using var after = stage.Catalogue.CreateDbContext();
        var told = (await after.WebhookEvents.ToListAsync(Cancel)).Should().ContainSingle().Which;
        told.Type.Should().Be(WebhookEventTypes.QuestionFailed);
        told.Body.Should().Contain("Rejected");
    }

    [Fact]
    public async Task Each_question_of_a_batch_that_is_taken_back_is_told_of_before_its_batch()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await AddEndpointAsync(stage);
        await AskAsync(stage, new AskedTrack(FileName: "a.wav"));

        (await new BatchStore(stage.Catalogue, stage.Jobs, time).CancelAsync("home", 1, Cancel)).Should().BeTrue();

        await using var after = stage.Catalogue.CreateDbContext();
        (await after.WebhookEvents.OrderBy(e => e.Id).Select(e => e.Type).ToListAsync(Cancel))
            .Should().Equal(WebhookEventTypes.QuestionFailed, WebhookEventTypes.BatchCompleted);
    }

    [Fact]
    public async Task What_nobody_has_begun_when_its_time_is_up_has_expired()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await AskAsync(stage, new AskedTrack(FileName: "never.wav"), expiresIn: 60);
        await Waiting(stage).RunAsync(Cancel);
        (await QuestionAsync(stage)).State.Should().Be(JobState.Waiting);

        time.Advance(TimeSpan.FromSeconds(61));
        await Waiting(stage).RunAsync(Cancel);

        var question = await QuestionAsync(stage);
        question.State.Should().Be(JobState.Expired);
        question.Job.Reason.Should().Be(WaitingQuestions.TimeIsUp);
        (await Stage.CountAsync(stage.Storage.Questions)).Should().Be(0);
    }

    private WaitingQuestions Waiting(Stage stage) => new(stage.Catalogue, stage.Jobs, time);

    private async Task AskAsync(Stage stage, AskedTrack track, int? expiresIn = null) =>
        (await new BatchStore(stage.Catalogue, stage.Jobs, time)
            .SubmitAsync("home", new BatchRequest(["Which key?"], [track], ExpiresIn: expiresIn), null, Cancel))
        .Should().BeOfType<BatchAnswer.Accepted>();

    private static async Task AddEndpointAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        db.WebhookEndpoints.Add(new WebhookEndpoint
        {
            Tenant = "home",
            Url = "https://partner.example/",
            Secret = WebhookEndpoint.NewSecret(),
        });
        await db.SaveChangesAsync(Cancel);
    }

    private static async Task<IReadOnlyList<long>> TwoTracksAsync(Stage stage)
    {
        foreach (var name in (string[])["home/a.wav", "home/b.wav"])
        {
            await stage.UploadAsync(name, [(byte)name.Length, (byte)name[5]]);
            await new Handlers(stage).Ingest.HandleAsync(name, Cancel);
        }

        return [.. (await stage.TracksAsync()).Select(track => track.Id).Order()];
    }

    private static async Task EndAsync(Stage stage, JobState state, string? reason = null, long? only = null)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        await db.Jobs
            .Where(j => j.Kind == JobKind.Analysis
                && (only == null || db.Tracks.Any(t => t.Id == only && t.JobId == j.Id)))
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.State, state).SetProperty(j => j.Reason, reason), Cancel);
    }

    private static async Task<Question> QuestionAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        return await db.Questions.Include(q => q.Job).SingleAsync(Cancel);
    }
}
