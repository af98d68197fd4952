using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Access;

/// <summary>
/// Which scope each endpoint needs. None can be forgotten: one that nothing is said of needs Read to be asked and
/// Correct for all else.
/// </summary>
internal static class EndpointScopes
{
    /// <summary>The parts of the API whose changes need another scope than Correct, by their tags.</summary>
    private static readonly Dictionary<string, ApiScopes> Changes = new()
    {
        ["Uploads"] = ApiScopes.Submit,
        ["Questions"] = ApiScopes.Submit,
    };

    /// <summary>The parts of the API that need a scope for reading too.</summary>
    private static readonly Dictionary<string, ApiScopes> All = new()
    {
        ["Keys"] = ApiScopes.Admin,
        ["Audit"] = ApiScopes.Admin,
    };

    /// <summary>The name of the policy that demands a scope.</summary>
    public static string Policy(ApiScopes scope) => $"scope:{scope}";

    /// <summary>Has every endpoint of a group demand its scope; see <see cref="RequiredScope"/>.</summary>
    public static RouteGroupBuilder RequireScopes(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            var scope = endpoint.Metadata.OfType<RequiredScope>().LastOrDefault()?.Scope ?? Of(endpoint.Metadata);
            endpoint.Metadata.Add(new RequiredScope(scope));
            endpoint.Metadata.Add(new AuthorizeAttribute(Policy(scope)));
        });
        return group;
    }

    private static ApiScopes Of(IList<object> metadata)
    {
        var tags = metadata.OfType<ITagsMetadata>().SelectMany(tags => tags.Tags).ToList();
        foreach (var tag in tags)
        {
            if (All.TryGetValue(tag, out var scope)) return scope;
        }

        if (metadata.OfType<HttpMethodMetadata>().LastOrDefault() is { HttpMethods: ["GET"] }) return ApiScopes.Read;
        return tags.Select(tag => Changes.GetValueOrDefault(tag, ApiScopes.Correct))
            .DefaultIfEmpty(ApiScopes.Correct).First();
    }
}

/// <summary>The scope that an endpoint needs.</summary>
internal sealed record RequiredScope(ApiScopes Scope);

/// <summary>Demands a scope of who sends a request.</summary>
internal sealed record ScopeRequirement(ApiScopes Scope) : IAuthorizationRequirement;
