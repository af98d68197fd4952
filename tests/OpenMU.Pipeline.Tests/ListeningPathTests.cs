using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Functions;
using OpenMU.Mir.Audio;
using OpenMU.Testing;
using OpenMU.Worker;

namespace OpenMU.Pipeline.Tests;

/// <summary>The whole path with a model in it: real classes, random weights.</summary>
public sealed class ListeningPathTests(Emulator emulator)
{
    private const string Blob = "home/a.wav";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_uploaded_file_gets_the_models_words_with_their_sources()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var listener = Listener(stage);
        await IngestAndWorkAsync(stage, listener);

        var job = (await stage.TracksAsync()).Single().Job;
        job.Should().BeEquivalentTo(new { State = JobState.Ready, ModelVersion = listener!.Version });
        var analysis = job.Analysis!;
        analysis.Caption.Should().NotBeNull();
        analysis.Description.Should().NotBeNull();
        analysis.ModelProblem.Should().BeNull();
        analysis.Tags.Select(tag => tag.Group).Should().Equal("genre", "instrument");
        analysis.Tags.Should().OnlyContain(tag => tag.Confidence >= 0 && tag.Confidence <= 1);
        analysis.IntegratedLufs.Should().NotBeNull("the measurements are made as without a model");
        foreach (var field in (string[])[nameof(Analysis.Caption), nameof(Analysis.Description), nameof(Analysis.Tags)])
        {
            analysis.Sources.Should().ContainSingle(source => source.Field == field)
                .Which.Should().BeEquivalentTo(new { Source = "openmu", listener.Version, LicenceClass = "open" })
                .And.Match<FieldSource>(source => source.SecondsHeard > 0);
        }
    }

    [Fact]
    public async Task A_question_is_answered_once_although_its_message_comes_twice_to_two_workers()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var listener = Listener(stage);
        await IngestAndWorkAsync(stage, listener);
        var question = await AskAsync(stage, "Which instruments play?");
        await stage.Storage.Questions.SendMessageAsync(
            JobQueue.Write(new JobMessage(question.JobId)), Cancel);

        await Task.WhenAll(Worker(stage, listener).RunAsync(Cancel), Worker(stage, listener).RunAsync(Cancel));

        var answered = await ReadAsync(stage, question.Id);
        answered.Should().BeEquivalentTo(new { State = JobState.Ready, Job = new { Fence = 1L, Attempts = 1 } });
        answered.Answer!.Should().BeEquivalentTo(new { ModelVersion = listener!.Version, LicenceClass = "open" });
        answered.Answer!.SecondsHeard.Should().BePositive();
        (await Stage.CountAsync(stage.Storage.Questions)).Should().Be(0);
        (await Stage.CountAsync(stage.Storage.QuestionsPoison)).Should().Be(0);
    }

    [Fact]
    public async Task Questions_through_the_worker_are_answered_from_measurements_or_refused_and_counted()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var listener = Listener(stage);
        await IngestAndWorkAsync(stage, listener);
        var loudness = (await stage.TracksAsync()).Single().Job.Analysis!.IntegratedLufs!.Value;
        var outcomes = new ConcurrentBag<string>();
        using var meter = new MeterListener();
        meter.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "openmu.answers") self.EnableMeasurementEvents(instrument);
        };
        meter.SetMeasurementEventCallback<long>((_, _, tags, _) => outcomes.Add((string)tags[0].Value!));
        meter.Start();
        Dictionary<string, string> expected = new()
        {
            ["How long is it?"] = "It lasts 2.0 seconds (0:02).",
            ["How loud is this recording?"] = string.Create(
                CultureInfo.InvariantCulture, $"The integrated loudness is {loudness:0.0} LUFS."),
            ["Would this suit a car commercial?"] = "I cannot judge that from this recording.",
            ["Is there a singer?"] = "I cannot judge that from this recording.",
            ["What is the song about?"] = "No lyrics are known for this track.",
        };
        var asked = new List<Question>();
        foreach (var text in expected.Keys) asked.Add(await AskAsync(stage, text));

        await Worker(stage, listener).RunAsync(Cancel);

        foreach (var question in asked)
        {
            var answer = (await ReadAsync(stage, question.Id)).Answer!;
            answer.Text.Should().Be(expected[question.Text]);
            answer.ModelVersion.Should().Be(listener!.Version);
            answer.PromptVersion.Should().NotBeEmpty();
            answer.ToolCalls.Select(call => call.Name).Should().Equal(question.Text switch
            {
                "How long is it?" => ["duration"],
                "How loud is this recording?" => ["loudness"],
                _ => [],
            });
        }

        outcomes.Order().Should().ContainInOrder("answered", "answered", "notsure", "refused", "refused");
    }

    [Fact]
    public async Task Without_a_model_a_question_is_rejected_and_says_why()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await IngestAndWorkAsync(stage, listener: null);
        var question = await AskAsync(stage, "Which key?");
        await Worker(stage, listener: null).RunAsync(Cancel);

        (await ReadAsync(stage, question.Id)).Should().BeEquivalentTo(
            new
            {
                State = JobState.Rejected,
                Answer = (Answer?)null,
                Job = new { Reason = "No model is loaded, so questions cannot be answered." }
            });
    }

    [Fact]
    public async Task A_question_that_fails_five_times_ends_as_Failed_and_a_redrive_answers_it()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var listener = Listener(stage);
        await IngestAndWorkAsync(stage, listener);
        var question = await AskAsync(stage, "Which key?");
        await Worker(stage, Broken(stage)).RunAsync(Cancel);
        (await Stage.CountAsync(stage.Storage.QuestionsPoison)).Should().Be(1);
        var failed = new FailedJob(stage.Jobs, NullLogger<FailedJob>.Instance);
        (await failed.DrainAsync(Cancel)).Should().Be(1);
        (await ReadAsync(stage, question.Id))
            .Should().BeEquivalentTo(new { State = JobState.Failed, Job = new { Attempts = JobLedger.MaxAttempts } });

        (await Messages(stage).RedriveAsync("home", Cancel)).Should().Be(1);
        await Worker(stage, listener).RunAsync(Cancel);
        (await ReadAsync(stage, question.Id)).State.Should().Be(JobState.Ready);
    }

    [Fact]
    public async Task A_question_whose_message_was_lost_is_sent_by_the_sweep()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var listener = Listener(stage);
        await IngestAndWorkAsync(stage, listener);
        await stage.Storage.Questions.DeleteAsync(Cancel);
        var question = await AskAsync(stage, "Which key?");
        question.State.Should().Be(JobState.Queued, "it is asked although the queue is away");
        await stage.Storage.CreateIfMissingAsync(Cancel);

        (await SweepAsync(stage, listener)).Enqueued.Should().Be(1);
        await Worker(stage, listener).RunAsync(Cancel);
        (await ReadAsync(stage, question.Id)).State.Should().Be(JobState.Ready);
    }

    [Fact]
    public async Task A_model_that_fails_five_times_costs_its_words_and_not_the_measurements()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await IngestAndWorkAsync(stage, Broken(stage));

        var job = (await stage.TracksAsync()).Single().Job;
        job.Should().BeEquivalentTo(new { State = JobState.Ready, Attempts = JobLedger.MaxAttempts });
        job.Analysis!.IntegratedLufs.Should().NotBeNull();
        job.Analysis.Caption.Should().BeNull();
        job.Analysis.ModelProblem.Should().StartWith("The model failed on this track: ");
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(0);
    }

    [Fact]
    public async Task Another_model_listens_to_all_while_what_is_known_stays_in_view()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await IngestAndWorkAsync(stage, listener: null);
        var track = (await stage.TracksAsync()).Single();
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            db.Corrections.Add(
                new Correction
                {
                    Tenant = track.Tenant,
                    ContentId = track.Job.ContentId,
                    Fields = FieldSet.Empty.With(FieldNames.Caption, ["By hand."]),
                    By = "Ada",
                    At = DateTime.UnixEpoch,
                });
            await db.SaveChangesAsync(Cancel);
        }

        using var listener = Listener(stage);
        (await SweepAsync(stage, listener)).Ingested.Should().Be(1);
        (await SweepAsync(stage, listener)).Ingested.Should().Be(0, "the new job is on its way");
        (await stage.TracksAsync()).Single().Job
            .Should().BeEquivalentTo(new { State = JobState.Ready, ModelVersion = Job.NoModel });

        await Worker(stage, listener).RunAsync(Cancel);
        (await stage.TracksAsync()).Single().Job
            .Should().BeEquivalentTo(new { State = JobState.Ready, ModelVersion = listener!.Version });
        await using (var db = stage.Catalogue.CreateDbContext())
            (await new TrackSearch(db).GetAsync("home", track.Id, Cancel))!.Summary.Caption.Should().Be("By hand.");

        (await SweepAsync(stage, listener: null)).Ingested.Should().Be(0, "measurements alone are nothing new");
        await Worker(stage, listener: null).RunAsync(Cancel);
        (await stage.TracksAsync()).Single().Job
            .Should().BeEquivalentTo(new { State = JobState.Ready, ModelVersion = listener!.Version, Fence = 1L });
    }

    [Fact]
    public async Task Once_without_a_model_blanks_nothing_and_what_waited_for_it_is_asked_for_again()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var listener = Listener(stage);
        await IngestAndWorkAsync(stage, listener);
        var said = (await stage.TracksAsync()).Single().Job.Analysis!.Caption;
        await stage.UploadAsync("home/waiting.wav", TestSound.Tone(2, 330));
        await stage.UploadAsync("home/copy.wav", TestSound.Tone(2, 440));
        (await SweepAsync(stage, listener)).Ingested.Should().Be(2);
        await stage.Messages.RetryAsync("home", [(await stage.TracksAsync())[0].Id], onlyChanged: false, Cancel);

        await SweepAsync(stage, listener: null);
        await Worker(stage, listener: null).RunAsync(Cancel);
        await SweepAsync(stage, listener: null);
        await Worker(stage, listener: null).RunAsync(Cancel);

        var tracks = (await stage.TracksAsync()).ToDictionary(track => track.FileName, track => track.Job);
        tracks.Values.Should().OnlyContain(job => job.State == JobState.Ready);
        tracks["a.wav"].Analysis!.Caption.Should().Be(said).And.NotBeNull();
        tracks["copy.wav"].Analysis!.Caption.Should().Be(said);
        tracks["waiting.wav"].Should().BeEquivalentTo(new { ModelVersion = Job.NoModel });

        (await SweepAsync(stage, listener)).Ingested.Should().BeLessThan(2);
        await Worker(stage, listener).RunAsync(Cancel);
        await SweepAsync(stage, listener);
        (await stage.TracksAsync()).Should().OnlyContain(track =>
            track.Job.State == JobState.Ready && track.Job.ModelVersion == listener!.Version
            && track.Job.Analysis!.Caption != null);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    [Fact]
    public async Task A_worker_with_another_model_than_the_job_asks_for_does_not_answer_for_it()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var listener = Listener(stage);
        await stage.UploadAsync(Blob, TestSound.Tone(1, 440));
        await Ingest(stage, listener: null).HandleAsync(Blob, Cancel);
        await Worker(stage, listener).RunAsync(Cancel);

        (await stage.JobsAsync()).Single().Should().BeEquivalentTo(
            new
            {
                State = JobState.Queued,
                Attempts = JobLedger.MaxAttempts,
                Reason = $"The job asks for the model 'none'; this worker has '{listener!.Version}'."
            });
    }

    private static async Task IngestAndWorkAsync(Stage stage, ModelSession? listener)
    {
        await stage.UploadAsync(Blob, TestSound.Tone(2, 440));
        await Ingest(stage, listener).HandleAsync(Blob, Cancel);
        await Worker(stage, listener).RunAsync(Cancel);
    }

    private static async Task<Question> AskAsync(Stage stage, string text) =>
        (await new QuestionStore(stage.Catalogue, stage.Jobs, TimeProvider.System).AskAsync(
            "home", (await stage.TracksAsync()).Single().Id, text, Cancel))!;

    private static async Task<Question> ReadAsync(Stage stage, long id) =>
        (await new QuestionStore(stage.Catalogue, stage.Jobs, TimeProvider.System).GetAsync("home", id, Cancel))!;

    private static JobQueue Messages(Stage stage) => stage.Jobs.Questions;

    private static ModelSession? Listener(Stage stage) =>
        ModelSession.Open(new WorkerOptions { ModelFolder = SmallRandomModel.Write(stage.Folder), ModelThreads = 1 });

    // Its memory is gone: whatever is asked of it fails.
    private static ModelSession Broken(Stage stage)
    {
        var listener = Listener(stage)!;
        listener.Dispose();
        return listener;
    }

    private static IngestOptions IngestOptions(ModelSession? listener) =>
        new() { ModelVersion = listener?.Version ?? Job.NoModel, Grace = TimeSpan.Zero };

    private static IngestTrack Ingest(Stage stage, ModelSession? listener) =>
        new(
            stage.Catalogue, stage.Storage, stage.Jobs, Missing(stage),
            new LyricsFiles(stage.Catalogue, stage.Storage, TimeProvider.System, NullLogger<LyricsFiles>.Instance),
            IngestOptions(listener), TimeProvider.System, NullLogger<IngestTrack>.Instance);

    private static MissingTracks Missing(Stage stage) => new(
        stage.Catalogue, new IngestOptions(), TimeProvider.System, NullLogger<MissingTracks>.Instance);

    private static async Task<(int Enqueued, int Ingested)> SweepAsync(Stage stage, ModelSession? listener)
    {
        var uploads = new UploadQueue(Ingest(stage, listener), stage.Storage, NullLogger<UploadQueue>.Instance);
        var options = IngestOptions(listener);
        var sweep = new SweepUploads(
            new ContainerComparison(stage.Catalogue, options), uploads, Missing(stage), stage.Catalogue, stage.Storage,
            stage.Jobs, options, TimeProvider.System, NullLogger<SweepUploads>.Instance);
        return ((await sweep.RunAsync(Cancel)).Enqueued, (await uploads.DrainAsync(Cancel)).Ingested);
    }

    private static WorkerLoop Worker(Stage stage, ModelSession? listener) => new(
        stage.Catalogue, stage.Storage, stage.Jobs,
        new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener),
        new MachineHealth(
            DecodeLimits.Default, stage.Catalogue, stage.Storage, Options(stage), TimeProvider.System,
            NullLogger.Instance),
        new ProcessHealth(NullLogger.Instance), Options(stage),
        TimeProvider.System,
        NullLogger<WorkerLoop>.Instance);

    private static WorkerOptions Options(Stage stage) => new()
    {
        TempFolder = Path.Combine(stage.Folder, "work"),
        Visibility = TimeSpan.FromSeconds(15),
        PollInterval = TimeSpan.FromMilliseconds(50),
        RetryDelay = TimeSpan.Zero,
        ExitWhenEmptyFor = TimeSpan.Zero,
    };
}
