using System.Security.Claims;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Access;

/// <summary>What is known of who sends a request, as claims.</summary>
internal static class AccessClaims
{
    /// <summary>The library that the request is for.</summary>
    public const string Tenant = "openmu:tenant";

    /// <summary>One for each scope.</summary>
    public const string Scope = "openmu:scope";

    /// <summary>The public id of the key, or the id of the application.</summary>
    public const string Key = "openmu:key";

    /// <summary>Its tenant is suspended.</summary>
    public const string Suspended = "openmu:suspended";

    /// <summary>An identity.</summary>
    /// <param name="scheme">How it was found.</param>
    /// <param name="tenant">Whose library.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="name">For histories; null where nobody says who it is.</param>
    /// <param name="key">By which key or application; null for people.</param>
    public static ClaimsIdentity Identity(
        string scheme, string tenant, ApiScopes scopes, string? name, string? key = null)
    {
        var identity = new ClaimsIdentity([new Claim(Tenant, tenant)], scheme, ClaimTypes.Name, ClaimTypes.Role);
        foreach (var scope in Enum.GetValues<ApiScopes>().Where(one => int.IsPow2((int)one) && scopes.HasFlag(one)))
            identity.AddClaim(new Claim(Scope, $"{scope}"));
        if (name is not null) identity.AddClaim(new Claim(ClaimTypes.Name, name));
        if (key is not null) identity.AddClaim(new Claim(Key, key));
        return identity;
    }

    /// <summary>The tenant; null where nobody has said who he is.</summary>
    public static string? TenantName(this ClaimsPrincipal caller) => caller.FindFirstValue(Tenant);

    /// <summary>Whether the caller may do what needs a scope.</summary>
    public static bool Has(this ClaimsPrincipal caller, ApiScopes scope) => caller.HasClaim(Scope, $"{scope}");
}
