using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Meaning;

/// <summary>
/// Keeps a vector of what is said of each track: whenever caption, description, tags, themes or what owner and people
/// say of them change, whoever runs this makes it anew. Any number may run at once; what two do twice counts once.
/// </summary>
public sealed class TextEmbedder(IDbContextFactory<CatalogueDb> catalogue, SentenceModel model)
{
    /// <summary>Tracks that are taken at once.</summary>
    public const int BatchSize = 128;

    /// <summary>How many tracks wait, counted up to a bound.</summary>
    public async Task<int> CountAsync(int upTo, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.StaleTexts.Where(s => s.TrackId > 0).OrderBy(s => s.TrackId).Take(upTo).CountAsync(cancel);
    }

    /// <summary>Has texts taken again that another version of the encoder has read.</summary>
    /// <returns>How many.</returns>
    public async Task<int> RenewAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var renewed = 0;
        // Each is a stretch of an index, which "other than this one" is not.
        foreach (var others in (IQueryable<TextEmbedding>[])
        [
            db.TextEmbeddings.Where(e => string.Compare(e.ModelVersion, TrackText.Version) < 0),
            db.TextEmbeddings.Where(e => string.Compare(e.ModelVersion, TrackText.Version) > 0),
        ])
        {
            while (true)
            {
                var ids = await others.Where(e => !db.StaleTexts.Any(s => s.TrackId == e.TrackId))
                    .Select(e => e.TrackId).Take(BatchSize).ToListAsync(cancel);
                if (ids.Count == 0) break;
                db.ChangeTracker.Clear();
                db.StaleTexts.AddRange(ids.Select(id => new StaleText { TrackId = id, Changes = 1 }));
                await db.SaveChangesAsync(cancel);
                renewed += ids.Count;
            }
        }

        return renewed;
    }

    /// <summary>Takes the next tracks that wait.</summary>
    /// <param name="after">The last that was taken; 0 to begin.</param>
    /// <param name="cancel">Ends it between two batches.</param>
    /// <returns>The last that was taken now, to go on from there; null where none is left behind the one before.
    /// </returns>
    /// <exception cref="DbUpdateException">Another one was faster, or a track went. The next try finds what is left.
    /// </exception>
    public async Task<long?> TakeAsync(long after, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var stale = await db.StaleTexts.Where(s => s.TrackId > after).OrderBy(s => s.TrackId).Take(BatchSize)
            .ToListAsync(cancel);
        if (stale.Count == 0) return null;
        long[] ids = [.. stale.Select(one => one.TrackId)];
        var texts = await TrackText.OfAsync(db, ids, cancel);
        var before = await db.TextEmbeddings.Where(e => ids.Contains(e.TrackId)).ToDictionaryAsync(
            e => e.TrackId, cancel);
        var others = texts.Where(text => !IsOf(before.GetValueOrDefault(text.TrackId), text)).ToList();
        db.TextEmbeddings.RemoveRange(
            others.Select(text => before.GetValueOrDefault(text.TrackId)).OfType<TextEmbedding>());
        var said = others.FindAll(text => text.Text.Length > 0);
        if (said.Count > 0)
        {
            // Without an encoder they wait for a program that has one.
            if (model.Encoder is not { } encoder) return null;
            var vectors = encoder.Encode(said.ConvertAll(text => text.Text));
            db.TextEmbeddings.AddRange(said.Zip(vectors, (text, vector) => new TextEmbedding
            {
                TrackId = text.TrackId,
                Tenant = text.Tenant,
                ModelVersion = TrackText.Version,
                TextHash = text.Hash,
                Vector = TrackEmbedding.Pack(vector),
            }));
        }

        db.StaleTexts.RemoveRange(stale);
        await db.SaveChangesAsync(cancel);
        return ids[^1];
    }

    private static bool IsOf(TextEmbedding? stored, TrackText text) => stored is null
        ? text.Text.Length == 0
        : stored.ModelVersion == TrackText.Version && stored.TextHash.AsSpan().SequenceEqual(text.Hash);
}
