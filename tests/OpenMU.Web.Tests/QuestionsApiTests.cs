using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OpenMU.Catalogue.Questions;
using OpenMU.Music.Questions;

namespace OpenMU.Web.Tests;

public sealed class QuestionsApiTests(Site site)
{
    private static readonly Answer Minor = new(
        "In A minor.", AnswerOutcome.Answered, 1, [new ToolCall("GetAudioKey", "A minor", DateTime.UnixEpoch)], "tiny-1",
        "2", "open", 30, DateTime.UnixEpoch);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_is_accepted_with_its_place_and_answered_there()
    {
        var track = await site.AddHeardAsync("asked about");
        var asked = await AskAsync(track, "  Which key? ");
        asked.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var location = asked.Headers.Location!.ToString();
        var waiting = await GetAsync(location);
        waiting.GetProperty("text").GetString().Should().Be("Which key?");
        waiting.GetProperty("state").GetString().Should().Be("Queued");
        waiting.GetProperty("answer").ValueKind.Should().Be(JsonValueKind.Null);

        var (ledger, claim) = await site.ClaimAsync(waiting.GetProperty("id").GetInt64());
        (await GetAsync(location)).GetProperty("state").GetString().Should().Be("Analysing");
        await ledger.CommitAsync(claim, Minor, Cancel);

        var answered = await GetAsync(location);
        answered.GetProperty("state").GetString().Should().Be("Ready");
        answered.GetProperty("answer").GetProperty("text").GetString().Should().Be("In A minor.");
        var answer = answered.GetProperty("answer");
        answer.GetProperty("outcome").GetString().Should().Be("Answered");
        answer.GetProperty("modelVersion").GetString().Should().Be("tiny-1");
        answer.GetProperty("promptVersion").GetString().Should().Be("2");
        answer.GetProperty("toolCalls")[0].GetRawText()
            .Should().Be("""{"name":"GetAudioKey","value":"A minor","at":"1970-01-01T00:00:00Z","reading":null}""");
        var exported = (await site.LooseClient.GetStringAsync("/v1/questions.jsonl", Cancel)).TrimEnd().Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        exported.Should().ContainSingle(line => line.GetProperty("trackId").ToString() == $"{track}")
            .Which.GetProperty("answer").GetProperty("toolCalls").GetArrayLength().Should().Be(1);
        (await GetAsync($"/v1/tracks/{track}/questions")).EnumerateArray().Single().GetProperty("id").GetInt64()
            .Should().Be(waiting.GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task A_question_leaves_one_message_for_the_workers()
    {
        var track = await site.AddHeardAsync("asked once");
        var before = (await site.Storage.Questions.GetPropertiesAsync(Cancel)).Value.ApproximateMessagesCount;
        await AskAsync(track, "Which key?");
        (await site.Storage.Questions.GetPropertiesAsync(Cancel)).Value.ApproximateMessagesCount
            .Should().Be(before + 1);
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("{\"text\":\" \"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"text\":\"a\\u0000b\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"text\":", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    public async Task What_is_no_question_is_refused(string json, HttpStatusCode status)
    {
        var track = await site.AddHeardAsync($"refused {Guid.NewGuid():N}");
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        (await site.LooseClient.PostAsync($"/v1/tracks/{track}/questions", content, Cancel)).StatusCode
            .Should().Be(status);
        (await GetAsync($"/v1/tracks/{track}/questions")).GetArrayLength().Should().Be(0);
    }

    [Theory]
    [InlineData("{\"txt\":\"Which key?\"}", "txt", "There is no field 'txt'. Did you mean text?")]
    [InlineData("{\"text\":\"Which key?\",\"lang\":\"de\"}", "lang", "There is no field 'lang'.")]
    [InlineData("{\"text\":\"Which key?\",\"text\":\"Which tempo?\"}", "text", "once")]
    [InlineData("{\"text\":5}", "text", "It must be a text.")]
    [InlineData("{\"text\":null}", "text", "It must be a text.")]
    [InlineData("{\"text\":{\"a\":1}}", "text", "It must be a text.")]
    [InlineData("{}", "text", "needed")]
    public async Task A_field_that_cannot_be_read_is_named(string json, string field, string mistake)
    {
        var track = await site.AddHeardAsync($"refused {Guid.NewGuid():N}");
        using var content = new StringContent(json, Encoding.UTF8, "application/json");

        using var response = await site.LooseClient.PostAsync($"/v1/tracks/{track}/questions", content, Cancel);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors");
        errors.EnumerateObject().Should().ContainSingle().Which.Name.Should().Be(field);
        errors.GetProperty(field)[0].GetString().Should().Contain(mistake);
        (await GetAsync($"/v1/tracks/{track}/questions")).GetArrayLength().Should().Be(0);
    }

    [Theory]
    [InlineData("/v1/tracks/1/questions?urgent=true", "urgent")]
    [InlineData("/v1/tracks/1/questions?text=Which%20key", "text")]
    public async Task A_parameter_that_does_not_exist_is_refused_on_writes_too(string address, string parameter)
    {
        using var response = await site.LooseClient.PostAsJsonAsync(address, new { text = "Which key?" }, Cancel);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors").EnumerateObject()
            .Should().ContainSingle().Which.Name.Should().Be(parameter);
    }

    [Fact]
    public async Task Five_hundred_characters_are_a_question_and_one_more_is_not()
    {
        var track = await site.AddHeardAsync("long");
        (await AskAsync(track, new string('q', 500))).StatusCode.Should().Be(HttpStatusCode.Accepted);
        var refused = await AskAsync(track, new string('q', 501));
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Cancel)).Should().Contain("more than 500 characters");
        (await AskAsync(track, new string('q', 100_000))).StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Tracks_of_ones_own_that_are_ready_or_will_be_can_be_asked_about()
    {
        var foreign = await site.AddHeardAsync("foreign");
        (await site.Client.PostAsJsonAsync(
            $"/v1/tracks/{foreign}/questions", new { text = "Which key?" },
            Cancel)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await site.Client.GetAsync($"/v1/tracks/{foreign}/questions", Cancel)).StatusCode
            .Should().Be(HttpStatusCode.NotFound);
        foreach (var (title, expected) in ((string, HttpStatusCode)[])
            [("Hard Case", HttpStatusCode.Conflict), ("Broken File", HttpStatusCode.Conflict),
            ("Waiting Room", HttpStatusCode.Accepted)])
        {
            using var asked = await site.Client.PostAsJsonAsync(
                $"/v1/tracks/{site.Ids[title]}/questions", new { text = "Which key?" }, Cancel);
            asked.StatusCode.Should().Be(expected);
            if (expected == HttpStatusCode.Accepted)
            {
                (await asked.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("state").GetString()
                    .Should().Be("Waiting");
            }
        }

        var location = (await AskAsync(foreign, "Which key?")).Headers.Location!.ToString();
        (await site.Client.GetAsync(location, Cancel)).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_question_about_several_tracks_is_accepted_in_their_order_and_listed_with_each()
    {
        var (first, second) = (await site.AddHeardAsync("several one"), await site.AddHeardAsync("several two"));

        using var asked = await AskSeveralAsync("Which is faster?", second, first);

        asked.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var question = await GetAsync(asked.Headers.Location!.ToString());
        question.GetProperty("trackIds").EnumerateArray().Select(id => id.GetInt64()).Should().Equal(second, first);
        question.GetProperty("trackId").GetInt64().Should().Be(second);
        foreach (var track in (long[])[first, second])
        {
            (await GetAsync($"/v1/tracks/{track}/questions")).EnumerateArray()
                .Should().ContainSingle().Which.GetProperty("id").GetInt64()
                .Should().Be(question.GetProperty("id").GetInt64());
        }
    }

    [Fact]
    public async Task One_to_eight_tracks_of_ones_own_can_be_asked_about()
    {
        var tracks = new List<long>();
        for (var i = 0; i < 9; i++) tracks.Add(await site.AddHeardAsync($"one of nine {i}"));

        (await AskSeveralAsync("Which key?", [.. tracks.Take(8)])).StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await AskSeveralAsync("Which key?", [.. tracks])).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await AskSeveralAsync("Which key?")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await AskSeveralAsync("Which key?", tracks[0], tracks[0])).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await AskSeveralAsync(" ", tracks[0], tracks[1])).StatusCode.Should().Be(HttpStatusCode.BadRequest);

        using var unknown = await AskSeveralAsync("Which key?", tracks[0], 987_654_321);
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await unknown.Content.ReadAsStringAsync(Cancel)).Should().Contain("There is no track 987654321.");
        // Another tenant's tracks are none.
        (await site.Client.PostAsJsonAsync(
            "/v1/questions", new { text = "Which key?", trackIds = tracks.Take(2) }, Cancel)).StatusCode
            .Should().Be(HttpStatusCode.NotFound);
        using var failed = await site.Client.PostAsJsonAsync(
            "/v1/questions", new { text = "Which key?", trackIds = new[] { site.Ids["Hard Case"] } }, Cancel);
        failed.StatusCode.Should().Be(HttpStatusCode.Conflict);
    }

    private Task<HttpResponseMessage> AskSeveralAsync(string text, params long[] trackIds) =>
        site.LooseClient.PostAsJsonAsync("/v1/questions", new { text, trackIds }, Cancel);

    private Task<HttpResponseMessage> AskAsync(long track, string text) =>
        site.LooseClient.PostAsJsonAsync($"/v1/tracks/{track}/questions", new { text }, Cancel);

    private async Task<JsonElement> GetAsync(string path) =>
        await site.LooseClient.GetFromJsonAsync<JsonElement>(path, Cancel);
}
