using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Web.Access;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// Which pages of other sites may use the API: those of the origins that the library allows. They come with a key and
/// never with what a browser remembers, so no answer allows credentials. A preflight has no key yet: it is told what
/// any library allows, and what follows it what its own does.
/// </summary>
internal sealed class CorsOrigins(SiteSettings settings, IDbContextFactory<CatalogueDb> catalogue) : ICorsPolicyProvider
{
    private static readonly object Allowed = new();

    private readonly HashSet<string> allowed = new(settings.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether a request that changes something may come from a page of another site: only without anything that a
    /// browser would have added by itself.
    /// </summary>
    public static bool AllowsChange(HttpContext context) =>
        context.Request.Headers.Cookie.Count == 0 && context.Items.ContainsKey(Allowed);

    public async Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName)
    {
        var isAllowed = context.Request.Headers.Origin is [{ } origin] && await AllowsAsync(context, origin);
        if (isAllowed) context.Items[Allowed] = true;
        var policy = new CorsPolicyBuilder()
            .SetIsOriginAllowed(_ => isAllowed)
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders(
                "Authorization", AccessHandler.KeyHeader, "Content-Type", "Accept", "If-Match", "If-None-Match",
                "If-Range", "Range", "Idempotency-Key")
            .WithExposedHeaders(
                "ETag", "Location", "Content-Disposition", "Content-Range", "Retry-After", "RateLimit",
                "RateLimit-Policy")
            .SetPreflightMaxAge(PreflightAge);
        return policy.Build();
    }

    private async Task<bool> AllowsAsync(HttpContext context, string origin)
    {
        if (allowed.Contains(origin)) return true;
        var tenant = context.User.TenantName();
        await using var db = await catalogue.CreateDbContextAsync(context.RequestAborted);
        var origins = await db.Tenants.AsNoTracking().Where(t => tenant == null || t.Name == tenant)
            .Select(t => t.AllowedOrigins).ToListAsync(context.RequestAborted);
        return origins.Any(some => some.Contains(origin, StringComparer.OrdinalIgnoreCase));
    }
}

/// <summary>Pages of other sites, in the site's services and its pipeline.</summary>
internal static class CorsOriginsServices
{
    /// <summary>Adds the origins that libraries allow.</summary>
    public static void AddCorsOrigins(this IServiceCollection services)
    {
        services.AddCors();
        services.AddSingleton<ICorsPolicyProvider, CorsOrigins>();
    }

    /// <summary>Answers preflights, which come before anybody has said who it is.</summary>
    public static void UsePreflights(this WebApplication app) => app.UseWhen(
        context => IsApi(context) && HttpMethods.IsOptions(context.Request.Method)
            && context.Request.Headers.AccessControlRequestMethod.Count > 0,
        preflights => preflights.UseCors());

    /// <summary>Tells browsers which pages may see an answer; who asks must be known by now.</summary>
    public static void UseCorsOrigins(this WebApplication app) => app.UseWhen(IsApi, api => api.UseCors());

    private static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/v1");
}
