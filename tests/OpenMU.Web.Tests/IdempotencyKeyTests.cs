using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Requests;

namespace OpenMU.Web.Tests;

public sealed class IdempotencyKeyTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_question_with_the_same_key_is_asked_once_and_answered_alike()
    {
        var track = await site.AddHeardAsync("keyed");
        var key = NewKey();

        using var first = await PostAsync($"/v1/tracks/{track}/questions", """{"text":"Which key?"}""", key);
        using var second = await PostAsync($"/v1/tracks/{track}/questions", """{"text":"Which key?"}""", key);

        first.StatusCode.Should().Be(HttpStatusCode.Accepted);
        first.Headers.Contains("Idempotent-Replayed").Should().BeFalse();
        second.StatusCode.Should().Be(HttpStatusCode.Accepted);
        second.Headers.GetValues("Idempotent-Replayed").Should().Equal("true");
        second.Headers.Location.Should().Be(first.Headers.Location);
        second.Content.Headers.ContentType.Should().Be(first.Content.Headers.ContentType);
        (await second.Content.ReadAsStringAsync(Cancel)).Should().Be(await first.Content.ReadAsStringAsync(Cancel));
        (await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}/questions", Cancel))
            .GetArrayLength().Should().Be(1);
    }

    [Theory]
    [InlineData("/v1/keys", """{"label":"keyed","scopes":["Read"]}""", "key")]
    [InlineData("/v1/webhooks", """{"url":"https://partner.example/hook"}""", "secret")]
    public async Task A_secret_is_shown_once_though_its_request_comes_twice_and_is_kept_nowhere(
        string path, string body, string secret)
    {
        // Keys are a tenant's that exists.
        await new TenantStore(site.Catalogue, TimeProvider.System).AddAsync("loose", [], new("Ada", "cli"), Cancel);
        var key = NewKey();

        using var first = await PostAsync(path, body, key);
        using var second = await PostAsync(path, body, key);

        first.StatusCode.Should().Be(HttpStatusCode.Created);
        JsonDocument.Parse(await first.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty(secret).GetString()
            .Should().NotBeNullOrEmpty();
        second.StatusCode.Should().Be(HttpStatusCode.Created);
        second.Headers.GetValues("Idempotent-Replayed").Should().Equal("true");
        second.Headers.Location.Should().Be(first.Headers.Location);
        (await second.Content.ReadAsByteArrayAsync(Cancel)).Should().BeEmpty();
        await using var db = site.Catalogue.CreateDbContext();
        db.KeyedRequests.Single(request => request.Key == key).Body.Should().BeNull();
    }

    [Fact]
    public async Task Another_request_with_the_key_is_refused_whatever_differs()
    {
        var (one, two) = (await site.AddHeardAsync("keyed one"), await site.AddHeardAsync("keyed two"));
        var key = NewKey();
        using var first = await PostAsync($"/v1/tracks/{one}/questions", """{"text":"Which key?"}""", key);

        using var otherBody = await PostAsync($"/v1/tracks/{one}/questions", """{"text":"Which tempo?"}""", key);
        using var otherPath = await PostAsync($"/v1/tracks/{two}/questions", """{"text":"Which key?"}""", key);

        otherBody.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        otherBody.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        otherPath.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{two}/questions", Cancel))
            .GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task A_request_whose_key_is_still_under_way_is_asked_to_wait()
    {
        var track = await site.AddHeardAsync("keyed and running");
        var key = NewKey();
        var requests = new KeyedRequests(site.Catalogue, TimeProvider.System);
        var begun = (KeyAnswer.Begun)await requests.BeginAsync("loose", key, Cancel);

        using var busy = await PostAsync($"/v1/tracks/{track}/questions", """{"text":"Which key?"}""", key);
        await requests.LetGoAsync("loose", key, begun.Runner, Cancel);
        using var free = await PostAsync($"/v1/tracks/{track}/questions", """{"text":"Which key?"}""", key);

        busy.StatusCode.Should().Be(HttpStatusCode.Conflict);
        busy.Headers.RetryAfter.Should().NotBeNull();
        free.StatusCode.Should().Be(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task What_was_refused_may_be_sent_again_under_its_key_put_right()
    {
        var track = await site.AddHeardAsync("keyed and wrong");
        var key = NewKey();

        using var wrong = await PostAsync($"/v1/tracks/{track}/questions", """{"text":" "}""", key);
        using var unread = await PostAsync($"/v1/tracks/{track}/questions", """{"txt":"Which key?"}""", key);
        using var right = await PostAsync($"/v1/tracks/{track}/questions", """{"text":"Which key?"}""", key);

        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        unread.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await unread.Content.ReadAsStringAsync(Cancel)).Should().Contain("txt");
        right.StatusCode.Should().Be(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task An_upload_is_hashed_as_it_comes_and_taken_once()
    {
        var (key, name) = (NewKey(), $"keyed {Guid.NewGuid():N}.wav");
        using var first = await UploadAsync(name, site.Audio, key);
        using var again = await UploadAsync(name, site.Audio, key);
        using var other = await UploadAsync(name, [.. site.Audio, 0], key);
        using var unkeyed = await UploadAsync(name, site.Audio, key: null);

        first.StatusCode.Should().Be(HttpStatusCode.Accepted);
        again.StatusCode.Should().Be(HttpStatusCode.Accepted);
        again.Headers.Location.Should().Be(first.Headers.Location);
        other.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        unkeyed.StatusCode.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Keys_of_two_tenants_are_two_keys()
    {
        var (mine, theirs) = (await site.AddHeardAsync("keyed mine"), site.Ids["Night Train"]);
        var key = NewKey();

        using var first = await PostAsync($"/v1/tracks/{mine}/questions", """{"text":"Which key?"}""", key);
        using var second = await PostAsync(
            $"/v1/tracks/{theirs}/questions", """{"text":"Which key?"}""", key, site.Client);

        first.StatusCode.Should().Be(HttpStatusCode.Accepted);
        second.StatusCode.Should().Be(HttpStatusCode.Accepted);
        second.Headers.Contains("Idempotent-Replayed").Should().BeFalse();
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("129")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        var track = await site.AddHeardAsync($"keyed {Guid.NewGuid():N}");

        using var refused = await PostAsync(
            $"/v1/tracks/{track}/questions", """{"text":"Which key?"}""", key == "129" ? new string('k', 129) : key);

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Of_many_at_once_one_is_done_and_the_others_wait_or_are_answered_alike()
    {
        var track = await site.AddHeardAsync("keyed at once");
        var key = NewKey();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            PostAsync($"/v1/tracks/{track}/questions", """{"text":"Which key?"}""", key)));

        answers.Select(answer => answer.StatusCode).Should()
            .OnlyContain(status => status == HttpStatusCode.Accepted || status == HttpStatusCode.Conflict
                || status == HttpStatusCode.TooManyRequests)
            .And.Contain(HttpStatusCode.Accepted);
        (await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}/questions", Cancel))
            .GetArrayLength().Should().Be(1);
        foreach (var answer in answers) answer.Dispose();
    }

    private static string NewKey() => Guid.NewGuid().ToString("N");

    private async Task<HttpResponseMessage> PostAsync(
        string address, string body, string key, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await (client ?? site.LooseClient).SendAsync(request, Cancel);
    }

    private async Task<HttpResponseMessage> UploadAsync(string name, byte[] bytes, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/tracks?fileName={Uri.EscapeDataString(name)}");
        request.Content = new ByteArrayContent(bytes);
        request.Content.Headers.ContentType = new("application/octet-stream");
        if (key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await site.LooseClient.SendAsync(request, Cancel);
    }
}
