using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>Whether a service that the worker depends on can be used: the storage, or the database.</summary>
/// <param name="name">What is told to the operator.</param>
/// <param name="isOutage">Whether a failure says that it is away.</param>
/// <param name="tryAsync">Uses it once.</param>
/// <param name="time">As for every part.</param>
/// <param name="log">As for every part.</param>
internal sealed class ServiceHealth(
    string name, Func<Exception, bool> isOutage, Func<CancellationToken, Task> tryAsync, TimeProvider time, ILogger log)
    : MachinePart(name, time, log)
{
    /// <summary>Whether the catalogue's database can be written.</summary>
    public static ServiceHealth Database(
        IDbContextFactory<CatalogueDb> catalogue, TimeProvider time, ILogger log) => new(
        "The database", Outage.IsCatalogue,
        async cancel =>
        {
            // Changes nothing, but needs the right and the room to write.
            await using var db = catalogue.CreateDbContext();
            await db.Jobs.Where(job => job.Id < 0).ExecuteUpdateAsync(
                set => set.SetProperty(job => job.Fence, 0), cancel);
        },
        time, log);

    /// <summary>Whether the tracks and the queue of tracks can be reached.</summary>
    public static ServiceHealth Storage(MusicStorage storage, TimeProvider time, ILogger log) => new(
        "The storage", Outage.IsStorage,
        async cancel =>
        {
            await storage.Analysis.GetPropertiesAsync(cancel);
            await storage.Tracks.GetPropertiesAsync(cancellationToken: cancel);
        },
        time, log);

    public override Task<bool> IsToBlameAsync(Exception failure)
    {
        var isToBlame = isOutage(failure);
        if (isToBlame) Note(Outage.FirstLine(failure));
        return Task.FromResult(isToBlame);
    }

    protected override async Task<string?> FindProblemAsync(CancellationToken cancel)
    {
        try
        {
            await tryAsync(cancel);
            return null;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return Outage.FirstLine(e);
        }
    }
}
