using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;

namespace OpenMU.Web.Document;

/// <summary>
/// Every field of what we show is always there; of what we are sent, those may be left out that have a value without
/// being given one. Which of both a schema is, is known when the document is whole.
/// </summary>
internal static class OptionalFields
{
    private const string Noted = nameof(OptionalFields);

    /// <summary>Notes which fields may be left out where the schema is that of something sent.</summary>
    public static void Note(OpenApiSchema schema, JsonTypeInfo type)
    {
        var optional = type.Properties.Where(field => field.AssociatedParameter is { } parameter
            ? parameter.HasDefaultValue
            : field.Set is not null && !field.IsRequired);
        (schema.Metadata ??= new Dictionary<string, object>())[Noted] =
            optional.Select(field => field.Name).ToHashSet();
    }

    /// <summary>Lets the fields of requests be left out that may be.</summary>
    public static void Describe(OpenApiDocument document)
    {
        var (sent, shown) = (new HashSet<string>(), new HashSet<string>());
        foreach (var (_, operation) in document.Paths.Values.SelectMany(path => path.Operations ?? []))
        {
            Reach(operation.RequestBody?.Content, sent, document);
            foreach (var (_, response) in operation.Responses ?? []) Reach(response.Content, shown, document);
        }

        foreach (var name in sent.Except(shown))
        {
            if (document.Components?.Schemas?[name] is OpenApiSchema { Required: { } required, Metadata: { } notes }
                && notes.TryGetValue(Noted, out var optional))
            {
                required.ExceptWith((HashSet<string>)optional);
            }
        }
    }

    private static void Reach(
        IDictionary<string, OpenApiMediaType>? contents, HashSet<string> names, OpenApiDocument document)
    {
        foreach (var content in contents?.Values ?? []) Reach(content.Schema, names, document);
    }

    private static void Reach(IOpenApiSchema? schema, HashSet<string> names, OpenApiDocument document)
    {
        if (schema is OpenApiSchemaReference { Reference.Id: { } name })
        {
            if (names.Add(name) && document.Components?.Schemas?.TryGetValue(name, out var named) == true)
                Reach(named, names, document);
        }
        else if (schema is not null)
        {
            foreach (var (_, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
                Reach(property, names, document);
            foreach (var part in (schema.OneOf ?? []).Concat(schema.AnyOf ?? []).Concat(schema.AllOf ?? []))
                Reach(part, names, document);
            Reach(schema.Items, names, document);
            Reach(schema.AdditionalProperties, names, document);
        }
    }
}
