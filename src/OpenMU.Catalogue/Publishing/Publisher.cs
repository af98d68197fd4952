using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Catalogue.Publishing;

/// <summary>
/// Moves tracks between the analyses of different models. An analysis belongs to a content, so copies of a file move
/// together; the analysis that was shown before is kept. Each batch is one transaction, and a batch that was done does
/// nothing when it is done again: a run that broke off is started again.
/// </summary>
public sealed class Publisher(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    /// <summary>Publications that are listed at most.</summary>
    public const int MaxListed = 200;

    private const int AtOnce = 100;

    /// <summary>The model whose analyses are held back, the latest of them; null where none are.</summary>
    public async Task<string?> HeldModelAsync(string tenant, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Jobs.Where(j => j.Tenant == tenant && j.HeldSince != null)
            .OrderByDescending(j => j.Id).Select(j => j.ModelVersion).FirstOrDefaultAsync(cancel);
    }

    /// <summary>What was published and rolled back, the latest first.</summary>
    public async Task<IReadOnlyList<Publication>> ListAsync(string tenant, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Publications.AsNoTracking().Where(p => p.Tenant == tenant)
            .OrderByDescending(p => p.At).Take(MaxListed).ToListAsync(cancel);
    }

    /// <summary>
    /// Shows a model's analyses, held or not, for the tracks of a selection and the copies of them. New copies show
    /// them too from now on.
    /// </summary>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="selection">The tracks.</param>
    /// <param name="modelVersion">The model.</param>
    /// <param name="author">Who does it.</param>
    /// <param name="from">A run to go on with; null for a new one.</param>
    /// <param name="atMost">Stops after about so many tracks; null for all.</param>
    /// <param name="progress">Told after each batch; may be null.</param>
    /// <param name="cancel">Stops between two batches.</param>
    /// <exception cref="FormatException">There is no such place in the selection.</exception>
    public Task<PublicationSummary> PublishAsync(
        string tenant, TrackSelection selection, string modelVersion, CorrectionAuthor author,
        PublicationSummary? from, int? atMost, IProgress<PublicationSummary>? progress, CancellationToken cancel) =>
        RunAsync(
            new Run(tenant, modelVersion, author, PublicationKind.Publish), selection, from, atMost, progress, cancel);

    /// <summary>
    /// Shows the former analyses again, for the tracks of a selection that show a model's and the copies of them. The
    /// model's are kept and held back.
    /// </summary>
    /// <inheritdoc cref="PublishAsync" path="/param|/exception"/>
    public Task<PublicationSummary> RollBackAsync(
        string tenant, TrackSelection selection, string modelVersion, CorrectionAuthor author,
        PublicationSummary? from, int? atMost, IProgress<PublicationSummary>? progress, CancellationToken cancel) =>
        RunAsync(
            new Run(tenant, modelVersion, author, PublicationKind.Rollback), selection, from, atMost, progress, cancel);

    private async Task<PublicationSummary> RunAsync(
        Run run, TrackSelection selection, PublicationSummary? from, int? atMost,
        IProgress<PublicationSummary>? progress, CancellationToken cancel)
    {
        var summary = from ?? new PublicationSummary
        {
            Id = CorrectionAuthor.NewBatch(),
            ModelVersion = run.ModelVersion,
        };
        var first = summary.Tracks;
        do
        {
            await using var db = catalogue.CreateDbContext();
            var page = await selection.PageAsync(db, run.Tenant, summary.Next, AtOnce, cancel);
            var (moved, without) = await db.InTransactionAsync(
                token => BatchAsync(db, run, summary.Id, page.Ids, token), cancel);
            summary = summary with
            {
                Tracks = summary.Tracks + page.Ids.Count,
                Moved = summary.Moved + moved,
                Without = summary.Without + without,
                Next = page.Next,
            };
            progress?.Report(summary);
        }
        while (summary.Next is not null && !(summary.Tracks - first >= atMost));
        return summary;
    }

    private async Task<(int Moved, int Without)> BatchAsync(
        CatalogueDb db, Run run, string id, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var tracks = await db.Tracks.Where(t => t.Tenant == run.Tenant && ids.Contains(t.Id))
            .Select(t => new { t.JobId, t.Job.ContentId, t.Job.ModelVersion }).ToListAsync(cancel);
        if (run.Kind == PublicationKind.Rollback) tracks.RemoveAll(t => t.ModelVersion != run.ModelVersion);
        var contents = tracks.Select(t => t.ContentId).Distinct().ToList();
        var jobs = (await db.Jobs.AsNoTracking()
            .Where(j => j.Tenant == run.Tenant && contents.Contains(j.ContentId) && j.Kind == JobKind.Analysis)
            .Select(j => new JobOfContent(j.Id, j.ContentId, j.ModelVersion, j.State, j.HeldSince != null))
            .ToListAsync(cancel)).ToLookup(job => job.ContentId);
        var (moved, without) = (0, 0);
        foreach (var track in tracks.GroupBy(t => t.ContentId))
        {
            var move = run.MoveOf([.. jobs[track.Key]]);
            if (move is null) without += track.Count();
            else moved += await MoveAsync(db, run, move, cancel);
        }

        if (moved > 0) await NoteAsync(db, run, id, moved, cancel);
        return (moved, without);
    }

    private async Task<int> MoveAsync(CatalogueDb db, Run run, Move move, CancellationToken cancel)
    {
        var (from, to) = (move.From, move.To);
        // Held or not is said first: nothing that moves tracks by itself may bring them back meanwhile.
        if (run.Kind == PublicationKind.Publish)
        {
            await db.Jobs.Where(j => j.Id == move.Model && j.HeldSince != null)
                .ExecuteUpdateAsync(set => set.SetProperty(j => j.HeldSince, (DateTime?)null), cancel);
        }
        else
        {
            var now = await db.NowAsync(time, cancel);
            await db.Jobs.Where(j => j.Id == move.Model && j.HeldSince == null)
                .ExecuteUpdateAsync(set => set.SetProperty(j => j.HeldSince, now), cancel);
        }

        var moved = await db.Tracks
            .Where(t => from.Contains(t.JobId) && db.Jobs.Any(j => j.Id == to && j.State == JobState.Ready))
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.JobId, to), cancel);
        if (moved > 0)
            await CatalogueEvents.JobEndedAsync(db, JobKind.Analysis, to, time.GetUtcNow().UtcDateTime, cancel);
        return moved;
    }

    private async Task NoteAsync(CatalogueDb db, Run run, string id, int moved, CancellationToken cancel)
    {
        if (await db.Publications.Where(p => p.Tenant == run.Tenant && p.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Tracks, p => p.Tracks + moved), cancel) == 1) return;
        var now = await db.NowAsync(time, cancel);
        var action = run.Kind == PublicationKind.Publish ? AuditActions.Published : AuditActions.RolledBack;
        db.AuditEntries.Add(AuditEntry.Of(run.Tenant, run.Author, action, id, now, new { run.ModelVersion }));
        db.Add(new Publication
        {
            Id = id,
            Tenant = run.Tenant,
            Kind = run.Kind,
            ModelVersion = run.ModelVersion,
            By = run.Author.By,
            Via = run.Author.Via,
            At = now,
            Tracks = moved,
        });
        await db.SaveChangesAsync(cancel);
    }

    private sealed record JobOfContent(long Id, string ContentId, string ModelVersion, JobState State, bool IsHeld);

    /// <summary>Tracks of these jobs go to that one; the model's own is held from then on, or is not.</summary>
    private sealed record Move(long Model, IReadOnlyList<long> From, long To);

    private sealed record Run(string Tenant, string ModelVersion, CorrectionAuthor Author, PublicationKind Kind)
    {
        /// <summary>What is to be done for one content; null where it has not what is needed.</summary>
        public Move? MoveOf(IReadOnlyList<JobOfContent> jobs)
        {
            var model = jobs.SingleOrDefault(job => job.ModelVersion == ModelVersion);
            if (model is null) return null;
            if (Kind == PublicationKind.Publish)
            {
                return model.State != JobState.Ready
                    ? null
                    : new Move(model.Id, [.. jobs.Where(job => job.Id != model.Id).Select(job => job.Id)], model.Id);
            }

            // The latest other that may be shown; measurements alone only where no model has said anything.
            var former = jobs.Where(job => job.Id != model.Id && job.State == JobState.Ready && !job.IsHeld)
                .OrderBy(job => job.ModelVersion == Job.NoModel).ThenByDescending(job => job.Id).FirstOrDefault();
            return former is null ? null : new Move(model.Id, [model.Id], former.Id);
        }
    }
}
