using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace OpenMU.Worker;

/// <summary>
/// What only a new process cures: a device that fails every call after the first failure, a job that cannot be ended.
/// Once broken, always broken: the worker gives back what it holds and the process ends.
/// </summary>
/// <param name="log">Told once.</param>
public sealed class ProcessHealth(ILogger log) : IHealthCheck, IDisposable
{
    private readonly CancellationTokenSource broken = new();
    private string? problem;

    /// <summary>Cancelled when only a new process helps.</summary>
    public CancellationToken Broken => broken.Token;

    /// <summary>Why only a new process helps, in one line; null while all is well.</summary>
    public string? Problem => Volatile.Read(ref problem);

    /// <summary>A job cannot be ended: perhaps the process cannot either.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>The device computed well when the process began.</summary>
    public bool IsDeviceProved { get; internal set; }

    /// <summary>From now on only a new process helps.</summary>
    public async Task BreakAsync(string why, bool isStuck = false)
    {
        IsStuck |= isStuck;
        if (Interlocked.CompareExchange(ref problem, why, null) is not null) return;
        log.LogCritical("Only a new process helps: {Problem}", why);
        await broken.CancelAsync();
    }

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Problem is { } why ? HealthCheckResult.Unhealthy(why) : HealthCheckResult.Healthy());

    public void Dispose() => broken.Dispose();
}

/// <summary>The worker cannot go on in this process; the message is one line for the operator.</summary>
public sealed class ProcessBrokenException(string problem) : InvalidOperationException(problem);
