using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Simulation;

/// <summary>What was uploaded, what the catalogue says of it, and where the two do not agree.</summary>
/// <param name="Blobs">In the container at the end.</param>
/// <param name="Tracks">Rows, those of deleted files among them.</param>
/// <param name="Analyses">Stored.</param>
/// <param name="Questions">Stored.</param>
/// <param name="Answers">To them.</param>
/// <param name="Elapsed">Of the world's time.</param>
/// <param name="Events">That happened in it.</param>
/// <param name="Faults">What went wrong, and how often.</param>
/// <param name="SentAgain">Messages that were sent while the job had another.</param>
/// <param name="Wrong">What must not be, one line each; empty where the books are closed.</param>
public sealed record Books(
    int Blobs, int Tracks, int Analyses, int Questions, int Answers, TimeSpan Elapsed, long Events,
    IReadOnlyDictionary<string, int> Faults, int SentAgain, IReadOnlyList<string> Wrong)
{
    /// <summary>The queues that must be empty at the end.</summary>
    public static readonly string[] Queues =
    [
        StorageNames.Analysis, StorageNames.AnalysisPoison, StorageNames.Questions, StorageNames.QuestionsPoison,
        StorageNames.Removals, StorageNames.Uploads,
    ];

    // Each may cost a message more.
    private static readonly string[] Losses = [StorageAccount.LostSend, StorageQueue.Late];

    // Some are sent because the queue hands out younger ones first.
    private const double MostSentAgain = 0.05;

    /// <summary>Begins to note each analysis that is stored, and takes away what the database itself guards.</summary>
    internal static async Task OpenAsync(CatalogueDbFactory catalogue, Guard without)
    {
        await using var db = catalogue.CreateDbContext();
        await db.Database.ExecuteSqlRawAsync("""
            PRAGMA synchronous = OFF;
            CREATE TABLE Stored(JobId INTEGER NOT NULL);
            CREATE TRIGGER NoteStored AFTER INSERT ON Analyses BEGIN INSERT INTO Stored VALUES (new.JobId); END;
            """);
        await QuestionBooks.OpenAsync(db);
        if (without == Guard.Dedupe)
        {
            await db.Database.ExecuteSqlRawAsync("""
                DROP INDEX IX_Jobs_Tenant_ContentId_Kind_ModelVersion;
                CREATE INDEX IX_Jobs_Tenant_ContentId_Kind_ModelVersion ON Jobs (Tenant, ContentId, Kind, ModelVersion);
                """);
        }
    }

    internal static async Task<Books> CloseAsync(
        CatalogueDbFactory catalogue, StorageAccount account, Programs programs, Askers askers, Mischief mischief,
        VirtualWorld world)
    {
        await using var db = catalogue.CreateDbContext();
        var tracks = await db.Tracks.AsNoTracking().Include(t => t.Job.Analysis).ToListAsync();
        var jobs = await db.Jobs.AsNoTracking().Include(j => j.Analysis).Where(j => j.Kind == JobKind.Analysis)
            .ToListAsync();
        var questions = await QuestionBooks.CloseAsync(db, account, askers);
        var storedTwice = await db.Database.SqlQueryRaw<long>(
            "SELECT JobId AS Value FROM Stored GROUP BY JobId HAVING COUNT(*) > 1").ToListAsync();
        var again = account.Queue(StorageNames.Analysis).SentAgain + account.Queue(StorageNames.Questions).SentAgain;
        var excused = Losses.Sum(loss => mischief.Done.GetValueOrDefault(loss))
            + (MostSentAgain * (jobs.Count + questions.Asked));
        List<string> wrong =
        [
            .. OfBlobs(account, tracks, programs.Model),
            .. OfRows(account, tracks),
            .. OfJobs(jobs),
            .. questions.Wrong,
            .. storedTwice.Select(job => $"job {job}: its analysis was stored twice"),
            .. Queues.Where(name => account.Queue(name).Count > 0)
                .Select(name => $"queue {name}: {account.Queue(name).Count} messages are left"),
            .. programs.Failures.Select(failure => $"a handler threw {failure.Value} times: {failure.Key}"),
        ];
        if (again > excused) wrong.Add($"{again} messages were sent although their jobs had one");
        return new Books(
            account.Tracks.Count, tracks.Count, jobs.Count(job => job.Analysis is not null), questions.Asked,
            questions.Answered, world.Elapsed, world.Events, mischief.Done, again, wrong);
    }

    private static IEnumerable<string> OfBlobs(StorageAccount account, List<Track> tracks, string model)
    {
        var rows = tracks.ToLookup(track => track.BlobName);
        foreach (var (name, bytes) in account.Tracks.All)
        {
            var found = rows[name].ToList();
            if (found.Count != 1) yield return $"blob {name}: {found.Count} tracks";
            else if (Of(found[0], bytes, model) is { } wrong) yield return $"blob {name}: {wrong}";
        }
    }

    private static string? Of(Track track, byte[] bytes, string model)
    {
        var (text, job) = (Encoding.UTF8.GetString(bytes), track.Job);
        if (track.MissingSince is not null) return "its track is called missing";
        if (job.ContentId != $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}")
            return "its track has another content";
        if (text.StartsWith(SimulatedAnalyser.Noise, StringComparison.Ordinal))
            return job.State == JobState.Rejected ? null : $"no music, and {job.State}";
        if (text.StartsWith(SimulatedAnalyser.Poison, StringComparison.Ordinal))
            return job.State == JobState.Failed ? null : $"poison, and {job.State}";
        if (job.State != JobState.Ready) return $"music, and {job.State}: {job.Reason}";
        if (job.ModelVersion != model) return $"its analysis is by {job.ModelVersion}";
        return job.Analysis?.Caption == SimulatedAnalyser.Caption(text, model, job.Fence)
            ? null
            : $"claim {job.Fence} of its job is the latest, and what is stored is '{job.Analysis?.Caption}'";
    }

    private static IEnumerable<string> OfRows(StorageAccount account, List<Track> tracks) =>
        from track in tracks
        where track.MissingSince is null && account.Tracks.Find(track.BlobName) is null
        select $"track {track.Id}: there is no blob {track.BlobName}, and it is not called missing";

    private static IEnumerable<string> OfJobs(List<Job> jobs)
    {
        foreach (var job in jobs)
        {
            if (job.State is JobState.Queued or JobState.Analysing) yield return $"job {job.Id}: still {job.State}";
            if (job.State == JobState.Ready != job.Analysis is not null)
                yield return $"job {job.Id}: {job.State} with{(job.Analysis is null ? "out" : "")} an analysis";
        }

        foreach (var same in jobs.GroupBy(job => (job.Tenant, job.ContentId, job.Kind, job.ModelVersion)))
        {
            if (same.Count() > 1) yield return $"content {same.Key.ContentId}: {same.Count()} jobs";
        }
    }
}
