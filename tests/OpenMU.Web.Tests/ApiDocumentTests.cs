using System.Text.Json;
using OpenMU.Catalogue.Exchange;

namespace OpenMU.Web.Tests;

public sealed class ApiDocumentTests(Site site)
{
    [Fact]
    public async Task The_document_lists_every_route_with_a_summary()
    {
        var paths = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("paths");

        var operations = paths.EnumerateObject().SelectMany(path =>
            path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));
        operations.Should().BeEquivalentTo(
            [
            .. CatalogueExport.Formats.Select(format => $"GET /v1/tracks.{format.Name}"),
            "GET /v1/tracks", "POST /v1/tracks", "POST /v1/uploads", "POST /v1/import",
            "POST /v1/selection/approve", "POST /v1/selection/withdraw-approval", "POST /v1/selection/lock",
            "POST /v1/selection/unlock", "POST /v1/selection/retry", "POST /v1/selection/delete",
            "GET /v1/tracks/{id}", "PATCH /v1/tracks/{id}", "GET /v1/tracks/{id}/history", "GET /v1/fields",
            "PUT /v1/tracks/{id}/approval", "DELETE /v1/tracks/{id}/approval",
            "PUT /v1/tracks/{id}/lock", "DELETE /v1/tracks/{id}/lock",
            "POST /v1/corrections", "POST /v1/corrections/{batch}/undo", "GET /v1/duplicates",
            "GET /v1/analyses/diff", "GET /v1/analyses/publications",
            "POST /v1/analyses/publish", "POST /v1/analyses/rollback",
            "GET /v1/tracks/{id}/similar", "GET /v1/path",
            "GET /v1/tracks/{id}/lyrics", "PUT /v1/tracks/{id}/lyrics", "DELETE /v1/tracks/{id}/lyrics",
            "GET /v1/tracks/{id}/lyrics.lrc",
            "GET /v1/tracks/{id}/audio", "GET /v1/uploads/{fileName}",
            "POST /v1/tracks/{id}/questions", "GET /v1/tracks/{id}/questions",
            "POST /v1/questions", "GET /v1/questions", "GET /v1/questions/{id}", "GET /v1/questions.jsonl",
            "POST /v1/question-batches", "GET /v1/question-batches", "GET /v1/question-batches/{id}",
            "GET /v1/question-batches/{id}/answers.jsonl", "POST /v1/question-batches/{id}/cancel",
            "GET /v1/taxonomy", "GET /v1/taxonomy.csv", "GET /v1/taxonomy/versions", "POST /v1/taxonomy/versions",
            "GET /v1/taxonomy/coverage", "GET /v1/taxonomy/diff", "PUT /v1/taxonomy/published",
            "GET /v1/status", "GET /v1/usage", "GET /healthz", "GET /healthz/live", "GET /healthz/ready",
            "POST /v1/tracks/multipart", "POST /v1/tracks/by-url", "GET /v1/tracks/by-url/{id}",
            "GET /v1/webhooks", "POST /v1/webhooks", "GET /v1/webhooks/{id}", "DELETE /v1/webhooks/{id}",
            "POST /v1/webhooks/{id}/rotate", "POST /v1/webhooks/{id}/enable", "POST /v1/webhooks/{id}/disable",
            "POST /v1/webhooks/{id}/test", "POST /v1/webhooks/{id}/replay", "GET /v1/webhooks/{id}/deliveries",
            "POST /v1/webhooks/{id}/deliveries/{delivery}/replay",
            "GET /v1/keys", "POST /v1/keys", "POST /v1/keys/{id}/rotate", "DELETE /v1/keys/{id}",
            "GET /v1/audit", "GET /v1/audit.csv",
            ]);
        paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Should().OnlyContain(operation => operation.Value.GetProperty("summary").GetString()!.Length > 5);
    }

    [Fact]
    public async Task The_search_lists_its_parameters_with_descriptions_and_its_answers()
    {
        var search = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("paths")
            .GetProperty("/v1/tracks").GetProperty("get");

        var parameters = search.GetProperty("parameters").EnumerateArray().ToList();
        parameters.Select(parameter => parameter.GetProperty("name").GetString()).Should().BeEquivalentTo(
            "text", "relax", "meaning", "facet", "bpmFrom", "bpmTo", "key", "keyNeighbours", "lufsFrom", "lufsTo",
            "secondsFrom", "secondsTo", "state", "sort", "descending", "facets", "after", "before", "pageSize");
        parameters.Should().OnlyContain(parameter => parameter.GetProperty("description").GetString()!.Length > 5);
        search.GetProperty("responses").EnumerateObject().Select(response => response.Name)
            .Should().BeEquivalentTo("200", "400", "401", "403", "429", "503");
    }

    [Fact]
    public async Task The_upload_takes_bytes_and_says_how_it_can_fail()
    {
        var upload = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("paths")
            .GetProperty("/v1/tracks").GetProperty("post");

        upload.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/octet-stream", out _)
            .Should().BeTrue();
        upload.GetProperty("responses").EnumerateObject().Select(response => response.Name)
            .Should().BeEquivalentTo("202", "400", "401", "403", "409", "413", "415", "429", "503");
    }

    [Fact]
    public async Task A_question_takes_a_text_and_says_how_it_can_fail()
    {
        var ask = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("paths")
            .GetProperty("/v1/tracks/{id}/questions").GetProperty("post");

        ask.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _)
            .Should().BeTrue();
        ask.GetProperty("responses").EnumerateObject().Select(response => response.Name)
            .Should().BeEquivalentTo("202", "400", "401", "403", "404", "409", "413", "415", "429", "503");
    }
}
