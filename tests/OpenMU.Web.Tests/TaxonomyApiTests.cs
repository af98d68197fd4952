using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace OpenMU.Web.Tests;

public sealed class TaxonomyApiTests(Site site)
{
    private const string Table = "group,term,aliases\nera,Before Rock,1930s; 1940s\nera,Since Rock,1960s\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_is_imported_looked_at_published_with_the_version_that_was_seen_and_rolled_back()
    {
        using var first = await site.LooseClient.GetAsync("/v1/taxonomy", Cancel);
        var etag = first.Headers.ETag!.ToString();
        (await ReadAsync("/v1/taxonomy")).GetProperty("terms").GetArrayLength().Should().BeGreaterThan(150);
        var number = (await ImportAsync(Table)).GetProperty("version").GetInt32();

        (await ReadAsync($"/v1/taxonomy?version={number}")).GetProperty("terms").EnumerateArray()
            .Select(term => term.GetProperty("id").GetString()).Should().Contain("era/before-rock").And
            .Contain("genre/rock", "groups that the table has not keep their terms");
        (await site.LooseClient.GetStringAsync($"/v1/taxonomy.csv?version={number}", Cancel)).Should()
            .Contain("era,Since Rock,era/since-rock,,1960s,,\r\n");
        (await ReadAsync($"/v1/taxonomy/coverage?version={number}")).GetProperty("termsWithoutTracks").EnumerateArray()
            .Select(term => term.GetString()).Should().Contain("era/before-rock");
        (await ReadAsync($"/v1/taxonomy/diff?version={number}")).GetProperty("termsRemoved").EnumerateArray()
            .Select(term => term.GetString()).Should().Contain("era/1980s");

        await FailsAsync(await PublishAsync(null, $$"""{"version":{{number}}}"""), HttpStatusCode.PreconditionRequired);
        await FailsAsync(await PublishAsync("\"99\"", $$"""{"version":{{number}}}"""), HttpStatusCode.PreconditionFailed);
        await FailsAsync(await PublishAsync(etag, """{"version":77}"""), HttpStatusCode.NotFound);
        await FailsAsync(await PublishAsync(etag, "{}"), HttpStatusCode.BadRequest);
        using var published = await PublishAsync(etag, $$"""{"version":{{number}}}""");
        published.StatusCode.Should().Be(HttpStatusCode.OK, await published.Content.ReadAsStringAsync(Cancel));
        (await ReadAsync("/v1/taxonomy")).GetProperty("published").GetInt32().Should().Be(number);
        using var back = await PublishAsync(published.Headers.ETag!.ToString(), """{"rollBack":true}""");
        (await back.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("version").GetInt32().Should().Be(0);
        (await ReadAsync("/v1/taxonomy/versions")).EnumerateArray()
            .Single(version => version.GetProperty("isPublished").GetBoolean()).GetProperty("number").GetInt32()
            .Should().Be(0);
        await FailsAsync(await PublishAsync("*", """{"rollBack":true}"""), HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_track_and_its_line_of_a_list_bear_tags_with_group_confidence_and_source()
    {
        var track = await site.AddHeardAsync("termed track");

        var line = (await ReadAsync("/v1/tracks?text=termed")).GetProperty("tracks")[0];

        foreach (var shown in (JsonElement[])[line, (await ReadAsync($"/v1/tracks/{track}")).GetProperty("summary")])
        {
            var tag = shown.GetProperty("terms")[0];
            tag.EnumerateObject().Select(property => property.Name).Should()
                .Equal("group", "label", "term", "parents", "confidence", "source", "by", "word");
            tag.GetProperty("source").GetString().Should().Be("Model");
            tag.GetProperty("confidence").GetDouble().Should().BeGreaterThan(0);
        }
    }

    [Fact]
    public async Task Bad_rows_come_back_and_what_is_no_taxonomy_is_refused()
    {
        var import = await ImportAsync("group,term,parent\ngenre,A,B\n");

        import.GetProperty("version").ValueKind.Should().Be(JsonValueKind.Null);
        import.GetProperty("mistakes")[0].GetProperty("row").GetInt32().Should().Be(2);
        import.GetProperty("badRowsFile").GetString().Should().Be(
            "group,term,parent,error\r\ngenre,A,B,There is no term 'B' in genre for a parent.\r\n");
        (await ImportAsync(Table, "?dryRun=true")).GetProperty("version").ValueKind.Should().Be(JsonValueKind.Null);
        using var content = new StringContent("a,b\n1,2\n", Encoding.UTF8, "text/csv");
        using var refused = await site.LooseClient.PostAsync("/v1/taxonomy/versions", content, Cancel);
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Cancel)).Should().Contain("The body has no column 'group'");
        await FailsAsync(await site.LooseClient.GetAsync("/v1/taxonomy?version=77", Cancel), HttpStatusCode.NotFound);
    }

    private Task<JsonElement> ReadAsync(string address) =>
        site.LooseClient.GetFromJsonAsync<JsonElement>(address, Cancel);

    private async Task<JsonElement> ImportAsync(string table, string query = "")
    {
        using var content = new StringContent(table, Encoding.UTF8, "text/csv");
        using var answer = await site.LooseClient.PostAsync("/v1/taxonomy/versions" + query, content, Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    private async Task<HttpResponseMessage> PublishAsync(string? ifMatch, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/taxonomy/published")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await site.LooseClient.SendAsync(request, Cancel);
    }

    private static async Task FailsAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        using (answer) answer.StatusCode.Should().Be(status, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
