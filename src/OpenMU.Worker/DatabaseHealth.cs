using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>Whether the catalogue's database can be written.</summary>
internal sealed class DatabaseHealth(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time, ILogger log)
    : MachinePart("The database", time, log)
{
    public override Task<bool> IsToBlameAsync(Exception failure)
    {
        var isToBlame = Outage.IsCatalogue(failure);
        if (isToBlame) Note(Outage.FirstLine(failure));
        return Task.FromResult(isToBlame);
    }

    protected override async Task<string?> FindProblemAsync(CancellationToken cancel)
    {
        try
        {
            // Changes nothing, but needs the right and the room to write.
            await using var db = catalogue.CreateDbContext();
            await db.Jobs.Where(job => job.Id < 0).ExecuteUpdateAsync(
                set => set.SetProperty(job => job.Fence, 0), cancel);
            return null;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return Outage.FirstLine(e);
        }
    }
}
