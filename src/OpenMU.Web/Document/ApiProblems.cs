using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using OpenMU.Catalogue.Access;
using OpenMU.Web.Problems;

namespace OpenMU.Web.Document;

/// <summary>What can go wrong, as the API's document has it.</summary>
internal static class ApiProblems
{
    private const string ContentType = "application/problem+json";
    private const string Plain = "ProblemDetails", WithErrors = "HttpValidationProblemDetails";

    // A parameter that does not exist is an error everywhere.
    private static readonly string[] OfEveryOperation = ["400", "401", "403"], OfEveryBody = ["413", "415"];

    private static readonly OpenApiHeader RetryAfter = new()
    {
        Description = "Seconds to wait before the same request is sent again.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
    };

    /// <summary>Gives each problem its kinds, and the document the list of all.</summary>
    public static void Describe(OpenApiDocument document)
    {
        (document.Extensions ??= new Dictionary<string, IOpenApiExtension>())["x-problem-types"] =
            new JsonNodeExtension(new JsonArray(
                [.. ProblemType.All.Select(type => new JsonObject
                {
                    ["type"] = type.Address,
                    ["status"] = type.Status,
                    ["title"] = type.Title,
                    ["description"] = type.Description,
                })]));
        foreach (var type in ProblemType.All)
        {
            document.AddComponent<IOpenApiExample>(
                type.Name, new OpenApiExample { Summary = type.Title, Value = Example(type) });
        }

        foreach (var name in (string[])[Plain, WithErrors])
            Complete((OpenApiSchema)document.Components!.Schemas![name]);
        foreach (var operation in document.Paths
            .Where(path => path.Key.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.Operations ?? []).Select(operation => operation.Value))
        {
            foreach (var status in OfEveryOperation) Add(operation, status);
            foreach (var status in operation.RequestBody is null ? [] : OfEveryBody) Add(operation, status);
            foreach (var (status, response) in operation.Responses ?? []) Describe(document, status, response);
        }
    }

    private static void Add(OpenApiOperation operation, string status) =>
        (operation.Responses ??= []).TryAdd(
            status,
            new OpenApiResponse
            {
                Description = ReasonPhrases.GetReasonPhrase(int.Parse(status, CultureInfo.InvariantCulture)),
            });

    // The framework's own fields are there already; these are added to every problem, or to some.
    private static void Complete(OpenApiSchema problem)
    {
        problem.AdditionalPropertiesAllowed = true;
        var fields = problem.Properties ??= new Dictionary<string, IOpenApiSchema>();
        fields["traceId"] = Text("Finds the request in the server's log.");
        fields["quota"] = Text($"Of quota-exceeded alone, what is used up: {string.Join(", ", Enum.GetNames<Quota>())}.");
        fields["signIn"] = Text("Of unauthenticated alone, where people sign in before the site: the address for it.");
    }

    private static OpenApiSchema Text(string what) => new() { Type = JsonSchemaType.String, Description = what };

    private static void Describe(OpenApiDocument document, string status, IOpenApiResponse response)
    {
        if (response is not OpenApiResponse failure || status[0] is not ('4' or '5')) return;
        if (status is "429" or "503")
            (failure.Headers ??= new Dictionary<string, IOpenApiHeader>())["Retry-After"] = RetryAfter;
        // What a route answers with a bare status is a problem too by the time that it is sent.
        failure.Content ??= new Dictionary<string, OpenApiMediaType>();
        if (!failure.Content.TryGetValue(ContentType, out var problem))
            failure.Content[ContentType] = problem = new OpenApiMediaType();
        // Wherever something is read, the mistakes may stand by their names.
        problem.Schema = new OpenApiSchemaReference(status == "400" ? WithErrors : Plain, document);

        var code = int.Parse(status, CultureInfo.InvariantCulture);
        var types = ProblemType.All.Where(type => type.Status == code).ToList();
        problem.Examples = types.ToDictionary(
            type => type.Name, type => (IOpenApiExample)new OpenApiExampleReference(type.Name, document));
    }

    private static JsonObject Example(ProblemType type)
    {
        var example = new JsonObject
        {
            ["type"] = type.Address,
            ["title"] = type.Title,
            ["status"] = type.Status,
        };
        if (type == ProblemType.InvalidRequest)
            example["errors"] = new JsonObject { ["pageSize"] = new JsonArray("A page holds 1 to 500 tracks.") };
        return example;
    }
}
