using System.Net;
using System.Text;
using System.Text.Json;

namespace OpenMU.Web.Tests.Pipeline;

public sealed class BodyMistakesTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/corrections", """{"query":{"bpmFrom":"90"}}""", "query.bpmFrom", "It must be a number, such as 120.5.")]
    [InlineData("/v1/corrections", """{"query":{"relax":1}}""", "query.relax", "It must be true or false.")]
    [InlineData("/v1/corrections", """{"query":{"pageSize":1.5}}""", "query.pageSize", "It must be a whole number.")]
    [InlineData("/v1/corrections", """{"query":{"state":"Done"}}""", "query.state",
        "It must be one of Queued, Analysing, Ready, Failed, Rejected, Missing.")]
    [InlineData("/v1/corrections", """{"query":{"facet":"mood:calm"}}""", "query.facet", "It must be a list.")]
    [InlineData("/v1/corrections", """{"query":"calm"}""", "query", "It must be a JSON object.")]
    [InlineData("/v1/corrections", """{"query":{"txt":"a"}}""", "query.txt",
        "There is no field 'txt'. Did you mean text? Those that exist are text, relax, meaning,*")]
    [InlineData("/v1/corrections", """{"query":{"text":"a","text":"b"}}""", "query.text", "Give it once.")]
    [InlineData("/v1/corrections", """{"ids":["1"]}""", "ids[0]", "It must be a whole number.")]
    [InlineData("/v1/keys", """{"label":"x","scopes":["Write"]}""", "scopes[0]",
        "It must be one of Read, Submit, Correct, Admin, All.")]
    [InlineData("/v1/keys", """{"label":"x","scopes":["Read"],"expiresAt":"monday"}""", "expiresAt",
        "It must be a time, such as 2026-03-01T12:00:00Z.")]
    [InlineData("/v1/question-batches", """{"questions":["a"],"tracks":[{"id":1}],"priority":"Fast"}""", "priority",
        "It must be one of Bulk, Normal, Urgent.")]
    [InlineData("/v1/question-batches", """{"questions":["a"],"tracks":[{"idd":1}]}""", "tracks[0].idd",
        "There is no field 'idd'. Those that exist are id, fileName, ownId, isrc.")]
    [InlineData("/v1/questions", """{"text":null,"trackIds":[1]}""", "text", "It must be a text.")]
    [InlineData("/v1/questions", "{}", "text", "It is needed.")]
    [InlineData("/v1/questions", "{}", "trackIds", "It is needed.")]
    public async Task A_mistake_is_told_by_its_place_with_what_would_be_right(
        string path, string body, string place, string mistake)
    {
        var problem = await PostAsync(path, body);

        var errors = problem.GetProperty("errors").EnumerateObject().ToDictionary(
            error => error.Name, error => error.Value[0].GetString());
        errors.Should().ContainKey(place).WhoseValue.Should().Match(mistake);
    }

    [Theory]
    [InlineData("[1]", "A JSON object is needed as the body.")]
    [InlineData("3", "A JSON object is needed as the body.")]
    [InlineData("", "A JSON object is needed as the body.")]
    [InlineData("null", "A JSON object is needed as the body.")]
    [InlineData("""{"ids": [1]""", "The body is not JSON: line 1, byte *")]
    [InlineData("""{"ids": abc}""", "The body is not JSON: line 1, byte *")]
    public async Task What_is_no_object_or_no_JSON_is_told_as_such(string body, string mistake)
    {
        (await PostAsync("/v1/corrections", body)).GetProperty("detail").GetString().Should().Match(mistake);
    }

    private async Task<JsonElement> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await site.Client.PostAsync(path, content, Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
    }
}
