using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// Finds tracks of the same content, byte for byte. They share analysis and corrections, and are never made one.
/// </summary>
public static class DuplicateTracks
{
    /// <summary>A page of groups, in the order of their contents' names.</summary>
    /// <param name="db">The catalogue.</param>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="after">The last content of the page before; null for the first page.</param>
    /// <param name="size">Groups at most.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<DuplicatePage> FindAsync(
        CatalogueDb db, string tenant, string? after, int size, CancellationToken cancel)
    {
        var last = after ?? "";
        // By the key of the jobs, and each one's tracks by theirs: nothing is read that belongs to others. The tenant
        // is named wherever a table is; named twice, by the filters too, SQLite would read all its tracks for each
        // content.
        var contents = await db.Jobs.IgnoreQueryFilters()
            .Where(j => j.Tenant == tenant && j.Kind == JobKind.Analysis && string.Compare(j.ContentId, last) > 0)
            .Select(j => j.ContentId).Distinct()
            .Where(content => db.Tracks.Count(t => t.Tenant == tenant && t.Job.Tenant == tenant
                && t.Job.ContentId == content && t.MissingSince == null) > 1)
            .OrderBy(content => content).Take(size + 1).ToListAsync(cancel);
        var page = contents.Take(size).ToList();
        var tracks = await db.Tracks.IgnoreQueryFilters()
            .Where(t => t.Tenant == tenant && t.Job.Tenant == tenant && page.Contains(t.Job.ContentId)
                && t.MissingSince == null)
            .OrderBy(t => t.Id)
            .Select(t => new
            {
                t.Job.ContentId,
                Track = new DuplicateTrack(t.Id, t.FileName, t.SizeBytes, t.UploadedAt),
            })
            .ToListAsync(cancel);
        var byContent = tracks.ToLookup(track => track.ContentId, track => track.Track);
        return new DuplicatePage(
            [.. page.Select(content => new DuplicateGroup(content, [.. byContent[content]]))],
            contents.Count > size ? page[^1] : null);
    }
}

/// <summary>A page of groups.</summary>
/// <param name="Groups">Each of two tracks or more.</param>
/// <param name="Next">Asks for the page after this one, as <c>after</c>; null on the last.</param>
public sealed record DuplicatePage(IReadOnlyList<DuplicateGroup> Groups, string? Next);

/// <summary>Tracks of the same content.</summary>
/// <param name="ContentId">Names the content.</param>
/// <param name="Tracks">In the order in which they came.</param>
public sealed record DuplicateGroup(string ContentId, IReadOnlyList<DuplicateTrack> Tracks);

/// <summary>One of them.</summary>
/// <param name="Id">Of the track.</param>
/// <param name="FileName">As its owner named it.</param>
/// <param name="SizeBytes">The file's size.</param>
/// <param name="UploadedAt">UTC.</param>
public sealed record DuplicateTrack(long Id, string FileName, long SizeBytes, DateTime UploadedAt);
