using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenMU.Mir.Audio;

namespace OpenMU.Worker;

/// <summary>
/// Whether this machine can decode at all. A worker takes no message before a sound of its own making was decoded,
/// and none after a decoder failed for the machine's sake until that works again: one bad image must not use up the
/// tries of a whole library.
/// </summary>
/// <param name="limits">As files are decoded.</param>
/// <param name="time">Tells how long to wait between two checks.</param>
/// <param name="log">Told once when the decoder fails and once when it works again.</param>
public sealed class DecoderHealth(DecodeLimits limits, TimeProvider time, ILogger log) : IHealthCheck, IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2), LongestPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile bool isProved;
    private volatile string? problem;

    /// <summary>
    /// Comes back when the decoder works, at once where it was proved before and has not failed since.
    /// </summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        for (var pause = FirstPause; !isProved; pause = 2 * pause < LongestPause ? 2 * pause : LongestPause)
        {
            if (await ProveAsync(cancel)) return;
            await Task.Delay(pause, time, cancel);
        }
    }

    /// <summary>After a decoder failed: decodes a sound of our own making.</summary>
    /// <returns>False if that fails too, so that the machine is at fault.</returns>
    public async Task<bool> ProveAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            var found = await DecoderCheck.FindProblemAsync(limits, cancel);
            if (found is not null && problem is null)
                log.LogError("This machine cannot decode; no work is taken until it can: {Problem}", found);
            if (found is null && problem is not null) log.LogInformation("This machine decodes again");
            problem = found;
            isProved = found is null;
            return isProved;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    /// <summary>For probes: unhealthy while the last check failed.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(problem is { } found ? HealthCheckResult.Unhealthy(found) : HealthCheckResult.Healthy());
}
