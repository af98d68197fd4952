using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace OpenMU.Web.Tests;

public sealed class ImportApiTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_is_tried_and_taken_in_and_what_cannot_be_comes_back()
    {
        var track = await site.AddHeardAsync("imported one");
        const string table = "file,title,Cue\nimported one.wav,Quibble,7\nimported none.wav,x,\n";

        var tried = await SendAsync("?dryRun=true", table);
        tried.GetProperty("summary").GetProperty("changed").GetInt32().Should().Be(1);
        (await TitleAsync(track)).Should().BeNull();
        var taken = await SendAsync("?column=Cue%3DWholeNumber", table);

        taken.GetProperty("summary").GetProperty("bad").GetInt32().Should().Be(1);
        taken.GetProperty("badRowsFile").GetString().Should().Be(
            "file,title,Cue,error\r\nimported none.wav,x,,No track has the file imported none.wav.\r\n");
        (await TitleAsync(track)).Should().Be("Quibble");
        (await site.LooseClient.GetFromJsonAsync<JsonElement>("/v1/tracks?text=quibble", Cancel))
            .GetProperty("total").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task A_value_is_replaced_only_when_asked_for_and_json_lines_are_taken_too()
    {
        var track = await site.AddHeardAsync("imported two");
        await SendAsync("", "{\"file\":\"imported two.wav\",\"title\":\"a\"}\n", "application/jsonl");
        var kept = await SendAsync("", "{\"file\":\"imported two.wav\",\"title\":\"b\"}\n", "application/jsonl");
        kept.GetProperty("summary").GetProperty("conflicts").GetInt32().Should().Be(1);
        (await TitleAsync(track)).Should().Be("a");

        await SendAsync(
            "?replace=true&match=File", "{\"file\":\"imported two.wav\",\"title\":\"b\"}\n", "application/jsonl");

        (await TitleAsync(track)).Should().Be("b");
    }

    [Theory]
    [InlineData("", "", "The body is empty.")]
    [InlineData("?map=x%3Dtitle", "a,b\n1,2\n", "There is no column 'x'; there are a, b.")]
    [InlineData("?map=title", "a,b\n1,2\n", "'title' is not COLUMN=NAME.")]
    public async Task What_cannot_be_taken_as_a_whole_is_refused_with_the_reason(
        string query, string body, string reason)
    {
        using var content = new StringContent(body, Encoding.UTF8, "text/csv");
        using var answer = await site.LooseClient.PostAsync("/v1/import" + query, content, Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString()
            .Should().Be(reason);
    }

    private async Task<JsonElement> SendAsync(string query, string body, string type = "text/csv")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await site.LooseClient.PostAsync("/v1/import" + query, content, Cancel);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, json.ToString());
        return json;
    }

    private async Task<string?> TitleAsync(long track)
    {
        await using var db = site.Catalogue.CreateDbContext();
        return await db.OwnerRecords.Where(r => r.TrackId == track).Select(r => r.Title).SingleOrDefaultAsync(Cancel);
    }
}
