using System.Net;

namespace OpenMU.Web.Tests.Pipeline;

public sealed class HeadAndOptionsTests(Site site)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/app.js")]
    [InlineData("/v1/tracks?sort=Bpm")]
    [InlineData("/v1/tracks.csv")]
    [InlineData("/v1/tracks.jsonl")]
    [InlineData("/v1/status")]
    [InlineData("/v1/tracks/999999")]
    [InlineData("/v1/tracks?tempo=120")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/healthz")]
    [InlineData("/no/such/page")]
    public async Task HEAD_says_what_GET_says_without_the_body(string address)
    {
        using var get = await site.Client.GetAsync(address);
        using var request = new HttpRequestMessage(HttpMethod.Head, address);
        using var head = await site.Client.SendAsync(request);

        head.StatusCode.Should().Be(get.StatusCode);
        head.Content.Headers.ContentType.Should().Be(get.Content.Headers.ContentType);
        head.Headers.ETag.Should().Be(get.Headers.ETag);
        (await head.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        if (get.IsSuccessStatusCode && get.Content.Headers.ContentLength is { } length && address != "/healthz")
            head.Content.Headers.ContentLength.Should().Be(length);
    }

    [Theory]
    [InlineData("/v1/tracks", "GET, HEAD, OPTIONS, POST")]
    [InlineData("/v1/tracks/1", "GET, HEAD, OPTIONS, PATCH")]
    [InlineData("/v1/tracks/1/audio", "GET, HEAD, OPTIONS")]
    [InlineData("/v1/tracks/1/questions", "GET, HEAD, OPTIONS, POST")]
    [InlineData("/v1/tracks.csv", "GET, HEAD, OPTIONS")]
    [InlineData("/v1/uploads/a/b.wav", "GET, HEAD, OPTIONS")]
    [InlineData("/healthz/live", "GET, HEAD, OPTIONS")]
    [InlineData("/", "GET, HEAD, OPTIONS")]
    [InlineData("/app.css", "GET, HEAD, OPTIONS")]
    public async Task OPTIONS_and_a_method_that_is_not_taken_are_answered_with_those_that_are(
        string address, string allowed)
    {
        foreach (var (method, status) in new[]
        {
            (HttpMethod.Options, HttpStatusCode.NoContent), (HttpMethod.Delete, HttpStatusCode.MethodNotAllowed),
            (new HttpMethod("BREW"), HttpStatusCode.MethodNotAllowed),
        })
        {
            using var request = new HttpRequestMessage(method, address);
            using var response = await site.Client.SendAsync(request);

            response.StatusCode.Should().Be(status);
            string.Join(", ", response.Content.Headers.Allow).Should().Be(allowed);
        }
    }

    [Fact]
    public async Task What_is_nowhere_has_no_methods()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/nothing");
        using var response = await site.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        response.Content.Headers.Allow.Should().BeEmpty();
    }

    [Fact]
    public async Task A_content_type_that_is_not_taken_stays_an_error_of_its_own()
    {
        using var response = await site.LooseClient.PostAsync("/v1/tracks?fileName=a.wav", new StringContent("a"));

        response.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
    }
}
