using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Questions;

/// <summary>Which of a tenant's questions a list holds; null leaves a bound out.</summary>
/// <param name="State">Where they stand.</param>
/// <param name="Track">The track, alone or the first of several.</param>
/// <param name="Batch">The batch that they were asked in.</param>
/// <param name="AskedFrom">The earliest (UTC).</param>
/// <param name="AskedTo">Before when they were asked (UTC).</param>
public sealed record QuestionFilter(
    JobState? State = null, long? Track = null, long? Batch = null, DateTime? AskedFrom = null,
    DateTime? AskedTo = null);

/// <summary>A place in a list of questions: behind one that has been seen. The list goes on from there in the same time
/// wherever it lies.</summary>
/// <param name="AskedAt">UTC.</param>
/// <param name="JobId">Of the question's job.</param>
public sealed record QuestionCursor(DateTime AskedAt, long JobId)
{
    /// <summary>As addresses hold it; nobody need understand it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AskedAt.Ticks:x}-{JobId:x}");

    /// <summary>Null if a text is no cursor.</summary>
    public static QuestionCursor? TryParse(string? text) =>
        BatchCursor.TryParse(text) is { } two && two.Place <= DateTime.MaxValue.Ticks
            ? new QuestionCursor(new DateTime(two.Place, DateTimeKind.Utc), two.QuestionId)
            : null;
}

/// <summary>A tenant's questions, the latest first, a page at a time.</summary>
public sealed class QuestionList(IDbContextFactory<CatalogueDb> catalogue)
{
    /// <param name="tenant">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">Behind which; null for the first page.</param>
    /// <param name="atMost">How many.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The questions with their jobs and tracks.</returns>
    public async Task<IReadOnlyList<Question>> FindAsync(
        string tenant, QuestionFilter filter, QuestionCursor? after, int atMost, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var page = await Jobs(db, tenant, filter, after)
            .OrderByDescending(j => j.CreatedAt).ThenByDescending(j => j.Id).Take(atMost).Select(j => j.Id)
            .ToListAsync(cancel);
        if (page.Count == 0) return [];
        var questions = await db.Questions.AsNoTracking().Include(q => q.Job).Include(q => q.Selection)
            .Where(q => page.Contains(q.JobId) && q.Tenant == tenant).ToListAsync(cancel);
        return [.. questions.OrderByDescending(q => q.Job.CreatedAt).ThenByDescending(q => q.JobId)];
    }

    private static IQueryable<Job> Jobs(CatalogueDb db, string tenant, QuestionFilter filter, QuestionCursor? after)
    {
        // Of one track or batch there are some thousand at most; all others are read in the order of an index.
        var jobs = db.Jobs.Where(j => j.Kind == JobKind.Question && j.Tenant == tenant);
        if (filter.Batch is { } batch)
            jobs = jobs.Where(j => db.Questions.Where(q => q.BatchId == batch).Select(q => q.JobId).Contains(j.Id));
        if (filter.Track is { } track)
            jobs = jobs.Where(j => db.Questions.Where(q => q.TrackId == track).Select(q => q.JobId).Contains(j.Id));
        if (filter.State is { } state) jobs = jobs.Where(j => j.State == state);
        if (filter.AskedFrom is { } from) jobs = jobs.Where(j => j.CreatedAt >= from);
        if (filter.AskedTo is { } to) jobs = jobs.Where(j => j.CreatedAt < to);
        if (after is null) return jobs;
        var (at, id) = after;
        return jobs.Where(j => j.CreatedAt <= at && (j.CreatedAt < at || j.Id < id));
    }
}
