using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Access;

/// <summary>
/// Says who sends a request: a key, a person whom the platform has signed in, or, on a site that answers on its own
/// machine only, whoever sits there.
/// </summary>
internal sealed class AccessHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, ApiKeyStore keys,
    SiteSettings settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "OpenMU";

    /// <summary>
    /// A header for keys alone: where the platform signs people in, it looks at Authorization before the site does.
    /// </summary>
    public const string KeyHeader = "X-Api-Key";

    // The platform puts these into requests of whom it has signed in, and takes those of others out.
    private const string SignedInName = "X-MS-CLIENT-PRINCIPAL-NAME", SignedIn = "X-MS-CLIENT-PRINCIPAL";

    private const string OperatorsRole = "Admin";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var sent = Sent(Request);
        if (sent?.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) == true) return await OfKeyAsync(sent);
        if (Person() is { } person) return Found(person);
        if (sent is not null) return AuthenticateResult.Fail("This is no key.");
        return settings.IsLoopback
            ? Found(AccessClaims.Identity(SchemeName, settings.Tenant, ApiScopes.All, name: null))
            : AuthenticateResult.NoResult();
    }

    /// <summary>
    /// What a client sends to say who it is: in the header for keys; after Bearer; or as the password after Basic,
    /// which is how browsers ask people for a key.
    /// </summary>
    public static string? Sent(HttpRequest request)
    {
        if (request.Headers[KeyHeader].ToString().Trim() is { Length: > 0 } key) return key;
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0) return null;
        if (!AuthenticationHeaderValue.TryParse(header, out var value)) return header;
        return value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            ? Password(value.Parameter)
            : value.Parameter ?? header;
    }

    private async Task<AuthenticateResult> OfKeyAsync(string text)
    {
        if (await keys.FindAsync(text, Context.RequestAborted) is not { } found)
            return AuthenticateResult.Fail("This is no key.");
        var identity = AccessClaims.Identity(
            SchemeName, found.Key.Tenant, found.IsSuspended ? ApiScopes.None : found.Key.Scopes, found.Key.Label,
            found.Key.PublicId);
        if (found.IsSuspended) identity.AddClaim(new Claim(AccessClaims.Suspended, "true"));
        return Found(identity);
    }

    private ClaimsIdentity? Person()
    {
        var name = Request.Headers[SignedInName].ToString().Trim();
        if (settings.SignIn != SiteSignIn.Platform || name.Length == 0) return null;
        var scopes = ApiScopes.Read | ApiScopes.Submit | ApiScopes.Correct;
        if (IsOperator(Request.Headers[SignedIn].ToString())) scopes |= ApiScopes.Admin;
        return AccessClaims.Identity(SchemeName, settings.Tenant, scopes, name);
    }

    // Base64 of {"claims":[{"typ":"roles","val":"Admin"}]}.
    private static bool IsOperator(string principal)
    {
        try
        {
            using var read = JsonDocument.Parse(Convert.FromBase64String(principal));
            return read.RootElement.GetProperty("claims").EnumerateArray().Any(claim =>
                claim.GetProperty("typ").GetString() is "roles" or ClaimTypes.Role
                && claim.GetProperty("val").GetString() == OperatorsRole);
        }
        catch (Exception e)
            when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string? Password(string? parameter)
    {
        var bytes = new byte[parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(parameter ?? "", bytes, out var length)) return parameter;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text[(text.IndexOf(':') + 1)..];
    }

    private static AuthenticateResult Found(ClaimsIdentity identity) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
}
