using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tracks;

/// <summary>What a library has cost: seconds of work and bytes, as they are stored beside the analyses.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Tracks">Those that are there.</param>
/// <param name="AudioBytes">Of their files.</param>
/// <param name="Analyses">Contents that are analysed; equal files count once.</param>
/// <param name="SoundSeconds">Of those whose work was measured.</param>
/// <param name="Work">By stage.</param>
/// <param name="RowBytes">Of all that was found, said and sung, as texts, without the database's own indexes.</param>
public sealed record CatalogueCosts(
    string Tenant, int Tracks, long AudioBytes, int Analyses, double SoundSeconds, StageSeconds Work, long RowBytes)
{
    /// <summary>Seconds of work for each second of sound; null where none was measured.</summary>
    public double? WorkPerSecond => SoundSeconds > 0 ? Work.Sum / SoundSeconds : null;

    /// <summary>Of one library, or of all, by name. Of each all rows are read, and no others.</summary>
    public static async Task<IReadOnlyList<CatalogueCosts>> OfAsync(
        CatalogueDb db, string? tenant, CancellationToken cancel)
    {
        List<string> tenants = tenant is not null
            ? [tenant]
            : await db.Counts.Select(count => count.Tenant).Distinct().OrderBy(name => name).ToListAsync(cancel);
        var costs = new List<CatalogueCosts>();
        foreach (var name in tenants)
        {
            var tracks = db.Tracks.Where(t => t.Tenant == name && t.MissingSince == null);
            var files = await tracks.GroupBy(t => t.Tenant)
                .Select(g => new { Count = g.Count(), Bytes = g.Sum(t => t.SizeBytes) }).SingleOrDefaultAsync(cancel);
            var work = await WorkAsync(db, name, cancel);
            if (files is null && work is null) continue;
            costs.Add(new CatalogueCosts(
                name, files?.Count ?? 0, files?.Bytes ?? 0, work?.Count ?? 0, work?.Sound ?? 0,
                work?.Work ?? new StageSeconds(), await RowBytesAsync(db, name, cancel)));
        }

        return costs;
    }

    private static async Task<TenantWork?> WorkAsync(CatalogueDb db, string tenant, CancellationToken cancel)
    {
        var work = await db.Jobs
            .Where(j => j.Kind == JobKind.Analysis && j.Tenant == tenant)
            .Join(db.Analyses, j => j.Id, a => a.JobId, (j, a) => new
            {
                j.Tenant,
                a.DurationSeconds,
                a.Work.Download,
                a.Work.Decode,
                a.Work.Measure,
                a.Work.Encode,
                a.Work.Generate
            })
            .GroupBy(row => row.Tenant)
            .Select(g => new
            {
                Count = g.Count(),
                // Analyses of a version that did not measure its work have none.
                Sound = g.Sum(row => row.Decode > 0 ? row.DurationSeconds : 0),
                Download = g.Sum(row => row.Download),
                Decode = g.Sum(row => row.Decode),
                Measure = g.Sum(row => row.Measure),
                Encode = g.Sum(row => row.Encode),
                Generate = g.Sum(row => row.Generate),
            }).SingleOrDefaultAsync(cancel);
        return work is null ? null : new TenantWork(work.Count, work.Sound, new StageSeconds
        {
            Download = work.Download,
            Decode = work.Decode,
            Measure = work.Measure,
            Encode = work.Encode,
            Generate = work.Generate
        });
    }

    private static async Task<long> RowBytesAsync(CatalogueDb db, string tenant, CancellationToken cancel)
    {
        var length = db.Database.IsSqlite() ? "OCTET_LENGTH" : "DATALENGTH";
        string[] found =
            ["FileFields", "Caption", "Description", "Tags", "Heard", "Beats", "Chords", "KeySegments", "Sections"];
        // Names of columns alone are put into it, and the library's as a parameter.
        var statement = $$"""
            SELECT COALESCE(SUM(x.Bytes), 0) AS Value FROM (
                SELECT {{Sum("a", found)}} AS Bytes
                FROM Jobs j INNER JOIN Analyses a ON a.JobId = j.Id WHERE j.Tenant = {0}
                UNION ALL
                SELECT {{Sum("r", ["Fields"])}} AS Bytes FROM OwnerRecords r WHERE r.Tenant = {0}
                UNION ALL
                SELECT {{Sum("c", ["Fields"])}} AS Bytes FROM Corrections c WHERE c.Tenant = {0}
                UNION ALL
                SELECT {{Sum("l", ["Lines", "Text"])}} AS Bytes
                FROM Tracks t INNER JOIN TrackLyrics l ON l.TrackId = t.Id WHERE t.Tenant = {0}
            ) x
            """;
        return await db.Database.SqlQuery<long>(FormattableStringFactory.Create(statement, tenant)).SingleAsync(cancel);

        string Sum(string table, string[] columns) => string.Join(
            " + ", columns.Select(column => $"COALESCE(CAST({length}({table}.{column}) AS BIGINT), 0)"));
    }

    private sealed record TenantWork(int Count, double Sound, StageSeconds Work);
}
