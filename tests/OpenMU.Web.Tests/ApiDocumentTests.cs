using System.Text.Json;

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
            "GET /api/tracks", "GET /api/tracks.csv", "GET /api/tracks.jsonl", "POST /api/tracks", "POST /api/uploads",
            "GET /api/tracks/{id}",
            "GET /api/tracks/{id}/lyrics", "PUT /api/tracks/{id}/lyrics", "DELETE /api/tracks/{id}/lyrics",
            "GET /api/tracks/{id}/lyrics.lrc",
            "GET /api/tracks/{id}/audio", "GET /api/uploads/{fileName}",
            "POST /api/tracks/{id}/questions", "GET /api/tracks/{id}/questions",
            "POST /api/questions", "GET /api/questions/{id}", "GET /api/questions.jsonl",
            "GET /api/status", "GET /healthz", "GET /healthz/live", "GET /healthz/ready");
        paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Should().OnlyContain(operation => operation.Value.GetProperty("summary").GetString()!.Length > 5);
    }

    [Fact]
    public async Task The_search_lists_its_parameters_with_descriptions_and_its_answers()
    {
        var search = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("paths")
            .GetProperty("/api/tracks").GetProperty("get");

        var parameters = search.GetProperty("parameters").EnumerateArray().ToList();
        parameters.Select(parameter => parameter.GetProperty("name").GetString()).Should().BeEquivalentTo(
            "text", "bpmFrom", "bpmTo", "key", "keyNeighbours", "lufsFrom", "lufsTo", "secondsFrom", "secondsTo",
            "state", "sort", "descending", "after", "before", "pageSize");
        parameters.Should().OnlyContain(parameter => parameter.GetProperty("description").GetString()!.Length > 5);
        search.GetProperty("responses").EnumerateObject().Select(response => response.Name)
            .Should().BeEquivalentTo("200", "400", "429", "503");
    }

    [Fact]
    public async Task The_upload_takes_bytes_and_says_how_it_can_fail()
    {
        var upload = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("paths")
            .GetProperty("/api/tracks").GetProperty("post");

        upload.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/octet-stream", out _)
            .Should().BeTrue();
        upload.GetProperty("responses").EnumerateObject().Select(response => response.Name)
            .Should().BeEquivalentTo("202", "400", "403", "409", "413", "415", "429", "503");
    }

    [Fact]
    public async Task A_question_takes_a_text_and_says_how_it_can_fail()
    {
        var ask = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("paths")
            .GetProperty("/api/tracks/{id}/questions").GetProperty("post");

        ask.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _)
            .Should().BeTrue();
        ask.GetProperty("responses").EnumerateObject().Select(response => response.Name)
            .Should().BeEquivalentTo("202", "400", "403", "404", "409", "413", "415", "429", "503");
    }
}
