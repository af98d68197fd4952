using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OpenMU.Catalogue.Access;
using OpenMU.Web.Access;

namespace OpenMU.Web.Document;

/// <summary>How a client shows who it is, as the API's document has it.</summary>
internal static class ApiSecurity
{
    private const string Key = "key", KeyHeader = "keyHeader", Entra = "entra";

    /// <summary>What a key may be allowed to do.</summary>
    public static readonly IReadOnlyDictionary<string, string> Scopes = new Dictionary<string, string>
    {
        [nameof(ApiScopes.Read)] = "Search, listen, see answers, export.",
        [nameof(ApiScopes.Submit)] = "Upload tracks, ask questions.",
        [nameof(ApiScopes.Correct)] = "Correct, import, publish, delete, set webhooks up.",
        [nameof(ApiScopes.Admin)] = "Keys and the audit.",
    };

    /// <summary>Adds the schemes.</summary>
    public static void Describe(OpenApiDocument document)
    {
        document.AddComponent<IOpenApiSecurityScheme>(Key, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A key of the library, as Authorization: Bearer KEY. Its scopes are some of "
                + $"{string.Join(", ", Scopes.Keys)}. A site that is bound to loopback needs none.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(KeyHeader, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = AccessHandler.KeyHeader,
            Description = "The same key in a header of its own, for sites where people sign in before the site: there, "
                + "Authorization is looked at on the way.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(Entra, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.OAuth2,
            Description = "A token of Microsoft Entra ID for the application that the site is registered as, by client "
                + "credentials. {tenant} is the directory of the one who runs the site; the scope to ask for is the "
                + "application's address with /.default, and the site's settings say which of these an application has.",
            Flows = new OpenApiOAuthFlows
            {
                ClientCredentials = new OpenApiOAuthFlow
                {
                    TokenUrl = new Uri("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"),
                    Scopes = Scopes.ToDictionary(),
                },
            },
        });
    }

    /// <summary>Says of an operation that needs a scope that it takes any of them, or none at home.</summary>
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var scope = context.Description.ActionDescriptor.EndpointMetadata.OfType<RequiredScope>().LastOrDefault();
        if (scope is not null) operation.Security = Any(context.Document!, $"{scope.Scope}");
        return Task.CompletedTask;
    }

    // An empty requirement says that there are sites that ask for none.
    private static List<OpenApiSecurityRequirement> Any(OpenApiDocument document, string scope) =>
    [
        new() { [new OpenApiSecuritySchemeReference(Key, document)] = [] },
        new() { [new OpenApiSecuritySchemeReference(KeyHeader, document)] = [] },
        new() { [new OpenApiSecuritySchemeReference(Entra, document)] = [scope] },
        new(),
    ];
}
