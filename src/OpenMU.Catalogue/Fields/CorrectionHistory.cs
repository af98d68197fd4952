using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Fields;

/// <summary>What was changed of tracks' data, by whom and when; and the way back.</summary>
public sealed class CorrectionHistory(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    /// <summary>Changes on a page of history at most.</summary>
    public const int MaxListed = 200;

    private const int AtOnce = 50;

    /// <summary>The changes of a track's content, the newest first.</summary>
    /// <param name="tenant">Whose track it is.</param>
    /// <param name="trackId">The track.</param>
    /// <param name="before">Only those before this one; null begins with the newest.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null where the tenant has no such track.</returns>
    public async Task<IReadOnlyList<PastChange>?> OfTrackAsync(
        string tenant, long trackId, long? before, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        if (await ContentAsync(db, tenant, trackId, cancel) is not { } content) return null;
        var all = db.CorrectionChanges.AsNoTracking().Where(c => c.Tenant == tenant && c.ContentId == content);
        var page = await all.Where(c => before == null || c.Id < before).OrderByDescending(c => c.Id).Take(MaxListed)
            .ToListAsync(cancel);
        if (page.Count == 0) return [];
        var oldest = page[^1].Id;
        var since = await all.Where(c => c.Id >= oldest).OrderBy(c => c.Id).ToListAsync(cancel);
        return [.. page.Select(change => new PastChange(change, IsUndone(change, since)))];
    }

    /// <summary>
    /// Takes back a change of one or many tracks, some at a time. A field that was changed again since is left, unless
    /// forced; doing it twice changes nothing.
    /// </summary>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="batch">The change.</param>
    /// <param name="author">Who takes it back.</param>
    /// <param name="trackId">Only of this track's content; null of all.</param>
    /// <param name="isForced">What was changed again since is taken back with it.</param>
    /// <param name="progress">Told after each transaction; may be null.</param>
    /// <param name="cancel">Stops between two transactions; the same call does the rest.</param>
    /// <returns>Null where there is no such change.</returns>
    public async Task<CorrectionSummary?> UndoAsync(
        string tenant, string batch, CorrectionAuthor author, long? trackId, bool isForced,
        IProgress<CorrectionSummary>? progress, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var only = trackId is { } id ? await ContentAsync(db, tenant, id, cancel) : null;
        if (trackId is not null && only is null) return null;
        var (summary, undoing) = (new CorrectionSummary(), CorrectionAuthor.NewBatch());
        var after = "";
        while (true)
        {
            var last = after;
            var contents = await db.CorrectionChanges
                .Where(c => c.Tenant == tenant && c.Batch == batch && string.Compare(c.ContentId, last) > 0)
                .Where(c => only == null || c.ContentId == only)
                .Select(c => c.ContentId).Distinct().OrderBy(c => c).Take(AtOnce).ToListAsync(cancel);
            if (contents.Count == 0) return summary.Tracks == 0 ? null : summary;
            var answers = await CorrectionStore.PatientlyAsync(
                db, token => UndoAsync(db, tenant, batch, contents, (author, undoing, isForced), token), cancel);
            summary = summary.With(answers);
            if (answers.Exists(one => one.Answer.Batch is not null)) summary = summary with { Batch = undoing };
            progress?.Report(summary);
            after = contents[^1];
        }
    }

    private async Task<List<(long Track, CorrectionAnswer Answer)>> UndoAsync(
        CatalogueDb db, string tenant, string batch, IReadOnlyList<string> contents,
        (CorrectionAuthor Author, string Batch, bool IsForced) by, CancellationToken cancel)
    {
        var changes = (await db.CorrectionChanges.AsNoTracking()
            .Where(c => c.Tenant == tenant && contents.Contains(c.ContentId)).OrderBy(c => c.Id).ToListAsync(cancel))
            .ToLookup(change => change.ContentId);
        var tracks = (await db.Tracks
            .Where(t => t.Tenant == tenant && t.Job.Tenant == tenant && contents.Contains(t.Job.ContentId))
            .OrderBy(t => t.Id).Select(t => new { t.Id, t.Job.ContentId }).ToListAsync(cancel))
            .ToLookup(track => track.ContentId, track => track.Id);
        var write = await CorrectionWrite.BeginAsync(
            db, tenant, contents, by.Batch, by.Author, time.GetUtcNow().UtcDateTime, cancel);
        var answers = contents.Select(content => (
            tracks[content].FirstOrDefault(),
            Undo(write, content, batch, [.. changes[content]], by))).ToList();
        await db.SaveChangesAsync(cancel);
        return answers;
    }

    private static CorrectionAnswer Undo(
        CorrectionWrite write, string content, string batch, IReadOnlyList<CorrectionChange> changes,
        (CorrectionAuthor Author, string Batch, bool IsForced) by)
    {
        var edits = new List<(string, Func<IReadOnlyList<string>?, IReadOnlyList<string>?>)>();
        string? reason = null;
        foreach (var field in changes.Where(change => change.IsOfField).GroupBy(change => change.Field))
        {
            var own = field.Where(change => change.Batch == batch).ToList();
            if (own.Count == 0) continue;
            var standing = Standing([.. field.Where(change => change.Id > own[^1].Id)]);
            if (standing.Any(change => change.Undoes == batch)) continue;
            if (standing.Count > 0 && !by.IsForced)
            {
                reason ??= $"{standing[^1].By} has changed {field.Key} since: undo that first, or force it.";
                continue;
            }

            edits.Add((field.Key, _ => own[0].ValuesBefore));
        }

        var answer = write.Change(content, edits, undoes: batch);
        var changed = answer.Outcome == CorrectionOutcome.Done;
        if (changed) answer = answer with { Batch = by.Batch };
        if (reason is null || answer.Outcome == CorrectionOutcome.Locked) return answer;
        // What could be taken back is; of the rest the track's refusal tells.
        return answer with
        {
            Outcome = CorrectionOutcome.LaterChange,
            Reason = changed ? $"{reason} The other fields are taken back." : reason,
        };
    }

    /// <summary>
    /// Of some changes of one field, in their order, those that matter: not those that were taken back later among
    /// them, nor their taking back.
    /// </summary>
    internal static IReadOnlyList<CorrectionChange> Standing(IReadOnlyList<CorrectionChange> changes)
    {
        var gone = new HashSet<CorrectionChange>();
        for (var i = changes.Count - 1; i >= 0; i--)
        {
            if (gone.Contains(changes[i]) || changes[i].Undoes is not { } undone) continue;
            var taken = changes.Take(i).Where(change => change.Batch == undone).ToList();
            if (taken.Count == 0) continue;
            gone.UnionWith(taken);
            gone.Add(changes[i]);
        }

        return [.. changes.Where(change => !gone.Contains(change))];
    }

    private static bool IsUndone(CorrectionChange change, IReadOnlyList<CorrectionChange> since) => Standing(
        [.. since.Where(later => later.Field == change.Field && later.Id > change.Id)])
        .Any(later => later.Undoes == change.Batch);

    private static Task<string?> ContentAsync(CatalogueDb db, string tenant, long trackId, CancellationToken cancel) =>
        db.Tracks.Where(t => t.Tenant == tenant && t.Id == trackId).Select(t => (string?)t.Job.ContentId)
            .SingleOrDefaultAsync(cancel);
}

/// <summary>A change of the past.</summary>
/// <param name="Change">What was changed.</param>
/// <param name="IsUndone">Whether it was taken back.</param>
public sealed record PastChange(CorrectionChange Change, bool IsUndone);
