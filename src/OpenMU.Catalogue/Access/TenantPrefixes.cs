using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>
/// Which folders of the storage are tenants'. What lies below any other is no tenant's: it is not taken in, and an
/// operator sees that it is there.
/// </summary>
public sealed class TenantPrefixes(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    // Often enough to tell what is there from what is gone.
    private static readonly TimeSpan NoteAgainAfter = TimeSpan.FromHours(1);

    /// <summary>Whether a blob lies below a tenant's name; where it does not, that is noted.</summary>
    /// <param name="prefix">The first folder of its name.</param>
    /// <param name="blobName">The blob.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<bool> OwnsAsync(string prefix, string blobName, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        if (await db.Tenants.AnyAsync(t => t.Name == prefix, cancel)) return true;
        await NoteAsync(db, prefix, blobName, cancel);
        return false;
    }

    /// <summary>The blobs that lie below tenants' names; that others do not is noted.</summary>
    /// <param name="blobs">Their names, each with its first folder.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<string>> OwnedAsync(
        IReadOnlyList<(string Name, string Prefix)> blobs, CancellationToken cancel)
    {
        if (blobs.Count == 0) return [];
        await using var db = catalogue.CreateDbContext();
        var prefixes = blobs.Select(blob => blob.Prefix).Distinct().ToList();
        var tenants = (await db.Tenants.Where(t => prefixes.Contains(t.Name)).Select(t => t.Name).ToListAsync(cancel))
            .ToHashSet(StringComparer.Ordinal);
        var others = blobs.Where(blob => !tenants.Contains(blob.Prefix)).DistinctBy(blob => blob.Prefix);
        foreach (var (name, prefix) in others) await NoteAsync(db, prefix, name, cancel);
        return [.. blobs.Where(blob => tenants.Contains(blob.Prefix)).Select(blob => blob.Name)];
    }

    /// <summary>Forgets those of which a whole look at the storage has shown nothing.</summary>
    /// <param name="since">When the look began (UTC).</param>
    /// <param name="cancel">Gives up.</param>
    public async Task ForgetAsync(DateTime since, CancellationToken cancel)
    {
        var before = since - NoteAgainAfter;
        await using var db = catalogue.CreateDbContext();
        if (!await db.UnknownPrefixes.AnyAsync(p => p.LastSeenAt < before, cancel)) return;
        await db.UnknownPrefixes.Where(p => p.LastSeenAt < before).ExecuteDeleteAsync(cancel);
    }

    /// <summary>The folders that are no tenant's, by name.</summary>
    public async Task<IReadOnlyList<UnknownPrefix>> UnknownAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.UnknownPrefixes.AsNoTracking().Where(p => !db.Tenants.Any(t => t.Name == p.Prefix))
            .OrderBy(p => p.Prefix).ToListAsync(cancel);
    }

    private async Task NoteAsync(CatalogueDb db, string prefix, string blobName, CancellationToken cancel)
    {
        var now = time.GetUtcNow().UtcDateTime;
        try
        {
            await db.InTransactionAsync(
                async token =>
                {
                    var known = await db.UnknownPrefixes.SingleOrDefaultAsync(p => p.Prefix == prefix, token);
                    if (now - known?.LastSeenAt < NoteAgainAfter) return 0;
                    known ??= db.UnknownPrefixes.Add(
                        new UnknownPrefix { Prefix = prefix, Example = blobName, FirstSeenAt = now }).Entity;
                    (known.Example, known.LastSeenAt) = (blobName, now);
                    return await db.SaveChangesAsync(token);
                },
                cancel);
        }
        catch (DbUpdateException e) when (!Outage.Is(e) && !Outage.IsCancellation(e))
        {
            // Somebody else has noted it at the same time.
        }
    }
}
