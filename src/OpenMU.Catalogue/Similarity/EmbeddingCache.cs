using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Music;

namespace OpenMU.Catalogue.Similarity;

/// <summary>
/// The embeddings of one tenant and model in memory. Each look brings it up to what has been stored, replaced or put
/// right since the last; what is gone stays until then in no one's way, as no track has it.
/// </summary>
internal sealed class EmbeddingCache(string tenant, string modelVersion) : IDisposable
{
    private const int BatchSize = 2048;

    // A server gives numbers before it commits: of what comes late, the number is lower than one that was seen.
    private const int Late = 256;

    private readonly SemaphoreSlim turn = new(1);
    private readonly Dictionary<long, Known> known = [];
    private EmbeddingIndex? index;
    private long lastEmbedding, lastChange;

    /// <summary>Bytes that it takes, about.</summary>
    public long Bytes => index is { } built ? (long)built.Count * (built.BytesPerRow + 48) : 0;

    /// <summary>All that is stored; null where nothing is.</summary>
    /// <exception cref="InsufficientMemoryException">It is more than it may be.</exception>
    public async Task<EmbeddingIndex?> FollowAsync(CatalogueDb db, long mostBytes, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            // Of all tenants, which is the end of an index: the last of one would have to be looked for.
            var embedding = await db.TrackEmbeddings.IgnoreQueryFilters().MaxAsync(e => (long?)e.Id, cancel) ?? 0;
            var change = await db.CorrectionChanges.IgnoreQueryFilters().MaxAsync(c => (long?)c.Id, cancel) ?? 0;
            if (embedding > lastEmbedding) await AddAsync(db, mostBytes, cancel);
            if (change > lastChange && lastChange > 0) await ChangeAsync(db, cancel);
            (lastEmbedding, lastChange) = (embedding, Math.Max(1, change));
            return index;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private async Task AddAsync(CatalogueDb db, long mostBytes, CancellationToken cancel)
    {
        var after = Math.Max(0, lastEmbedding - Late);
        while (true)
        {
            var from = after;
            var batch = await Stored(db, db.TrackEmbeddings.Where(e => e.Id > from && e.ModelVersion == modelVersion))
                .OrderBy(row => row.Id).Take(BatchSize).ToListAsync(cancel);
            foreach (var row in batch) Add(row);
            if (batch.Count < BatchSize) return;
            // Whoever asks next goes on from here, should this one give up.
            lastEmbedding = after = batch[^1].Id;
            if (Bytes > mostBytes)
            {
                throw new InsufficientMemoryException(
                    $"The embeddings of {tenant} need more than the {mostBytes >> 20:N0} MiB of memory that they may take.");
            }
        }
    }

    private void Add(StoredEmbedding row)
    {
        if (known.TryGetValue(row.JobId, out var before))
        {
            if (before.Embedding == row.Id) return;
            index!.Leave(before.Row);
        }

        var facts = row.ToFacts();
        index ??= new EmbeddingIndex(facts.Vector.Count);
        var at = index.Add(row.JobId, [.. facts.Vector], index.TraitsOf(facts, row.Seconds));
        known[row.JobId] = new Known(row.Id, at);
    }

    // What people have put right since: few, so one after another.
    private async Task ChangeAsync(CatalogueDb db, CancellationToken cancel)
    {
        if (index is null) return;
        var since = lastChange;
        var contents = await db.CorrectionChanges.Where(c => c.Tenant == tenant && c.Id > since)
            .Select(c => c.ContentId).Distinct().ToListAsync(cancel);
        foreach (var some in contents.Chunk(BatchSize / 4))
        {
            var rows = await Stored(
                db,
                db.TrackEmbeddings.Where(e => e.ModelVersion == modelVersion
                    && db.Jobs.Any(j => j.Id == e.JobId && j.Tenant == tenant && some.Contains(j.ContentId))))
                .ToListAsync(cancel);
            foreach (var row in rows)
            {
                if (known.TryGetValue(row.JobId, out var at))
                    index.Change(at.Row, index.TraitsOf(row.ToFacts(), row.Seconds));
            }
        }
    }

    private IQueryable<StoredEmbedding> Stored(CatalogueDb db, IQueryable<TrackEmbedding> embeddings) =>
        StoredEmbedding.Of(db, tenant, embeddings);

    private readonly record struct Known(long Embedding, int Row);
}

/// <summary>An embedding as it is stored, with all that is compared beside it.</summary>
internal sealed class StoredEmbedding
{
    public long Id { get; init; }

    public long JobId { get; init; }

    public required byte[] Vector { get; init; }

    public double? Bpm { get; init; }

    public MusicalKey? Key { get; init; }

    public double Seconds { get; init; }

    public required List<TagScore> Tags { get; init; }

    public Correction? Correction { get; init; }

    /// <summary>Those of a tenant's contents.</summary>
    public static IQueryable<StoredEmbedding> Of(
        CatalogueDb db, string tenant, IQueryable<TrackEmbedding> embeddings) =>
        from embedding in embeddings.AsNoTracking()
        join job in db.Jobs on embedding.JobId equals job.Id
        where job.Tenant == tenant && job.Kind == JobKind.Analysis
        join analysis in db.Analyses on embedding.JobId equals analysis.JobId
        from correction in db.Corrections
            .Where(c => c.Tenant == job.Tenant && c.ContentId == job.ContentId).DefaultIfEmpty()
        select new StoredEmbedding
        {
            Id = embedding.Id,
            JobId = embedding.JobId,
            Vector = embedding.Vector,
            Bpm = analysis.Bpm,
            Key = analysis.Key,
            Seconds = analysis.DurationSeconds,
            Tags = analysis.Tags,
            Correction = correction,
        };

    public SoundFacts ToFacts() => SoundFacts.Of(TrackEmbedding.Unpack(Vector), Bpm, Key, Tags, Correction);
}
