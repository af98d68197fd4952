using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Tracks;

/// <summary>Where lyrics are looked up, and an owner's are kept, each tenant's own.</summary>
public sealed class LyricsStore(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    /// <summary>The lyrics of a track that are shown; null where it has none.</summary>
    public static async Task<StoredLyrics?> ShownAsync(
        CatalogueDb db, long trackId, long jobId, CancellationToken cancel) =>
        await db.TrackLyrics.Where(l => l.TrackId == trackId).OrderBy(l => l.Source).FirstOrDefaultAsync(cancel)
            ?? (StoredLyrics?)await db.ContentLyrics.Where(l => l.JobId == jobId)
                .OrderBy(l => l.Source).FirstOrDefaultAsync(cancel);

    /// <summary>A track's lyrics.</summary>
    public async Task<LyricsChange> GetAsync(string tenant, long trackId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await JobAsync(db, tenant, trackId, cancel) is { } job
            ? new LyricsChange(LyricsOutcome.Done, await ShownAsync(db, trackId, job, cancel))
            : new LyricsChange(LyricsOutcome.NoTrack);
    }

    /// <summary>Keeps an owner's lyrics, which stand above all others, and ends an approval, which has not seen
    /// them.</summary>
    /// <param name="tenant">Whose track it is.</param>
    /// <param name="trackId">The track.</param>
    /// <param name="song">The words.</param>
    /// <param name="claims">What the owner says about them.</param>
    /// <param name="ifMatch">Writes only where one of these is the ETag of what is shown, <c>*</c> being any; null
    /// writes only where there is no owner's.</param>
    /// <param name="author">Who does it, as the history has it.</param>
    /// <param name="cancel">Rolls back.</param>
    public Task<LyricsChange> PutAsync(
        string tenant, long trackId, SongLyrics song, LyricsClaims claims, IReadOnlyCollection<string>? ifMatch,
        CorrectionAuthor author, CancellationToken cancel)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return ChangeAsync(tenant, trackId, ifMatch, author, async (db, owner, token) =>
        {
            // A first run of this transaction may have been committed after all.
            if (owner?.At == now && owner.Origin == claims.By) return owner;
            owner ??= db.TrackLyrics.Add(
                new TrackLyrics { TrackId = trackId, Source = LyricsSource.Owner, Origin = claims.By }).Entity;
            owner.Origin = claims.By;
            owner.Take(song, claims.Language, claims.IsExplicit, now);
            await db.SaveChangesAsync(token);
            return owner;
        }, now, cancel);
    }

    /// <summary>Removes an owner's lyrics; those of another source are shown again, and an approval ends.</summary>
    /// <param name="tenant">Whose track it is.</param>
    /// <param name="trackId">The track.</param>
    /// <param name="ifMatch">As in <see cref="PutAsync"/>.</param>
    /// <param name="author">As in <see cref="PutAsync"/>.</param>
    /// <param name="cancel">Rolls back.</param>
    public Task<LyricsChange> DeleteAsync(
        string tenant, long trackId, IReadOnlyCollection<string>? ifMatch, CorrectionAuthor author,
        CancellationToken cancel) =>
        ChangeAsync(tenant, trackId, ifMatch, author, async (db, owner, token) =>
        {
            if (owner is null) return null;
            db.TrackLyrics.Remove(owner);
            await db.SaveChangesAsync(token);
            return owner;
        }, null, cancel);

    private async Task<LyricsChange> ChangeAsync(
        string tenant, long trackId, IReadOnlyCollection<string>? ifMatch, CorrectionAuthor author,
        Func<CatalogueDb, TrackLyrics?, CancellationToken, Task<TrackLyrics?>> change, DateTime? by,
        CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        try
        {
            return await db.InTransactionAsync(
                async token =>
                {
                    if (await JobAsync(db, tenant, trackId, token) is not { } job)
                        return new LyricsChange(LyricsOutcome.NoTrack);
                    var lockedBy = await CorrectionStore.LockedBy(db, tenant, [trackId]).FirstOrDefaultAsync(token);
                    if (lockedBy is not null) return new LyricsChange(LyricsOutcome.Locked) { LockedBy = lockedBy };
                    var shown = await ShownAsync(db, trackId, job, token);
                    var owner = shown is TrackLyrics { Source: LyricsSource.Owner } own ? own : null;
                    if (ifMatch is null && owner is not null && owner.At != by)
                        return new LyricsChange(LyricsOutcome.NeedsCondition, shown);
                    if (ifMatch is not null && owner?.At != by && !Matches(shown, ifMatch))
                        return new LyricsChange(LyricsOutcome.Changed, shown);
                    if (await change(db, owner, token) is not { } changed)
                        return new LyricsChange(LyricsOutcome.NothingToDo, shown);
                    await EndApprovalAsync(db, tenant, job, author, token);
                    return new LyricsChange(LyricsOutcome.Done, changed);
                },
                cancel);
        }
        catch (DbUpdateException e) when (!Outage.Is(e) && !Outage.IsCancellation(e))
        {
            // Somebody else was faster: the version, or the key of a first one, says so.
            return new LyricsChange(LyricsOutcome.Changed);
        }
    }

    private async Task EndApprovalAsync(
        CatalogueDb db, string tenant, long job, CorrectionAuthor author, CancellationToken cancel)
    {
        var content = await db.Jobs.Where(j => j.Id == job).Select(j => j.ContentId).SingleAsync(cancel);
        var write = await CorrectionWrite.BeginAsync(
            db, tenant, [content], CorrectionAuthor.NewBatch(), author, time.GetUtcNow().UtcDateTime, cancel);
        write.EndApproval(content);
        await db.SaveChangesAsync(cancel);
    }

    private static bool Matches(StoredLyrics? shown, IReadOnlyCollection<string> ifMatch) =>
        shown is not null && (ifMatch.Contains("*") || ifMatch.Contains(shown.ETag));

    private static Task<long?> JobAsync(CatalogueDb db, string tenant, long trackId, CancellationToken cancel) =>
        db.Tracks.Where(t => t.Tenant == tenant && t.Id == trackId).Select(t => (long?)t.JobId)
            .SingleOrDefaultAsync(cancel);
}

/// <summary>What an owner says about lyrics.</summary>
/// <param name="By">Who says so.</param>
/// <param name="Language">ISO 639-1; null leaves it to be found out.</param>
/// <param name="IsExplicit">Null leaves it to be found out.</param>
public sealed record LyricsClaims(string By, string? Language = null, bool? IsExplicit = null);

/// <summary>What came of a look at lyrics, or of a change.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Lyrics">Those that are shown, or were put or removed; null where there are none.</param>
public sealed record LyricsChange(LyricsOutcome Outcome, StoredLyrics? Lyrics = null)
{
    /// <summary>Who has locked the track; null where that was not in the way.</summary>
    public string? LockedBy { get; init; }
}

/// <summary>What came of a change of lyrics.</summary>
public enum LyricsOutcome
{
    Done,

    /// <summary>The tenant has no such track.</summary>
    NoTrack,

    /// <summary>Somebody has locked the track.</summary>
    Locked,

    /// <summary>There is no owner's to remove.</summary>
    NothingToDo,

    /// <summary>There is an owner's already, and nobody said which version is to be replaced.</summary>
    NeedsCondition,

    /// <summary>The lyrics are not those that were to be replaced.</summary>
    Changed,
}
