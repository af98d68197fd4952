using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;
using OpenMU.Mir.Audio;

namespace OpenMU.Worker;

/// <summary>
/// Whether this machine can do the work: it decodes, its disk has room, database and storage answer. A worker takes no
/// message while one of them is unwell, a job that failed for its sake has lost no try, and all goes on by itself.
/// </summary>
/// <param name="limits">As files are decoded.</param>
/// <param name="catalogue">The catalogue.</param>
/// <param name="storage">The storage account.</param>
/// <param name="options">Where downloads lie, and how much of them.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told what is unwell, and when it is well again.</param>
public sealed class MachineHealth(
    DecodeLimits limits, IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, WorkerOptions options,
    TimeProvider time, ILogger log) : IHealthCheck, IDisposable
{
    private readonly ServiceHealth database = ServiceHealth.Database(catalogue, time, log);
    private readonly ServiceHealth blobs = ServiceHealth.Storage(storage, time, log);

    /// <summary>What tells whether files can be decoded.</summary>
    internal MachinePart Decoder { get; init; } = new DecoderHealth(limits, time, log);

    internal WorkDisk Disk { get; } = WorkDisk.Of(options.TempFolder, options.DownloadBytes, time, log);

    private MachinePart[] Parts => [database, blobs, Disk, Decoder];

    /// <summary>Comes back when all is well, at once where nothing has failed.</summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        foreach (var part in Parts) await part.WaitAsync(cancel);
    }

    /// <summary>
    /// Whether a job failed for the machine's sake. If so, <see cref="WaitAsync"/> waits from now on until it is well.
    /// </summary>
    public async Task<bool> IsToBlameAsync(Exception failure)
    {
        foreach (var part in Parts)
        {
            if (await part.IsToBlameAsync(failure)) return true;
        }

        return false;
    }

    /// <summary>For probes: unhealthy while something is unwell.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = string.Join(' ', Parts.Select(part => part.Problem).OfType<string>());
        return Task.FromResult(
            problems.Length > 0 ? HealthCheckResult.Unhealthy(problems) : HealthCheckResult.Healthy());
    }

    public void Dispose()
    {
        foreach (var part in Parts) part.Dispose();
    }
}
