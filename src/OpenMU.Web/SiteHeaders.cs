namespace OpenMU.Web;

/// <summary>
/// Sets the headers that confine the page and everything the site sends: own scripts only, no frames, no sniffing, no
/// reading from other sites.
/// </summary>
internal sealed class SiteHeaders(RequestDelegate next, SiteSettings settings, SiteStorage storage)
{
    // Trusted types forbid innerHTML and its kin altogether: titles from strangers' files can only ever be text.
    private readonly string policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        + $"media-src 'self'; connect-src 'self'{Storage(settings, storage)}; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for "
        + "'script'; trusted-types 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        // On starting, because the exception handler clears what was set before it.
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
            if (context.Request.Path.StartsWithSegments("/v1") && headers.CacheControl.Count == 0)
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    }

    // Files go there, and nothing else does.
    private static string Storage(SiteSettings settings, SiteStorage storage) =>
        settings.DirectUpload ? $" {storage.Tracks.Uri.GetLeftPart(UriPartial.Authority)}" : "";
}
