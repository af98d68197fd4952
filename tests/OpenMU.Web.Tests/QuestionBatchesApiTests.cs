using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Music.Questions;

namespace OpenMU.Web.Tests;

public sealed class QuestionBatchesApiTests(Site site)
{
    private static readonly Answer Minor = new(
        "In A minor.", AnswerOutcome.Answered, 0, [], "tiny-1", "2", "open", 30, DateTime.UnixEpoch);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_matrix_is_accepted_and_its_answers_come_in_the_order_of_their_ends()
    {
        var (one, two) = (await site.AddHeardAsync("batch one"), await site.AddHeardAsync("batch two"));
        using var asked = await PostAsync(new
        {
            questions = new[] { " Which key? ", "Which tempo?" },
            tracks = new object[] { new { id = one }, new { fileName = "batch two.wav" } },
            priority = "urgent",
            expiresIn = 3600,
        });

        asked.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var location = asked.Headers.Location!.ToString();
        var batch = await GetAsync(location);
        batch.GetProperty("total").GetInt32().Should().Be(4);
        batch.GetProperty("priority").GetString().Should().Be("Urgent");
        batch.GetProperty("counts").GetProperty("queued").GetInt32().Should().Be(4);
        (await LinesAsync(location, after: null)).Should().BeEmpty();

        var ofTwo = (await GetAsync($"/v1/tracks/{two}/questions")).EnumerateArray()
            .Select(q => q.GetProperty("id").GetInt64()).ToList();
        foreach (var question in ofTwo) await AnswerAsync(question);
        var first = await LinesAsync(location, after: null);
        first.Select(line => line.GetProperty("question").GetProperty("id").GetInt64()).Should().Equal(ofTwo);
        first[0].GetProperty("question").GetProperty("answer").GetProperty("text").GetString().Should().Be("In A minor.");
        first[0].GetProperty("question").GetProperty("fileName").GetString().Should().Be("batch two.wav");
        first.Select(line => line.GetProperty("question").GetProperty("position").GetInt32())
            .Should().BeEquivalentTo([2, 3]);
        var last = first[^1].GetProperty("cursor").GetString();
        (await LinesAsync(location, last)).Should().BeEmpty();

        var cancelled = await (await site.LooseClient.PostAsync($"{location}/cancel", null, Cancel))
            .Content.ReadFromJsonAsync<JsonElement>(Cancel);
        cancelled.GetProperty("counts").GetProperty("cancelled").GetInt32().Should().Be(2);
        cancelled.GetProperty("finishedAt").ValueKind.Should().Be(JsonValueKind.String);
        var rest = await LinesAsync(location, last);
        rest.Should().HaveCount(2).And.OnlyContain(line =>
            line.GetProperty("question").GetProperty("state").GetString() == "Cancelled"
            && line.GetProperty("question").GetProperty("reason").GetString() == BatchStore.Cancelled);
    }

    [Fact]
    public async Task A_question_about_a_track_that_is_not_ready_waits_and_one_about_a_file_to_come_too()
    {
        var waiting = await site.AddAsync($"batch waits {Guid.NewGuid():N}", JobState.Queued, tenant: "loose");
        using var asked = await PostAsync(new
        {
            questions = new[] { "Which key?" },
            tracks = new object[] { new { id = waiting }, new { fileName = "to come/later.wav" } },
        });

        asked.StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await GetAsync(asked.Headers.Location!.ToString())).GetProperty("counts").GetProperty("waiting").GetInt32()
            .Should().Be(2);
    }

    [Fact]
    public async Task What_is_no_batch_is_refused_with_every_mistake()
    {
        using var refused = await PostAsync(new
        {
            questions = new[] { " ", new string('q', 501) },
            tracks = new object[]
            {
                new { }, new { id = 1, fileName = "a.wav" }, new { id = 2 }, new { id = 2 }, new { fileName = "../../x" },
            },
            expiresIn = 0,
        });

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var errors = (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors");
        errors.EnumerateObject().Select(field => field.Name).Should().BeEquivalentTo("questions", "tracks", "expiresIn");
        errors.GetProperty("questions").GetArrayLength().Should().Be(2);
        errors.GetProperty("tracks").GetArrayLength().Should().Be(4);
        using var tooMany = await PostAsync(new
        {
            questions = Enumerable.Range(0, 101).Select(i => $"{i}?"),
            tracks = Enumerable.Range(1, 100).Select(id => new { id }),
        });
        (await tooMany.Content.ReadAsStringAsync(Cancel)).Should().Contain("at most 10,000");
        using var unknown = await PostAsync(
            new { questions = new[] { "a?" }, tracks = new[] { new { id = 987654321 } } });
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await unknown.Content.ReadAsStringAsync(Cancel)).Should().Contain("There is no track 987654321.");
    }

    [Fact]
    public async Task A_batch_is_its_tenants_alone()
    {
        var track = await site.AddHeardAsync("batch of one's own");
        using var asked = await PostAsync(new { questions = new[] { "Which key?" }, tracks = new[] { new { id = track } } });
        var location = asked.Headers.Location!.ToString();

        foreach (var path in (string[])["", "/answers.jsonl"])
        {
            using var foreign = await site.Client.GetAsync(location + path, Cancel);
            foreign.StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
        using var cancel = await site.Client.PostAsync($"{location}/cancel", null, Cancel);
        cancel.StatusCode.Should().Be(HttpStatusCode.NotFound);
        using var about = await site.Client.PostAsJsonAsync(
            "/v1/question-batches", new { questions = new[] { "a?" }, tracks = new[] { new { id = track } } }, Cancel);
        about.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Batches_are_listed_from_cursor_to_cursor_the_latest_first()
    {
        var track = await site.AddHeardAsync("batches listed");
        var made = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            using var asked = await PostAsync(
                new { questions = new[] { $"Which key, {i}?" }, tracks = new[] { new { id = track } } });
            made.Add((await asked.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetInt64());
        }

        var (listed, address) = (new List<long>(), "/v1/question-batches?pageSize=2");
        for (string? next = address; next is not null;)
        {
            var page = await GetAsync(next);
            listed.AddRange(page.GetProperty("batches").EnumerateArray().Select(b => b.GetProperty("id").GetInt64()));
            next = page.GetProperty("next").GetString() is { } after ? $"{address}&after={after}" : null;
        }
        listed.Should().BeInDescendingOrder().And.OnlyHaveUniqueItems().And.Contain(made);
        using var wrong = await site.LooseClient.GetAsync("/v1/question-batches?after=nothing", Cancel);
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Questions_are_listed_by_state_track_batch_and_time_from_cursor_to_cursor()
    {
        var (one, two) = (await site.AddHeardAsync("listed one"), await site.AddHeardAsync("listed two"));
        using var asked = await PostAsync(new
        {
            questions = new[] { "a?", "b?", "c?" },
            tracks = new[] { new { id = one }, new { id = two } },
        });
        var batch = (await asked.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetInt64();
        await AnswerAsync((await ListedAsync($"track={one}&batch={batch}"))[0]);

        (await ListedAsync($"batch={batch}")).Should().HaveCount(6).And.OnlyHaveUniqueItems();
        (await ListedAsync($"track={two}")).Should().HaveCount(3);
        (await ListedAsync($"batch={batch}&state=Ready")).Should().ContainSingle();
        (await ListedAsync($"batch={batch}&state=Queued&track={one}")).Should().HaveCount(2);
        (await ListedAsync($"batch={batch}&askedTo=2026-01-01")).Should().BeEmpty();
        (await ListedAsync($"batch={batch}&askedFrom=2026-01-01")).Should().HaveCount(6);
        (await ListedAsync("")).Should().Contain(await ListedAsync($"batch={batch}"));
        (await site.GetJsonAsync($"/v1/questions?batch={batch}")).GetProperty("questions").GetArrayLength().Should().Be(0);
    }

    // Two at a time.
    private async Task<List<long>> ListedAsync(string filter)
    {
        var (listed, address) = (new List<long>(), $"/v1/questions?pageSize=2&{filter}".TrimEnd('&'));
        for (string? next = address; next is not null;)
        {
            var page = await GetAsync(next);
            listed.AddRange(page.GetProperty("questions").EnumerateArray().Select(q => q.GetProperty("id").GetInt64()));
            next = page.GetProperty("next").GetString() is { } after ? $"{address}&after={after}" : null;
        }
        return listed;
    }

    private async Task AnswerAsync(long question)
    {
        var (ledger, claim) = await site.ClaimAsync(question);
        (await ledger.CommitAsync(claim, Minor, Cancel)).Should().BeTrue();
    }

    private Task<HttpResponseMessage> PostAsync(object batch) =>
        site.LooseClient.PostAsJsonAsync("/v1/question-batches", batch, Cancel);

    private async Task<JsonElement> GetAsync(string address) =>
        await site.LooseClient.GetFromJsonAsync<JsonElement>(address, Cancel);

    private async Task<List<JsonElement>> LinesAsync(string batch, string? after)
    {
        var text = await site.LooseClient.GetStringAsync(
            $"{batch}/answers.jsonl{(after is null ? "" : $"?after={after}")}", Cancel);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
