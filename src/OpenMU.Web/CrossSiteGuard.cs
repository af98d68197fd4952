using OpenMU.Web.Pipeline;
using OpenMU.Web.Problems;

namespace OpenMU.Web;

/// <summary>
/// Refuses requests that change something when a page of another site sent them. Browsers say where a
/// request comes from (Sec-Fetch-Site, or Origin in older ones) and pages cannot forge it; other clients
/// send neither and are let through. So are the API's requests of pages that the library allows.
/// </summary>
internal sealed class CrossSiteGuard(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        IsSafe(context.Request)
        || (context.Request.Path.StartsWithSegments("/v1") && CorsOrigins.AllowsChange(context))
            ? next(context)
            : ProblemType.CrossSite.Answer("Requests from other sites are refused.").ExecuteAsync(context);

    private static bool IsSafe(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            || HttpMethods.IsOptions(request.Method))
        {
            return true;
        }
        if (request.Headers["Sec-Fetch-Site"] is [var site, ..]) return site is "same-origin" or "none";
        if (request.Headers.Origin is not [var origin, ..]) return true;
        return Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value;
    }
}
