using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpenMU.Catalogue.Jobs;

namespace OpenMU.Web.Tests;

/// <summary>A new model's analyses compared, published and rolled back through the API.</summary>
public sealed class PublishingApiTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_model_says_is_compared_published_and_rolled_back()
    {
        var track = await site.AddHeardAsync("to be published");
        await site.FinishAsync(track, await site.AddNewerJobAsync(track, JobState.Queued, null), bpm: 90);
        (await BpmAsync(track)).Should().Be(90, "nothing holds it back");

        var back = await PostAsync("rollback", new { ids = new[] { track }, model = "tiny-2" });
        back.GetProperty("moved").GetInt32().Should().Be(1);
        (await BpmAsync(track)).Should().Be(126);
        var shown = await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}", Cancel);
        shown.GetProperty("newerAnalysis").GetProperty("state").GetString().Should().Be("Ready", "it is held back now");

        var diff = await site.LooseClient.GetFromJsonAsync<JsonElement>(
            "/v1/analyses/diff?model=tiny-2&text=\"to be published\"", Cancel);
        diff.GetProperty("changed").GetInt32().Should().Be(1);
        var bpm = diff.GetProperty("fields").EnumerateArray().Single(field => field.GetProperty("field").GetString() == "bpm");
        bpm.GetProperty("examples")[0].GetProperty("after").GetString().Should().Be("90");

        var published = await PostAsync("publish", new { query = new { text = "\"to be published\"" }, model = "tiny-2" });
        published.GetProperty("moved").GetInt32().Should().Be(1);
        (await BpmAsync(track)).Should().Be(90);
        var runs = await site.LooseClient.GetFromJsonAsync<JsonElement>("/v1/analyses/publications", Cancel);
        runs.EnumerateArray().Single(run => run.GetProperty("id").GetString() == published.GetProperty("id").GetString())
            .GetProperty("by").GetString().Should().Be("somebody by the API");
    }

    [Theory]
    [InlineData("rollback", """{"ids": [1]}""", "model")]
    [InlineData("publish", """{"model": "tiny-2"}""", "ids")]
    [InlineData("publish", """{"ids": [1], "model": "tiny-2", "publication": "x"}""", "publication")]
    [InlineData("publish", """{"ids": [1], "model": "tiny-2", "after": "5"}""", "publication")]
    [InlineData(
        "publish", """{"ids": [1], "model": "m", "publication": "00000000000000000000000000000000", "after": "x"}""", "after")]
    public async Task What_is_said_wrongly_is_told_by_its_name(string way, string body, string field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var answer = await site.LooseClient.PostAsync($"/v1/analyses/{way}", content, Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors").EnumerateObject()
            .Select(error => error.Name).Should().Equal(field);
    }

    private async Task<double> BpmAsync(long track) =>
        (await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}", Cancel))
        .GetProperty("summary").GetProperty("bpm").GetDouble();

    private async Task<JsonElement> PostAsync(string way, object body)
    {
        var answer = await site.LooseClient.PostAsJsonAsync($"/v1/analyses/{way}", body, Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }
}
