using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace OpenMU.Web.Document;

/// <summary>
/// Examples of every operation's request and answer, from the file <c>ApiExamples.json</c>: by the operation's id,
/// <c>request</c> and <c>answer</c>; by the parameter's name, <c>parameters</c>.
/// </summary>
internal static class ApiExamples
{
    private static readonly JsonObject All = Read();

    /// <summary>Puts the examples where they belong.</summary>
    public static void Describe(OpenApiDocument document)
    {
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations ?? [])
            .Select(operation => operation.Value))
        {
            var example = All["operations"]![operation.OperationId ?? ""];
            Show(operation.RequestBody?.Content, example?["request"]);
            foreach (var (status, response) in operation.Responses ?? [])
            {
                if (status.StartsWith('2')) Show(response.Content, example?["answer"]);
            }

            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            {
                if (All["parameters"]![parameter.Name ?? ""] is { } value) parameter.Example = value.DeepClone();
            }
        }
    }

    private static void Show(IDictionary<string, OpenApiMediaType>? contents, JsonNode? example)
    {
        if (example is null) return;
        foreach (var content in contents?.Values ?? []) content.Example = example.DeepClone();
    }

    private static JsonObject Read()
    {
        using var file = typeof(ApiExamples).Assembly.GetManifestResourceStream("OpenMU.Web.ApiExamples.json")!;
        return JsonNode.Parse(file)!.AsObject();
    }
}
