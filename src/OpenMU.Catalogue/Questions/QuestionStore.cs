using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Questions;

/// <summary>Where questions are asked and answers fetched, each tenant its own.</summary>
public sealed class QuestionStore(IDbContextFactory<CatalogueDb> catalogue, JobQueues jobs, TimeProvider time)
{
    /// <summary>The newest questions that a list holds.</summary>
    public const int MaxListed = 100;

    // Somebody waits for an answer.
    private static readonly TimeSpan TimeToSend = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Stores a question and sends it to the workers. When only the sending fails the question is asked all the
    /// same: the sweep sends it. One about a track that is not Ready yet waits for it.
    /// </summary>
    /// <param name="tenant">Who asks.</param>
    /// <param name="trackId">The track.</param>
    /// <param name="text">At most <see cref="Question.MaxTextLength"/> characters.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The question, or null where the tenant has no such track.</returns>
    /// <exception cref="QuotaExceededException">Nothing was stored.</exception>
    public Task<Question?> AskAsync(string tenant, long trackId, string text, CancellationToken cancel)
        => AskAsync(tenant, [trackId], text, cancel);

    /// <summary>The same about several tracks, in their order.</summary>
    /// <param name="tenant">Who asks.</param>
    /// <param name="trackIds">1 to <see cref="Question.MaxTracks"/>, each once.</param>
    /// <param name="text">At most <see cref="Question.MaxTextLength"/> characters.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The question, or null where the tenant lacks one of the tracks.</returns>
    /// <exception cref="QuotaExceededException">Nothing was stored.</exception>
    public async Task<Question?> AskAsync(
        string tenant, IReadOnlyList<long> trackIds, string text, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, Question.MaxTextLength);
        ArgumentOutOfRangeException.ThrowIfZero(trackIds.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(trackIds.Count, Question.MaxTracks);
        var now = time.GetUtcNow().UtcDateTime;
        await using var db = catalogue.CreateDbContext();
        var there = await db.Tracks.Where(t => t.Tenant == tenant && trackIds.Contains(t.Id))
            .Select(t => t.Job.State == JobState.Ready && t.MissingSince == null).ToListAsync(cancel);
        if (there.Count != trackIds.Count) return null;

        // The id of its own makes a second run, after a connection that broke while it committed,
        // find the first one's work.
        var contentId = $"question:{Guid.NewGuid():N}";
        var question = await db.InTransactionAsync(
            async token => await db.Questions.Include(q => q.Job)
                .SingleOrDefaultAsync(q => q.Job.ContentId == contentId && q.Job.Tenant == tenant, token)
                ?? await AddAsync(db, trackIds, new Question
                {
                    Tenant = tenant,
                    TrackId = trackIds[0],
                    Text = text,
                    AskedAt = now,
                    Job = new Job
                    {
                        Tenant = tenant,
                        ContentId = contentId,
                        Kind = JobKind.Question,
                        ModelVersion = Job.AnyModel,
                        State = there.TrueForAll(isReady => isReady) ? JobState.Queued : JobState.Waiting,
                        CreatedAt = now
                    },
                }, token),
            cancel);
        if (question.State == JobState.Queued) await TrySendAsync(question, cancel);
        return question;
    }

    /// <returns>The question with its job, or null where the tenant has no such question.</returns>
    public async Task<Question?> GetAsync(string tenant, long id, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Questions.AsNoTracking()
            .Include(q => q.Job).Include(q => q.Selection)
            .SingleOrDefaultAsync(q => q.Tenant == tenant && q.Id == id, cancel);
    }

    /// <returns>The newest questions about a track, alone or among others, the newest first, with their jobs; null
    /// where the tenant has no such track.</returns>
    public async Task<IReadOnlyList<Question>?> OfTrackAsync(string tenant, long trackId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        if (!await db.Tracks.AnyAsync(t => t.Tenant == tenant && t.Id == trackId, cancel)) return null;
        // Each half by its own index: with "or" between them, all the tenant's questions would be read.
        var newest = await db.Questions.Where(q => q.TrackId == trackId).Select(q => q.Id)
            .Union(db.Set<QuestionTrack>().Where(selected => selected.TrackId == trackId).Select(s => s.QuestionId))
            .OrderByDescending(id => id).Take(MaxListed).ToListAsync(cancel);
        return await db.Questions.AsNoTracking().Include(q => q.Job).Include(q => q.Selection)
            .Where(q => q.Tenant == tenant && newest.Contains(q.Id)).OrderByDescending(q => q.Id).ToListAsync(cancel);
    }

    /// <summary>All questions of a tenant with their jobs, the oldest first, read as they are asked for.</summary>
    public async IAsyncEnumerable<Question> AllAsync(string tenant, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var questions = db.Questions.AsNoTracking().Include(q => q.Job).Include(q => q.Selection)
            .Where(q => q.Tenant == tenant).OrderBy(q => q.Id);
        await foreach (var question in questions.AsAsyncEnumerable().WithCancellation(cancel)) yield return question;
    }

    private async Task TrySendAsync(Question question, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(TimeToSend, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await jobs.Questions.EnqueueAsync(question.JobId, both.Token);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // The row is the promise, whoever has left meanwhile; what has no message, the sweep gives one.
        }
    }

    private static async Task<Question> AddAsync(
        CatalogueDb db, IReadOnlyList<long> trackIds, Question question, CancellationToken cancel)
    {
        if (trackIds.Count > 1)
        {
            question.Selection.AddRange(
                trackIds.Select((track, i) => new QuestionTrack { Position = i + 1, TrackId = track }));
        }
        db.Questions.Add(question);
        await db.SaveChangesAsync(cancel);
        await TenantQuota.CountAsync(db, question.Tenant, question.AskedAt, tracks: 0, questions: 1, bytes: 0, cancel);
        return question;
    }
}
