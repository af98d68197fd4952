using System.Security.Claims;
using OpenMU.Web.Access;

namespace OpenMU.Web.Limits;

/// <summary>
/// Whom a request is counted for: the key or the person that it is signed in as, else the address that it comes from.
/// What it only claims to be counts for nothing: a made-up key would bring a fresh budget each time.
/// </summary>
/// <param name="Name">One word for each.</param>
/// <param name="Tenant">The library.</param>
internal sealed record RequestClient(string Name, string Tenant)
{
    /// <summary>The client; null for one that is not counted: at home, on the machine itself, without a key.</summary>
    public static RequestClient? Of(HttpContext context)
    {
        var settings = context.RequestServices.GetRequiredService<SiteSettings>();
        var key = context.User.FindFirstValue(AccessClaims.Key);
        var person = context.User.Identity?.Name ?? "";
        var says = key is not null || person.Length > 0 || AccessHandler.Sent(context.Request) is not null;
        if (settings.IsLoopback && !says) return null;
        var name = key is not null ? $"key {key}"
            : person.Length > 0 ? $"person {person}"
            : $"address {context.Connection.RemoteIpAddress}";
        return new RequestClient(name, context.User.TenantName() ?? settings.Tenant);
    }
}
