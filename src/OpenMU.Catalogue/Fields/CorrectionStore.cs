using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Fields;

/// <summary>
/// Where people put right what is said of tracks: one track or all of a selection, with a history that takes every
/// change back. Doing the same again changes nothing.
/// </summary>
public sealed class CorrectionStore(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    /// <summary>Tracks that are changed in one transaction.</summary>
    private const int AtOnce = 50;

    private const int MaxRaces = 10;

    private const string NoTrack = "There is no such track.";
    private const string Stale = "Somebody has changed this track's data meanwhile: look at it again.";

    /// <summary>Changes fields of one track's content.</summary>
    /// <param name="tenant">Whose track it is.</param>
    /// <param name="trackId">The track; its copies, which have the same content, change with it.</param>
    /// <param name="edits">At most one for each field.</param>
    /// <param name="author">Who does it.</param>
    /// <param name="ifVersion">Changes only this version of the correction, 0 being none; null changes any.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <param name="batch">Of which changes it is one; null where of none.</param>
    public Task<CorrectionAnswer> ChangeAsync(
        string tenant, long trackId, IReadOnlyList<FieldEdit> edits, CorrectionAuthor author, int? ifVersion,
        CancellationToken cancel, string? batch = null) =>
        OneAsync(tenant, trackId, author, ifVersion, batch, async (db, write, content, token) =>
        {
            var known = await KnownAsync(db, edits, [trackId], token);
            return Change(write, content, edits, known.GetValueOrDefault(trackId));
        }, cancel);

    /// <summary>Says that all that is shown of a track is right; or says so no longer.</summary>
    public Task<CorrectionAnswer> ApproveAsync(
        string tenant, long trackId, bool isApproved, CorrectionAuthor author, int? ifVersion,
        CancellationToken cancel) =>
        OneAsync(tenant, trackId, author, ifVersion, null, (_, write, content, _) => Task.FromResult(
            Answer(write, content, write.Approve(content, isApproved ? author.By : null))), cancel);

    /// <summary>Lets nobody change a track's data any more; or lets them again.</summary>
    public Task<CorrectionAnswer> LockAsync(
        string tenant, long trackId, bool isLocked, CorrectionAuthor author, int? ifVersion,
        CancellationToken cancel) =>
        OneAsync(tenant, trackId, author, ifVersion, null, (_, write, content, _) => Task.FromResult(
            Answer(write, content, write.Lock(content, isLocked ? author.By : null))), cancel);

    /// <summary>
    /// Changes fields of every track of a selection, some at a time, each some in one transaction. If it breaks off,
    /// what is done is done, and the same call with the last <see cref="CorrectionSummary.Next"/> goes on.
    /// </summary>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="selection">Which.</param>
    /// <param name="edits">At most one for each field.</param>
    /// <param name="author">Who does it.</param>
    /// <param name="from">How far it came before, and of which batch; null begins.</param>
    /// <param name="maxTracks">Stops after about so many; null goes on to the end.</param>
    /// <param name="progress">Told after each transaction; may be null.</param>
    /// <param name="cancel">Stops between two transactions.</param>
    /// <exception cref="FormatException">There is no such place to go on at.</exception>
    public async Task<CorrectionSummary> ChangeManyAsync(
        string tenant, TrackSelection selection, IReadOnlyList<FieldEdit> edits, CorrectionAuthor author,
        CorrectionSummary? from, int? maxTracks, IProgress<CorrectionSummary>? progress, CancellationToken cancel)
    {
        var summary = from ?? new CorrectionSummary();
        var batch = summary.Batch ?? CorrectionAuthor.NewBatch();
        var first = summary.Tracks;
        do
        {
            await using var db = catalogue.CreateDbContext();
            var page = await selection.PageAsync(db, tenant, summary.Next, AtOnce, cancel);
            var answers = await ChangePageAsync(db, tenant, page.Ids, edits, author, batch, cancel);
            summary = summary.With(answers) with { Next = page.Next, Total = page.Total };
            if (answers.Exists(one => one.Answer.Outcome == CorrectionOutcome.Done))
                summary = summary with { Batch = batch };
            progress?.Report(summary);
        }
        while (summary.Next is not null && (maxTracks is null || summary.Tracks - first < maxTracks));
        return summary;
    }

    /// <summary>Who has locked tracks, for each of them that is.</summary>
    /// <param name="db">To look into.</param>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="tracks">Which.</param>
    public static IQueryable<string> LockedBy(CatalogueDb db, string tenant, IReadOnlyList<long> tracks) =>
        from track in db.Tracks
        where track.Tenant == tenant && tracks.Contains(track.Id)
        join correction in db.Corrections on track.Job.ContentId equals correction.ContentId
        where correction.Tenant == tenant && correction.LockedBy != null
        select correction.LockedBy;

    /// <summary>Runs work on corrections in a transaction, again where somebody else was faster.</summary>
    internal static async Task<T> PatientlyAsync<T>(
        CatalogueDb db, Func<CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        for (var race = 0; ; race++)
        {
            try
            {
                return await db.InTransactionAsync(work, cancel);
            }
            catch (DbUpdateException e) when (race < MaxRaces && !Outage.Is(e) && !Outage.IsCancellation(e))
            {
                // The version, or the key of a first correction, says so: look again.
            }
        }
    }

    private async Task<CorrectionAnswer> OneAsync(
        string tenant, long trackId, CorrectionAuthor author, int? ifVersion, string? batch,
        Func<CatalogueDb, CorrectionWrite, string, CancellationToken, Task<CorrectionAnswer>> change,
        CancellationToken cancel)
    {
        batch ??= CorrectionAuthor.NewBatch();
        await using var db = catalogue.CreateDbContext();
        return await PatientlyAsync(db, async token =>
        {
            var content = await db.Tracks.Where(t => t.Tenant == tenant && t.Id == trackId)
                .Select(t => t.Job.ContentId).SingleOrDefaultAsync(token);
            if (content is null) return new CorrectionAnswer(CorrectionOutcome.NoTrack, NoTrack);
            var write = await CorrectionWrite.BeginAsync(
                db, tenant, [content], batch, author, time.GetUtcNow().UtcDateTime, token);
            if (ifVersion is { } version && version != write.Version(content))
            {
                // A first run of this transaction may have been committed after all.
                return await db.CorrectionChanges.AnyAsync(
                    c => c.Tenant == tenant && c.Batch == batch && c.ContentId == content, token)
                    ? new CorrectionAnswer(CorrectionOutcome.Done, null, write.Version(content), batch)
                    : new CorrectionAnswer(CorrectionOutcome.Stale, Stale, write.Version(content));
            }

            var answer = await change(db, write, content, token);
            await db.SaveChangesAsync(token);
            return answer.Outcome == CorrectionOutcome.Done ? answer with { Batch = batch } : answer;
        }, cancel);
    }

    private Task<List<(long Track, CorrectionAnswer Answer)>> ChangePageAsync(
        CatalogueDb db, string tenant, IReadOnlyList<long> ids, IReadOnlyList<FieldEdit> edits,
        CorrectionAuthor author, string batch, CancellationToken cancel) =>
        PatientlyAsync(db, async token =>
        {
            var contents = await db.Tracks.Where(t => t.Tenant == tenant && ids.Contains(t.Id))
                .Select(t => new { t.Id, t.Job.ContentId }).ToDictionaryAsync(t => t.Id, t => t.ContentId, token);
            var write = await CorrectionWrite.BeginAsync(
                db, tenant, contents.Values.ToHashSet(), batch, author, time.GetUtcNow().UtcDateTime, token);
            var known = await KnownAsync(db, edits, ids, token);
            var answers = new List<(long Track, CorrectionAnswer Answer)>();
            foreach (var id in ids)
            {
                answers.Add((id, !contents.TryGetValue(id, out var content)
                    ? new CorrectionAnswer(CorrectionOutcome.NoTrack, NoTrack)
                    : Change(write, content, edits, known.GetValueOrDefault(id))));
            }

            await db.SaveChangesAsync(token);
            return answers;
        }, cancel);

    private static CorrectionAnswer Change(
        CorrectionWrite write, string content, IReadOnlyList<FieldEdit> edits, Known? known) =>
        write.Change(content, edits.Select(edit => (
            edit.Field.Name,
            (Func<IReadOnlyList<string>?, IReadOnlyList<string>?>)(said => edit.After(
                said,
                edit.NeedsWhatHolds ? write.Holds(edit.Field.Name, content, known?.Owner, known?.Analysis) : [])))));

    private static CorrectionAnswer Answer(CorrectionWrite write, string content, bool changed) => new(
        changed ? CorrectionOutcome.Done : CorrectionOutcome.NothingToDo, null, write.Version(content));

    // Only where something is to be added to it or taken away.
    private static async Task<Dictionary<long, Known>> KnownAsync(
        CatalogueDb db, IReadOnlyList<FieldEdit> edits, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        if (!edits.Any(edit => edit.NeedsWhatHolds)) return [];
        var owners = await db.OwnerRecords.AsNoTracking().Where(r => ids.Contains(r.TrackId))
            .ToDictionaryAsync(r => r.TrackId, cancel);
        return await db.Tracks.AsNoTracking().Where(t => ids.Contains(t.Id))
            .Select(t => new { t.Id, t.Job.Analysis })
            .ToDictionaryAsync(t => t.Id, t => new Known(owners.GetValueOrDefault(t.Id), t.Analysis), cancel);
    }

    private sealed record Known(OwnerRecord? Owner, Analysis? Analysis);
}
