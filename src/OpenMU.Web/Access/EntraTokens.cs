using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Access;

/// <summary>
/// The other way for programs: a token that Entra gives an application for its own secret or certificate (client
/// credentials). A token that an application has for a person is not taken: people sign in before the site.
/// </summary>
internal static class EntraTokens
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "Entra";

    /// <summary>
    /// Whether a request brings such a token, where the settings name who gives them. The platform's own word for it
    /// counts for nothing then: it does not know whose application it is.
    /// </summary>
    public static bool Has(HttpRequest request, SiteSettings settings) =>
        settings.EntraAuthority is not null && AccessHandler.Sent(request) is { } sent
        && !sent.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) && sent.Count(c => c == '.') == 2;

    /// <summary>Adds the scheme where the settings name who gives tokens.</summary>
    public static void AddEntra(this AuthenticationBuilder authentication, SiteSettings settings)
    {
        if (settings.EntraAuthority is not { } authority) return;
        var applications = EntraApplications.Read(settings.EntraApplications)!;
        authentication.AddJwtBearer(SchemeName, jwt =>
        {
            jwt.Authority = authority;
            jwt.Audience = settings.EntraAudience;
            // Keys that come over a network come by TLS.
            jwt.RequireHttpsMetadata = !new Uri(authority).IsLoopback;
            jwt.MapInboundClaims = false;
            jwt.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.RsaSha256];
            jwt.Events = new JwtBearerEvents
            {
                OnTokenValidated = async validated =>
                {
                    if (await OfAsync(validated.Principal!, applications, validated.HttpContext) is { } identity)
                        validated.Principal = new ClaimsPrincipal(identity);
                    else validated.Fail("This is no application that is known here.");
                },
            };
        });
    }

    private static async Task<ClaimsIdentity?> OfAsync(
        ClaimsPrincipal token, IReadOnlyDictionary<string, EntraApplication> applications, HttpContext context)
    {
        // Tokens of version 2 have azp, those of version 1 appid; scp only one that is for a person.
        var id = token.FindFirstValue("azp") ?? token.FindFirstValue("appid");
        if (id is null || token.FindFirst("scp") is not null) return null;
        if (!applications.TryGetValue(id, out var application)) return null;
        var tenants = context.RequestServices.GetRequiredService<TenantStore>();
        if (await tenants.FindAsync(application.Tenant, context.RequestAborted) is not { } tenant) return null;
        var isSuspended = tenant.SuspendedAt is not null;
        var identity = AccessClaims.Identity(
            SchemeName, application.Tenant, isSuspended ? ApiScopes.None : application.Scopes, $"application {id}", id);
        if (isSuspended) identity.AddClaim(new Claim(AccessClaims.Suspended, "true"));
        return identity;
    }
}
