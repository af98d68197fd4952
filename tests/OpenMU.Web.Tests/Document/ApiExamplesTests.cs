using System.Text.Json;
using NSwag;

namespace OpenMU.Web.Tests.Document;

public sealed class ApiExamplesTests(Site site)
{
    private static readonly string[] Shown =
    [
        "application/json", "application/jsonl", "application/xml", "application/merge-patch+json",
        "application/vnd.apple.mpegurl",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_shows_a_request_and_an_answer_that_its_own_schema_takes()
    {
        var document = await OpenApiDocument.FromJsonAsync(
            await site.LooseClient.GetStringAsync("/openapi/v1.json", Cancel), Cancel);
        var (missing, wrong) = (new List<string>(), new List<string>());
        foreach (var operation in document.Operations.Select(one => one.Operation))
        {
            var contents = operation.ActualResponses.Where(response => response.Key[0] == '2')
                .SelectMany(response => response.Value.Content, (_, content) => ("answer", content))
                .Concat((operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>())
                    .Select(content => ("request", content)));
            foreach (var (what, content) in contents)
            {
                if (!Shown.Contains(content.Key) && !content.Key.StartsWith("text/", StringComparison.Ordinal)) continue;
                var name = $"{operation.OperationId} {what} {content.Key}";
                if (content.Value.Example is null) missing.Add(name);
                else if (content.Key.EndsWith("json", StringComparison.Ordinal)
                    && content.Value.Schema.ActualSchema.Format != "binary")
                {
                    var json = Newtonsoft.Json.JsonConvert.SerializeObject(content.Value.Example);
                    var mistakes = content.Value.Schema.ActualSchema.Validate(json);
                    wrong.AddRange(mistakes.Select(mistake => $"{name}: {mistake}"));
                }
            }
        }

        missing.Should().BeEmpty();
        wrong.Should().BeEmpty();
    }

    [Fact]
    public async Task The_document_is_of_3_1_and_says_how_to_sign_in()
    {
        var document = await site.GetJsonAsync("/openapi/v1.json");

        document.GetProperty("openapi").GetString().Should().StartWith("3.1.");
        var schemes = document.GetProperty("components").GetProperty("securitySchemes");
        schemes.GetProperty("key").GetProperty("scheme").GetString().Should().Be("bearer");
        schemes.GetProperty("entra").GetProperty("flows").GetProperty("clientCredentials").GetProperty("tokenUrl")
            .GetString().Should().StartWith("https://login.microsoftonline.com/");
        var operations = document.GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject()).Select(operation => operation.Value).ToList();
        operations.Should().OnlyContain(operation => operation.GetProperty("security").EnumerateArray()
            .SelectMany(one => one.EnumerateObject()).Select(scheme => scheme.Name)
            .SequenceEqual(new[] { "key", "keyHeader", "entra" }));
        Scope("findTracks").Should().Be("Read");
        Scope("askQuestion").Should().Be("Submit");
        Scope("correctTrack").Should().Be("Correct");

        string? Scope(string operation) => operations
            .Single(one => one.GetProperty("operationId").GetString() == operation).GetProperty("security")[2]
            .GetProperty("entra")[0].GetString();
    }

    [Theory]
    [InlineData("NewQuestion", "text")]
    [InlineData("NewLyrics", "text")]
    [InlineData("NewSelectionQuestion", "text,trackIds")]
    [InlineData("NewCorrections", "")]
    public async Task Of_what_is_sent_only_that_is_required_without_which_it_is_refused(string name, string fields)
    {
        var schema = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("components").GetProperty("schemas")
            .GetProperty(name);

        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().ToList() : [];
        string.Join(',', required.Select(field => field.GetString())).Should().Be(fields);
    }

    [Fact]
    public async Task What_may_be_null_is_so_in_the_document_and_what_is_always_there_is_required()
    {
        var schemas = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("components").GetProperty("schemas");

        var analysis = schemas.GetProperty("AnalysisView");
        analysis.GetProperty("properties").GetProperty("bpm").GetProperty("type").EnumerateArray()
            .Select(type => type.GetString()).Should().BeEquivalentTo("null", "number");
        analysis.GetProperty("properties").GetProperty("codec").GetProperty("type").ValueKind
            .Should().Be(JsonValueKind.String);
        analysis.GetProperty("required").GetArrayLength()
            .Should().Be(analysis.GetProperty("properties").EnumerateObject().Count());
    }
}
