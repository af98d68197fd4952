using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>Whether the tracks and the queue of tracks can be reached.</summary>
internal sealed class StorageHealth(MusicStorage storage, TimeProvider time, ILogger log)
    : MachinePart("The storage", time, log)
{
    public override Task<bool> IsToBlameAsync(Exception failure)
    {
        var isToBlame = Outage.IsStorage(failure);
        if (isToBlame) Note(Outage.FirstLine(failure));
        return Task.FromResult(isToBlame);
    }

    protected override async Task<string?> FindProblemAsync(CancellationToken cancel)
    {
        try
        {
            await storage.Analysis.GetPropertiesAsync(cancel);
            await storage.Tracks.GetPropertiesAsync(cancellationToken: cancel);
            return null;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return Outage.FirstLine(e);
        }
    }
}
