using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Fields;

/// <summary>A track with all its fields, as pages and programs show it.</summary>
/// <param name="Details">What is known about it.</param>
/// <param name="Fields">Those that somebody says something about.</param>
public sealed record TrackRecord(TrackDetails Details, IReadOnlyList<FieldView> Fields)
{
    /// <summary>Null where the tenant has no such track.</summary>
    public static async Task<TrackRecord?> FindAsync(
        CatalogueDb db, string tenant, long trackId, CancellationToken cancel)
    {
        if (await new TrackSearch(db).GetAsync(tenant, trackId, cancel) is not { } details) return null;
        var owner = await db.OwnerRecords.AsNoTracking().SingleOrDefaultAsync(r => r.TrackId == trackId, cancel);
        var fields = await TenantFields.OfAsync(db, tenant, cancel);
        return new TrackRecord(
            details, TrackFields.Of(details.Correction, owner, details.Analysis, fields.Declared));
    }
}
