using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace OpenMU.Web;

/// <summary>What the OpenAPI document at <c>/openapi/v1.json</c> says beyond what the routes say themselves.</summary>
internal static class ApiDocument
{
    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) => Introduce(document));
        options.AddOperationTransformer((operation, _, _) => SpellParameters(operation));
    }

    private static Task Introduce(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "OpenMU catalogue",
            Version = "v1",
            Description = "Search a music catalogue by how it sounds, upload tracks, listen, export. Errors are "
                + "problem details after RFC 9457.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        return Task.CompletedTask;
    }

    // Parameters that come as properties are spelled as properties; in an address, and in the
    // page's links, they are not.
    private static Task SpellParameters(OpenApiOperation operation)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name is { Length: > 0 } name) parameter.Name = char.ToLowerInvariant(name[0]) + name[1..];
        }

        return Task.CompletedTask;
    }
}
