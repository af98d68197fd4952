using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Cli.Drills;

/// <summary>
/// Watches a catalogue from the outside while it is worked on, and in the end says what is wrong with it: every file
/// must have one track, one job and one end, which is its truth, and one analysis that was stored once.
/// </summary>
/// <param name="path">The catalogue's SQLite file, which need not exist yet.</param>
internal sealed class DrillBooks(string path)
{
    private readonly CatalogueDbFactory catalogue = CatalogueDbFactory.ForFile(path);
    private readonly Dictionary<long, DateTime> analysed = [];
    private readonly HashSet<long> madeAgain = [];

    /// <summary>How many jobs had ended at the last look.</summary>
    public int Ended { get; private set; }

    /// <summary>How many jobs a worker held at the last look.</summary>
    public int InFlight { get; private set; }

    /// <summary>Notes what is there now; what cannot be read at the moment is left for the next look.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        if (!File.Exists(path)) return;
        try
        {
            await using var db = catalogue.CreateDbContext();
            Ended = await db.Jobs.CountAsync(
                job => job.State == JobState.Ready || job.State == JobState.Rejected || job.State == JobState.Failed,
                cancel);
            InFlight = await db.Jobs.CountAsync(job => job.State == JobState.Analysing, cancel);
            var found = db.Analyses.Select(analysis => new { analysis.JobId, analysis.AnalysedAt });
            await foreach (var analysis in found.AsAsyncEnumerable().WithCancellation(cancel))
            {
                if (!analysed.TryAdd(analysis.JobId, analysis.AnalysedAt)
                    && analysed[analysis.JobId] != analysis.AnalysedAt)
                {
                    madeAgain.Add(analysis.JobId);
                }
            }
        }
        catch (SqliteException)
        {
            // Its tables are being made, or its writer has just been killed.
        }
    }

    /// <summary>Takes a last look and says all that is wrong.</summary>
    /// <param name="files">What should be there.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<DrillFinding>> CloseAsync(
        IReadOnlyList<DrillFile> files, CancellationToken cancel)
    {
        await LookAsync(cancel);
        if (!File.Exists(path)) return [.. files.Select(file => Lost(file.Name, "there is no catalogue"))];
        await using var db = catalogue.CreateDbContext();
        var tracks = await db.Tracks.AsNoTracking().Include(track => track.Job).ThenInclude(job => job.Analysis)
            .ToListAsync(cancel);
        var jobs = await db.Jobs.AsNoTracking().ToListAsync(cancel);
        var byName = tracks.ToLookup(track => track.FileName);
        var known = files.Select(file => file.Name).ToHashSet();
        var used = tracks.Select(track => track.JobId).ToHashSet();
        return
        [
            .. files.SelectMany(file => OfFile(file, [.. byName[file.Name]])),
            .. tracks.Where(track => !known.Contains(track.FileName))
                .Select(track => Doubled(track.FileName, "is a track that no file stands for")),
            .. jobs.Where(job => !used.Contains(job.Id))
                .Select(job => Doubled($"job {job.Id}", $"is {job.State} and belongs to no track")),
            .. jobs.GroupBy(job => (job.Kind, job.ContentId)).Where(same => same.Count() > 1)
                .Select(same => Doubled(same.Key.ContentId, $"has {same.Count()} jobs")),
        ];
    }

    private IEnumerable<DrillFinding> OfFile(DrillFile file, IReadOnlyList<Track> tracks)
    {
        if (tracks.Count == 0) return [Lost(file.Name, "has no track")];
        if (tracks.Count > 1) return [Doubled(file.Name, $"has {tracks.Count} tracks")];
        var job = tracks[0].Job;
        if (job.State is JobState.Queued or JobState.Analysing)
            return [Lost(file.Name, $"is still {job.State} after {job.Attempts} tries: {job.Reason}")];
        return Wrongs(file, job).Select(what => new DrillFinding(DrillWrong.WronglyEnded, file.Name, what))
            .Concat(madeAgain.Contains(job.Id) ? [Doubled(file.Name, "was analysed a second time")] : []);
    }

    private static IEnumerable<string> Wrongs(DrillFile file, Job job)
    {
        if (job.State != file.Truth) yield return $"is {job.State} and should be {file.Truth}: {job.Reason}";
        else if (job.State == JobState.Failed && job.Attempts != file.MostTries)
            yield return $"failed after {job.Attempts} tries and should have had {file.MostTries}";
        else if (job.Attempts > file.MostTries)
            yield return $"was charged {job.Attempts} tries and should have been charged {file.MostTries}";
        if (job.State == JobState.Ready != job.Analysis is not null)
            yield return job.Analysis is null ? "has no analysis" : $"is {job.State} and has an analysis";
    }

    private static DrillFinding Lost(string subject, string what) => new(DrillWrong.Lost, subject, what);

    private static DrillFinding Doubled(string subject, string what) => new(DrillWrong.Doubled, subject, what);
}
