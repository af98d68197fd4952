using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Worker;

/// <summary>What was found out about a job's content before, by this job or by those of other models.</summary>
internal sealed class EarlierAnalyses(IDbContextFactory<CatalogueDb> catalogue)
{
    // As many models are remembered of a content.
    private const int AtMost = 4;

    /// <summary>The analyses, the latest first; none where the job is to find everything anew.</summary>
    public async Task<IReadOnlyList<Analysis>> OfAsync(JobClaim claim, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var analyses =
            from job in db.Jobs
            from other in db.Jobs
            join analysis in db.Analyses on other.Id equals analysis.JobId
            where job.Id == claim.JobId && !job.IsFromScratch && other.Tenant == job.Tenant
                && other.ContentId == job.ContentId && other.Kind == job.Kind
            select analysis;
        return await analyses.OrderByDescending(a => a.AnalysedAt).Take(AtMost)
            .Include(a => a.Lyrics).Include(a => a.Embedding).AsNoTracking().ToListAsync(cancel);
    }

    /// <summary>Whether a job has an analysis already.</summary>
    public async Task<bool> HasOneAsync(long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Analyses.AnyAsync(a => a.JobId == jobId, cancel);
    }
}

/// <summary>What of earlier analyses the present tools and the present model would find again.</summary>
/// <param name="Measured">An analysis by the same tools; null where there is none.</param>
/// <param name="Written">An analysis by the same model; null where there is none, or no model.</param>
internal sealed record ReusableFindings(Analysis? Measured, Analysis? Written)
{
    /// <summary>Nothing can be taken over.</summary>
    public bool IsNothing => Measured is null && Written is null;
}
