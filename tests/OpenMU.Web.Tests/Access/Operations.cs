using System.Text;
using System.Text.Json;

namespace OpenMU.Web.Tests.Access;

/// <summary>Every operation of the API as its own document has it, so that a new one is among them by itself.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Parameters">Names of those in the path and of those of the query that are needed, with where they are.
/// </param>
/// <param name="Body">The kind of body that it takes; null where it takes none.</param>
/// <param name="Schema">Of the body.</param>
internal sealed record Operation(
    HttpMethod Method, string Path, IReadOnlyList<(string Name, string In, bool IsNumber)> Parameters, string? Body,
    JsonElement Schema)
{
    /// <summary>For people, such as <c>GET /v1/tracks/{id}</c>.</summary>
    public string Name => $"{Method} {Path}";

    /// <summary>A request with something in all that is needed.</summary>
    /// <param name="number">The number to put where a parameter or a body's field of that name takes one.</param>
    /// <param name="text">Likewise for texts.</param>
    /// <param name="body">The body, instead of one with next to nothing in it.</param>
    public HttpRequestMessage Request(
        Func<string, long> number, Func<string, string>? text = null, string? body = null)
    {
        string Value((string Name, string In, bool IsNumber) parameter) => Uri.EscapeDataString(
            parameter.IsNumber ? $"{number(parameter.Name)}" : text?.Invoke(parameter.Name) ?? "x");
        var path = Parameters.Where(parameter => parameter.In == "path").Aggregate(
            Path, (so, parameter) => so.Replace($"{{{parameter.Name}}}", Value(parameter), StringComparison.Ordinal));
        var query = string.Join('&', Parameters.Where(parameter => parameter.In == "query")
            .Select(parameter => $"{parameter.Name}={Value(parameter)}"));
        var request = new HttpRequestMessage(Method, query.Length == 0 ? path : $"{path}?{query}");
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        if (Body is not null) request.Content = new StringContent(body ?? "{}", Encoding.UTF8, Body);
        return request;
    }

    /// <summary>A value of the kind that a schema describes, with these numbers where numbers are asked for.</summary>
    public string Example(Func<string, long> number, JsonElement components) =>
        JsonSerializer.Serialize(Example("", Schema, number, components, depth: 0));

    private static object? Example(
        string name, JsonElement schema, Func<string, long> number, JsonElement components, int depth)
    {
        if (depth > 6) return null;
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var named = components.GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
            return Example(name, named, number, components, depth + 1);
        }

        foreach (var choice in (string[])["oneOf", "anyOf", "allOf"])
        {
            if (schema.TryGetProperty(choice, out var some))
                return Example(name, some.EnumerateArray().Last(), number, components, depth + 1);
        }

        if (schema.TryGetProperty("enum", out var names)) return names[0].GetString();
        var type = schema.TryGetProperty("type", out var kind)
            ? kind.ValueKind == JsonValueKind.Array ? kind[0].GetString() : kind.GetString()
            : "object";
        return type switch
        {
            "integer" or "number" => number(name),
            "boolean" => false,
            "string" => "x",
            "array" => schema.TryGetProperty("items", out var items)
                ? new[] { Example(name, items, number, components, depth + 1) }
                : [],
            _ => schema.TryGetProperty("properties", out var fields)
                ? fields.EnumerateObject().ToDictionary(
                    field => field.Name, field => Example(field.Name, field.Value, number, components, depth + 1))
                : new Dictionary<string, object?>(),
        };
    }
}

/// <summary>Reads them.</summary>
internal static class Operations
{
    /// <summary>All below /v1.</summary>
    public static async Task<IReadOnlyList<Operation>> ReadAsync(HttpClient client, CancellationToken cancel)
    {
        var document = await DocumentAsync(client, cancel);
        return
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
               where path.Name.StartsWith("/v1/", StringComparison.Ordinal)
               from operation in path.Value.EnumerateObject()
               select Of(path.Name, operation.Name, operation.Value),
        ];
    }

    /// <summary>The whole document.</summary>
    public static async Task<JsonElement> DocumentAsync(HttpClient client, CancellationToken cancel) =>
        JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json", cancel)).RootElement;

    private static Operation Of(string path, string method, JsonElement operation)
    {
        var parameters = operation.TryGetProperty("parameters", out var all)
            ? all.EnumerateArray().Where(one =>
                    one.GetProperty("in").GetString() == "path"
                    || (one.TryGetProperty("required", out var needed) && needed.GetBoolean()))
                .Select(one => (one.GetProperty("name").GetString()!, one.GetProperty("in").GetString()!,
                    one.GetProperty("schema").ToString().Contains("int", StringComparison.Ordinal)))
                .ToList()
            : [];
        var content = operation.TryGetProperty("requestBody", out var body) && body.TryGetProperty("content", out var kinds)
            ? kinds.EnumerateObject().First()
            : (JsonProperty?)null;
        return new Operation(
            HttpMethod.Parse(method.ToUpperInvariant()), path, parameters, content?.Name,
            content?.Value.TryGetProperty("schema", out var schema) == true ? schema : default);
    }
}
