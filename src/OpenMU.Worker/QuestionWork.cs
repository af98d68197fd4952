using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Music.Lyrics;
using OpenMU.Music.Questions;

namespace OpenMU.Worker;

/// <summary>
/// Answers questions. Those about one track that come until the first of them has had it heard
/// are answered with it: the track is downloaded, decoded and heard once for all, and each keeps its
/// own claim and its own fate.
/// </summary>
/// <param name="ledger">Of questions.</param>
/// <param name="catalogue">Where the measurements are.</param>
/// <param name="download">Fetches tracks.</param>
/// <param name="analyser">Has the model, or none.</param>
/// <param name="time">Tells when a question was answered.</param>
/// <param name="stop">The worker has to stop: a round may outlive the claim of the question that began
/// it, but not this, nor an end for lack of progress.</param>
internal sealed class QuestionWork(
    JobLedger ledger, IDbContextFactory<CatalogueDb> catalogue, TrackDownload download, TrackAnalyser analyser,
    TimeProvider time, CancellationToken stop)
    : JobWork(ledger)
{
    public const string NoModel = "No model is loaded, so questions cannot be answered.";
    private const string NoAnalysis = "The track has not been analysed.";
    private const string TooLong = "The question is too long for this model.";
    private const string TooMuch = "The question with so many tracks is too long for this model.";
    private const string FileGone = "The track's file was replaced or deleted.";

    private readonly Dictionary<long, Round> rounds = [];

    public override async Task<Settlement> DoAsync(
        JobClaim claim, JobProgress progress, CancellationToken cancel)
    {
        if (analyser.Listener is not { } listener) return Reject(claim, NoModel);
        if (await SelectionAsync(claim.JobId, cancel) is { Count: > 1 } selection)
            return await DoSelectionAsync(listener, claim, selection, progress, cancel);
        var (text, track, known) = await FindAsync(claim.JobId, cancel);
        if (track is null) return Reject(claim, FileGone);
        if (known is null) return Reject(claim, NoAnalysis);
        try
        {
            var reply = await AskAsync(listener, text, track, known, progress, cancel);
            if (reply.Error is ArgumentException) return Reject(claim, TooLong);
            if (reply.Answer is null) throw Failed(reply);
            return Commit(claim, reply.ToAnswer(listener, time));
        }
        catch (UnreadableAudioException unreadable) when (!cancel.IsCancellationRequested)
        {
            return Reject(claim, unreadable.Message);
        }
    }

    private static InvalidOperationException Failed(Reply reply) =>
        new($"The model failed on this question: {reply.Error!.Message}", reply.Error);

    private Settlement Commit(JobClaim claim, Answer answer) => async token =>
    {
        var isStored = await Ledger.CommitAsync(claim, answer, token);
        if (isStored) Telemetry.Answered(answer.Outcome);
        return isStored;
    };

    /// <summary>The tracks of a question about several, in their order; none for a question about one.</summary>
    private async Task<IReadOnlyList<QuestionTrack>> SelectionAsync(long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Questions.AsNoTracking().Where(q => q.JobId == jobId).SelectMany(q => q.Selection)
            .Include(s => s.Track.Job).OrderBy(s => s.Position).ToListAsync(cancel);
    }

    /// <summary>Hears the tracks one after the other, then answers about all of them in one prompt.</summary>
    private async Task<Settlement> DoSelectionAsync(
        IListener listener, JobClaim claim, IReadOnlyList<QuestionTrack> selection, JobProgress progress,
        CancellationToken cancel)
    {
        var (text, tracks) = await SelectedAsync(selection, cancel);
        if (tracks is null) return Reject(claim, NoAnalysis);
        if (listener.AnswerUnheard(text, tracks) is { } known) return Commit(claim, known.ToAnswer(listener, time));
        try
        {
            await using var heard = listener.Hear();
            foreach (var part in selection)
            {
                using var file = await DownloadAsync(part.Track, progress, cancel)
                    ?? throw await GoneAsync(part.TrackId, $"[{part.Position}]: ", cancel);
                var sound = await DecodeAsync(listener, file, cancel);
                progress.Advance();
                if (sound.DurationSeconds < ModelSession.MinSeconds)
                    throw new UnreadableAudioException($"[{part.Position}]: {TrackAnalyser.TooShort}");
                await heard.AddAsync(sound, progress, cancel);
            }
            var reply = await heard.AnswerAsync(text, tracks, progress, cancel);
            if (reply.Error is ArgumentException) return Reject(claim, TooMuch);
            if (reply.Answer is null) throw Failed(reply);
            return Commit(claim, reply.ToAnswer(listener, time));
        }
        catch (UnreadableAudioException unreadable) when (!cancel.IsCancellationRequested)
        {
            return Reject(claim, unreadable.Message);
        }
    }

    /// <summary>
    /// The question's words, and what is known of its tracks; null for these where one was not analysed.
    /// </summary>
    private async Task<(string Text, IReadOnlyList<SelectedTrack>? Tracks)> SelectedAsync(
        IReadOnlyList<QuestionTrack> selection, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var question = await db.Questions.AsNoTracking()
            .SingleAsync(q => q.Id == selection[0].QuestionId, cancel);
        var tracks = new List<SelectedTrack>();
        foreach (var part in selection)
        {
            var analysis = await NewestAsync(db, part.Track, cancel);
            if (analysis is null) return (question.Text, null);
            var said = await SaidOfTrack.OfTrackAsync(db, part.Track, part.Track.Job.ContentId, cancel);
            var lyrics = await LyricsStore.ShownAsync(db, part.TrackId, part.Track.JobId, cancel);
            var known = Known(analysis, said, lyrics?.ToKnown());
            tracks.Add(new(
                said.Title(analysis.FileFields) ?? analysis.Title ?? part.Track.FileName, known.Facts, analysis.DurationSeconds,
                analysis.IntegratedLufs, known, known.Lyrics));
        }
        return (question.Text, tracks);
    }

    /// <summary>What was found, with what people and the owner say over it.</summary>
    private static TrackKnowledge Known(Analysis analysis, SaidOfTrack said, KnownLyrics? lyrics) =>
        said.Over(analysis.Facts() with { HasLyrics = lyrics is not null }, analysis.FileFields)
            with
        { Lyrics = lyrics };

    private static Task<Analysis?> NewestAsync(CatalogueDb db, Track track, CancellationToken cancel) => db.Jobs
        .Where(j => j.Tenant == track.Tenant && j.ContentId == track.Job.ContentId
            && j.Kind == JobKind.Analysis && j.State == JobState.Ready)
        .OrderByDescending(j => j.FinishedAt).Select(j => j.Analysis).FirstOrDefaultAsync(cancel);

    // The newest measurements of the content will do, whichever model they were made beside.
    private async Task<(string Text, Track? Track, TrackKnowledge? Known)> FindAsync(
        long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var question = await db.Questions.AsNoTracking()
            .Include(q => q.Track!.Job)
            .SingleAsync(q => q.JobId == jobId, cancel);
        if (question.Track is not { } track) return (question.Text, null, null);
        if (await NewestAsync(db, track, cancel) is not { } analysis) return (question.Text, track, null);
        var said = await SaidOfTrack.OfTrackAsync(db, track, track.Job.ContentId, cancel);
        var lyrics = await LyricsStore.ShownAsync(db, track.Id, track.JobId, cancel);
        return (question.Text, track, Known(analysis, said, lyrics?.ToKnown()));
    }

    private async Task<Reply> AskAsync(
        IListener listener, string text, Track track, TrackKnowledge known, JobProgress progress,
        CancellationToken cancel)
    {
        bool leads;
        Round? round;
        Task<Reply> reply;
        lock (rounds)
        {
            leads = !rounds.TryGetValue(track.Id, out round);
            if (leads) rounds.Add(track.Id, round = new Round());
            reply = round!.Add(text);
        }

        if (leads) await LeadAsync(listener, track, round, known, progress);
        using var wait = progress.Wait();
        return await reply.WaitAsync(cancel);
    }

    private async Task LeadAsync(
        IListener listener, Track track, Round round, TrackKnowledge known, JobProgress progress)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, progress.Ended);
        try
        {
            using var file = await DownloadAsync(track, progress, end.Token)
                ?? throw await GoneAsync(track.Id, "", end.Token);
            var sound = await DecodeAsync(listener, file, end.Token);
            progress.Advance();
            if (sound.DurationSeconds < ModelSession.MinSeconds)
                throw new UnreadableAudioException(TrackAnalyser.TooShort);
            round.Settle(
                await listener.AnswerAsync(sound, () => Close(track.Id, round), known, end.Token, progress));
        }
        catch (Exception e)
        {
            Close(track.Id, round);
            round.Fail(progress.Ended.IsCancellationRequested ? new BystanderException(e) : e);
        }
    }

    private async Task<DownloadedFile?> DownloadAsync(Track track, JobProgress progress, CancellationToken cancel)
    {
        using var stage = Telemetry.Begin(JobStage.Download);
        var name = $"questions-{Guid.NewGuid():N}";
        return await download.FetchAsync(track.JobId, track.Job.ContentId, name, progress, cancel);
    }

    // A file that is uploaded anew, with the same bytes or others, has no bytes that the catalogue knows until it was
    // taken in: then the question is tried again. Of a track that is known to be missing there is nothing to wait for.
    private async Task<Exception> GoneAsync(long trackId, string prefix, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Tracks.AnyAsync(track => track.Id == trackId && track.MissingSince == null, cancel)
            ? new InvalidOperationException($"{prefix}{FileGone}")
            : new UnreadableAudioException($"{prefix}{FileGone}");
    }

    private async Task<Waveform> DecodeAsync(IListener listener, DownloadedFile file, CancellationToken cancel)
    {
        using var stage = Telemetry.Begin(JobStage.Decode);
        try
        {
            return await listener.ReadAsync(file.Path, analyser.Limits, cancel);
        }
        catch (Exception e)
            when (e is UnreadableAudioException or IOException && !cancel.IsCancellationRequested)
        {
            await file.RequireWholeAsync(cancel);
            throw;
        }
    }

    // From now on a question about the track begins a new round.
    private IReadOnlyList<string> Close(long trackId, Round round)
    {
        lock (rounds)
        {
            if (rounds.TryGetValue(trackId, out var open) && open == round) rounds.Remove(trackId);
            return round.Questions;
        }
    }

    /// <summary>Questions that are answered together. Nobody adds to it once it is closed.</summary>
    private sealed class Round
    {
        private readonly List<TaskCompletionSource<Reply>> replies = [];
        private readonly List<string> questions = [];

        public IReadOnlyList<string> Questions => questions;

        public Task<Reply> Add(string question)
        {
            questions.Add(question);
            replies.Add(new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously));
            return replies[^1].Task;
        }

        public void Settle(IReadOnlyList<Reply> all)
        {
            foreach (var (reply, i) in all.Select((reply, i) => (reply, i))) replies[i].SetResult(reply);
        }

        public void Fail(Exception error)
        {
            foreach (var reply in replies) reply.TrySetException(error);
        }
    }
}
