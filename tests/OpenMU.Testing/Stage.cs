using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Testing;

/// <summary>What one test plays on: emptied storage and a new, migrated catalogue on disk.</summary>
public sealed class Stage : IAsyncDisposable
{
    private Stage(string connectionString)
    {
        ConnectionString = connectionString;
        Storage = MusicStorage.FromConnectionString(connectionString);
        Catalogue = CatalogueDbFactory.ForFile(CataloguePath);
    }

    /// <summary>Those whose files are taken in, beside <see cref="TrackBlob.DefaultTenant"/>.</summary>
    public static string[] Tenants { get; } = ["home", "acme", "other"];

    public string ConnectionString { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("openmu-stage-").FullName;

    public string CataloguePath => Path.Combine(Folder, "catalogue.db");

    public MusicStorage Storage { get; }

    public CatalogueDbFactory Catalogue { get; }

    public JobQueues Jobs => new(Catalogue, Storage, TimeProvider.System);

    public JobLedger Ledger => Jobs.Analyses.Ledger;

    public JobQueue Messages => Jobs.Analyses;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<Stage> SetAsync(Emulator emulator) => SetAsync(emulator.ConnectionString);

    /// <param name="connectionString">Of an emulator of the test's own.</param>
    public static async Task<Stage> SetAsync(string connectionString)
    {
        var stage = new Stage(connectionString);
        await stage.Storage.CreateIfMissingAsync(Cancel);
        await foreach (var blob in stage.Storage.Tracks.GetBlobsAsync(cancellationToken: Cancel))
            await stage.Storage.Tracks.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: Cancel);
        await stage.Storage.Analysis.ClearMessagesAsync(Cancel);
        await stage.Storage.AnalysisPoison.ClearMessagesAsync(Cancel);
        await stage.Storage.Questions.ClearMessagesAsync(Cancel);
        await stage.Storage.QuestionsPoison.ClearMessagesAsync(Cancel);
        await stage.Storage.Removals.ClearMessagesAsync(Cancel);
        await stage.Storage.Uploads.ClearMessagesAsync(Cancel);
        await stage.Catalogue.MigrateAsync(Cancel);
        await using var db = stage.Catalogue.CreateDbContext();
        db.Tenants.AddRange(Tenants.Select(name => new Tenant { Name = name }));
        await db.SaveChangesAsync(Cancel);
        return stage;
    }

    public async Task<string> UploadAsync(string name, byte[] bytes, string? path = null)
    {
        var metadata = path is null
            ? null
            : new Dictionary<string, string> { [TrackBlob.PathMetadata] = Uri.EscapeDataString(path) };
        BlobContentInfo info = await Storage.Tracks.GetBlobClient(name)
            .UploadAsync(new BinaryData(bytes), new BlobUploadOptions { Metadata = metadata }, Cancel);
        return info.ETag.ToString("H");
    }

    /// <summary>Uploads a blob and stores a track with its job, as ingesting does; no message is sent.</summary>
    public async Task<long> AddTrackAsync(string name, byte[] bytes, string tenant = "home")
    {
        var etag = await UploadAsync(name, bytes);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await using var db = Catalogue.CreateDbContext();
        var job = new Job
        {
            Tenant = tenant,
            ContentId = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}",
            ModelVersion = "none",
            State = JobState.Queued,
            CreatedAt = now,
        };
        db.Add(new Track
        {
            Tenant = tenant,
            BlobName = name,
            ETag = etag,
            FileName = name,
            SizeBytes = bytes.Length,
            UploadedAt = now,
            Job = job
        });
        await db.SaveChangesAsync(Cancel);
        return job.Id;
    }

    public async Task<List<Track>> TracksAsync()
    {
        await using var db = Catalogue.CreateDbContext();
        return await db.Tracks.AsNoTracking().Include(t => t.Job.Analysis).OrderBy(t => t.BlobName)
            .TagWith(QueryLog.OfTest).ToListAsync(Cancel);
    }

    public async Task<List<Job>> JobsAsync()
    {
        await using var db = Catalogue.CreateDbContext();
        return await db.Jobs.AsNoTracking().Include(j => j.Analysis).OrderBy(j => j.Id).TagWith(QueryLog.OfTest)
            .ToListAsync(Cancel);
    }

    public async Task<Job> JobAsync(long id) => (await JobsAsync()).Single(job => job.Id == id);

    /// <summary>
    /// Waits until the jobs look as wanted; ends with the test's failure after five minutes, so that a busy machine
    /// has its time.
    /// </summary>
    public async Task UntilAsync(Func<List<Job>, bool> wanted)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await JobsAsync() is var jobs && !wanted(jobs))
        {
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMinutes(5))
            {
                throw new TimeoutException("Still: "
                    + string.Join(", ", jobs.Select(job => $"{job.Id} {job.State} {job.Reason}")));
            }
            await Task.Delay(25, Cancel);
        }
    }

    /// <summary>Sends a job's message whether or not it has one, and notes nothing.</summary>
    public async Task SendAsync(long job) =>
        await Storage.Analysis.SendMessageAsync(JobQueue.Write(new JobMessage(job)), Cancel);

    /// <summary>Messages on a queue, hidden ones included.</summary>
    public static async Task<int> CountAsync(QueueClient queue)
    {
        QueueProperties properties = await queue.GetPropertiesAsync(Cancel);
        return properties.ApproximateMessagesCount;
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
