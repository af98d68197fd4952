using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using OpenMU.Web.Pipeline;
using OpenMU.Web.Problems;

namespace OpenMU.Web.Limits;

/// <summary>
/// Bounds what one client and one library may ask: requests a minute, heavy ones a minute, and how many of both at
/// once. Tells every client where it stands in the headers of draft-ietf-httpapi-ratelimit-headers, before it is
/// refused.
/// </summary>
internal sealed class RateLimits : IDisposable
{
    private const int WindowSeconds = 60;

    private readonly Budget[] budgets;
    private readonly PartitionedRateLimiter<HttpContext> all;

    public RateLimits(RateLimitSettings settings)
    {
        budgets =
        [
            new("heavy", settings.HeavyRequestsPerMinute, HeavyClient),
            new("requests", settings.RequestsPerMinute, AnyClient),
            new("library", settings.TenantRequestsPerMinute, context => ClientOf(context)?.Tenant),
        ];
        // A place is given back, a spent request is not: so places come first.
        all = PartitionedRateLimiter.CreateChained(
            AtOnce(settings.ConcurrentHeavyRequests, HeavyClient), AtOnce(settings.ConcurrentRequests, AnyClient),
            budgets[0].Limiter, budgets[1].Limiter, budgets[2].Limiter);
    }

    /// <summary>Has the framework's middleware ask these limits.</summary>
    public void Configure(RateLimiterOptions options)
    {
        options.GlobalLimiter = all;
        options.OnRejected = async (rejected, _) =>
        {
            var context = rejected.HttpContext;
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : TimeSpan.Zero;
            context.Response.Headers.RetryAfter =
                Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            await ProblemType.RateLimited.Answer(wait == TimeSpan.Zero
                ? "More requests at once than one client may make: wait until one is answered."
                : "The budget of requests is spent: RateLimit says which, Retry-After when there is more.")
                .ExecuteAsync(context);
        };
    }

    /// <summary>Finds out whom the request is counted for, and tells it on the answer where it stands.</summary>
    public Task TellAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/v1") && RequestClient.Of(context) is { } client)
        {
            context.Items[typeof(RequestClient)] = client;
            context.Response.OnStarting(() =>
            {
                var counted = budgets.Where(budget => budget.Counts(context)).ToList();
                context.Response.Headers["RateLimit-Policy"] = string.Join(", ", counted.Select(one => one.Policy));
                context.Response.Headers["RateLimit"] = string.Join(", ", counted.Select(one => one.Standing(context)));
                return Task.CompletedTask;
            });
        }

        return next(context);
    }

    public void Dispose()
    {
        all.Dispose();
        foreach (var budget in budgets) budget.Limiter.Dispose();
    }

    private static RequestClient? ClientOf(HttpContext context) =>
        context.Items[typeof(RequestClient)] as RequestClient;

    private static string? AnyClient(HttpContext context) => ClientOf(context)?.Name;

    private static string? HeavyClient(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<TakesItsTime>() is not null || metadata.GetMetadata<IsHeavy>() is not null)
            ? AnyClient(context)
            : null;

    private static PartitionedRateLimiter<HttpContext> AtOnce(int count, Func<HttpContext, string?> keyOf) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context => keyOf(context) is { } key
            ? RateLimitPartition.GetConcurrencyLimiter(
                key, _ => new ConcurrencyLimiterOptions { PermitLimit = count, QueueLimit = 0 })
            : RateLimitPartition.GetNoLimiter(""));

    /// <summary>Requests in a minute, for each of those that are counted.</summary>
    private sealed class Budget(string name, int quota, Func<HttpContext, string?> keyOf)
    {
        public PartitionedRateLimiter<HttpContext> Limiter { get; } =
            PartitionedRateLimiter.Create<HttpContext, string>(context => keyOf(context) is { } key
                ? RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = quota,
                    TokensPerPeriod = 1,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(WindowSeconds) / quota,
                    QueueLimit = 0,
                })
                : RateLimitPartition.GetNoLimiter(""));

        public string Policy => string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={quota};w={WindowSeconds}");

        public bool Counts(HttpContext context) => keyOf(context) is not null;

        /// <summary>What is left, and the seconds until all is there again.</summary>
        public string Standing(HttpContext context)
        {
            var left = Limiter.GetStatistics(context)?.CurrentAvailablePermits ?? quota;
            var seconds = Math.Ceiling((quota - left) * WindowSeconds / (double)quota);
            return string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={left};t={seconds}");
        }
    }
}

/// <summary>Marks an endpoint that takes much of the machine, however short it is.</summary>
internal sealed class IsHeavy;
