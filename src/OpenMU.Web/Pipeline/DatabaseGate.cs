using System.Threading.RateLimiting;
using OpenMU.Web.Problems;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// Lets a bounded number of requests to the database, has a few wait, and answers the rest with 429. SQLite computes on
/// the thread that asks: without a bound, searches would take every thread, and with them the health checks' and the
/// renewals of the worker that lives in the same process at home. Exports, which take long, have a gate of their own.
/// </summary>
internal sealed class DatabaseGate : IMiddleware, IDisposable
{
    /// <summary>Requests whose questions the database works on at once.</summary>
    public static readonly int AtOnce = Math.Max(4, Environment.ProcessorCount);

    /// <summary>Requests that wait for their turn.</summary>
    public const int Waiting = 32;

    private const int ExportsAtOnce = 2, ExportsWaiting = 8;
    private const string RetryAfterSeconds = "1";

    private readonly ConcurrencyLimiter interactive = Limiter(AtOnce, Waiting);
    private readonly ConcurrencyLimiter exports = Limiter(ExportsAtOnce, ExportsWaiting);

    /// <summary>
    /// Gives the process a thread at once for everything that may hold one, and some to spare: it would otherwise add
    /// them one by one, half a second each.
    /// </summary>
    public static void ReserveThreads()
    {
        ThreadPool.GetMinThreads(out var threads, out var ports);
        ThreadPool.SetMinThreads(Math.Max(threads, (2 * Environment.ProcessorCount) + AtOnce + ExportsAtOnce), ports);
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (!context.Request.Path.StartsWithSegments("/v1") || metadata?.GetMetadata<PassesTheGate>() is not null)
        {
            await next(context);
            return;
        }

        var gate = metadata?.GetMetadata<TakesItsTime>() is null ? interactive : exports;
        using var lease = await gate.AcquireAsync(1, context.RequestAborted);
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }

        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        await ProblemType.Busy.Answer(
            "The catalogue has more requests at once than it can answer: send this one again in a second.")
            .ExecuteAsync(context);
    }

    public void Dispose()
    {
        interactive.Dispose();
        exports.Dispose();
    }

    private static ConcurrencyLimiter Limiter(int atOnce, int waiting) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = atOnce,
        QueueLimit = waiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });
}

/// <summary>
/// Marks an endpoint that asks the database next to nothing, and whose bytes come and go as slowly as its client likes.
/// </summary>
internal sealed class PassesTheGate;
