using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OpenMU.Web.Document;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>
/// What the OpenAPI document at <c>/openapi/v1.json</c> says beyond what the routes say themselves: enough for a
/// generator of clients to know every field, type and answer.
/// </summary>
internal static class ApiDocument
{
    private static readonly string[] NamesOfBytes = [nameof(Stream), nameof(IFormFile)];

    public static void Describe(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) => Introduce(document));
        options.AddOperationTransformer((operation, _, _) => Complete(operation));
        options.AddOperationTransformer((operation, context, _) => IdempotencyKey.Describe(operation, context));
        options.AddOperationTransformer((operation, context, _) => ApiSecurity.Describe(operation, context));
        options.AddSchemaTransformer((schema, context, _) => Complete(schema, context));
    }

    private static Task Introduce(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "OpenMU catalogue",
            Version = "v1",
            Description = "Search a music catalogue by how it sounds, upload tracks, listen, ask, export. Errors are "
                + "problem details after RFC 9457. A query parameter or a body field that does not exist is an error "
                + "(400), and so is a number that is not spelled as 120.5. Answers have an ETag, and are compressed "
                + "where the client takes that (br, gzip). After 429 and 503 the same request may be sent again; "
                + "Retry-After says when.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        foreach (var path in document.Paths.Values)
        {
            foreach (var operation in path.Operations ?? []) SayBytes(operation.Value);
        }

        foreach (var name in NamesOfBytes) document.Components?.Schemas?.Remove(name);
        OptionalFields.Describe(document);
        ApiSecurity.Describe(document);
        ApiProblems.Describe(document);
        ApiExamples.Describe(document);
        return Task.CompletedTask;
    }

    private static Task Complete(OpenApiOperation operation)
    {
        // Parameters that come as properties are spelled as properties; in an address, and in the
        // page's links, they are not.
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name is { Length: > 0 } name) parameter.Name = char.ToLowerInvariant(name[0]) + name[1..];
        }

        return Task.CompletedTask;
    }

    // The framework names bytes after types of its own; generators take them for bytes only where they have no name.
    private static void SayBytes(OpenApiOperation operation)
    {
        var contents = (operation.Responses ?? []).Values.Select(response => response.Content)
            .Append(operation.RequestBody?.Content);
        foreach (var content in contents.SelectMany(content => content?.Values ?? []))
        {
            if (content.Schema is OpenApiSchemaReference { Reference.Id: { } name } && NamesOfBytes.Contains(name))
                content.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        }
    }

    private static Task Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (schema.Enum is { Count: > 0 }) schema.Type ??= JsonSchemaType.String;
        if (!IsOurs(context.JsonTypeInfo.Type)) return Task.CompletedTask;

        // What we show may have more fields one day; what we are sent may not.
        if (context.ParameterDescription is null) schema.AdditionalPropertiesAllowed = true;
        OptionalFields.Note(schema, context.JsonTypeInfo);
        foreach (var field in context.JsonTypeInfo.Properties)
        {
            if (schema.Properties?.TryGetValue(field.Name, out var property) != true) continue;
            (schema.Required ??= new HashSet<string>()).Add(field.Name);
            if (!field.IsGetNullable && property is OpenApiSchema plain) plain.Type &= ~JsonSchemaType.Null;
        }

        return Task.CompletedTask;
    }

    private static bool IsOurs(Type type) =>
        type.Assembly.GetName().Name?.StartsWith("OpenMU.", StringComparison.Ordinal) == true;
}
