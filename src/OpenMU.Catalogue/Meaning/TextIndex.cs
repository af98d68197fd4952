using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Meaning;

/// <summary>
/// The vectors of one tenant's texts in memory: 444 bytes and about 48 of a table a track. Each look brings it up to
/// what has been stored since the last.
/// </summary>
internal sealed class TextIndex(string tenant) : IDisposable
{
    private const int BatchSize = 2048;

    // A server gives numbers before it commits: of what comes late, the number is lower than one that was seen.
    private const int Late = 256;

    private static readonly SimilarityWeights ByVector = new(Tempo: 0, Key: 0, Mood: 0, Instruments: 0);

    private readonly SemaphoreSlim turn = new(1);
    private readonly EmbeddingIndex index = new(SentenceEncoder.Dimensions);
    private readonly Dictionary<long, (long Embedding, int Row)> known = [];
    private long last;

    /// <summary>Bytes that it takes, about.</summary>
    public long Bytes => (long)index.Count * (index.BytesPerRow + 48);

    /// <summary>How many texts it holds.</summary>
    public int Count => index.Count;

    /// <summary>Brings it up to what is stored.</summary>
    public async Task FollowAsync(CatalogueDb db, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            var newest = await db.TextEmbeddings
                .Where(e => e.Tenant == tenant && e.ModelVersion == TrackText.Version)
                .MaxAsync(e => (long?)e.Id, cancel) ?? 0;
            if (newest <= last) return;
            var after = Math.Max(0, last - Late);
            while (true)
            {
                var from = after;
                var batch = await db.TextEmbeddings.AsNoTracking()
                    .Where(e => e.Tenant == tenant && e.ModelVersion == TrackText.Version && e.Id > from)
                    .OrderBy(e => e.Id).Take(BatchSize).Select(e => new { e.Id, e.TrackId, e.Vector })
                    .ToListAsync(cancel);
                foreach (var row in batch) Add(row.Id, row.TrackId, row.Vector);
                if (batch.Count > 0) last = after = Math.Max(last, batch[^1].Id);
                if (batch.Count < BatchSize) return;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The tracks whose texts are nearest to a vector, the nearest first.</summary>
    /// <param name="vector">Of length 1.</param>
    /// <param name="count">At most as many.</param>
    /// <param name="among">Only these; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    public List<long> Nearest(float[] vector, int count, IReadOnlySet<long>? among, CancellationToken cancel) =>
    [
        .. index.Nearest(new SoundFacts(vector, null, null, [], []), ByVector, count, cancel, among)
            .Select(hit => hit.JobId),
    ];

    public void Dispose() => turn.Dispose();

    private void Add(long embedding, long track, byte[] vector)
    {
        if (known.TryGetValue(track, out var before))
        {
            if (before.Embedding >= embedding) return;
            index.Leave(before.Row);
        }

        known[track] = (embedding, index.Add(track, TrackEmbedding.Unpack(vector), default));
    }
}
