using System.Net;

namespace OpenMU.Web.Tests.Pipeline;

public sealed class CorsOriginsTests(Site site)
{
    private const string Partner = "https://partner.example", Stranger = "https://stranger.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_of_an_allowed_origin_may_read_and_see_the_headers_they_need()
    {
        using var client = await OpenAsync();

        using var answer = await SendAsync(client, HttpMethod.Get, "/v1/status", Partner);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal(Partner);
        answer.Headers.GetValues("Access-Control-Expose-Headers").Single().Should().Contain("ETag")
            .And.Contain("RateLimit").And.Contain("Retry-After");
        answer.Headers.Contains("Access-Control-Allow-Credentials").Should().BeFalse();
        answer.Headers.Vary.Should().Contain("Origin");

        using var error = await SendAsync(client, HttpMethod.Get, "/v1/tracks/999999999", Partner);
        error.StatusCode.Should().Be(HttpStatusCode.NotFound);
        error.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal(Partner);
    }

    [Fact]
    public async Task A_preflight_says_what_an_allowed_origin_may_send()
    {
        using var client = await OpenAsync();

        using var preflight = await PreflightAsync(client, Partner);
        preflight.StatusCode.Should().Be(HttpStatusCode.NoContent);
        preflight.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal(Partner);
        preflight.Headers.GetValues("Access-Control-Allow-Methods").Single().Should().Contain("PATCH");
        preflight.Headers.GetValues("Access-Control-Allow-Headers").Single().Should().Contain("Authorization")
            .And.Contain("Idempotency-Key");
        preflight.Headers.Contains("Access-Control-Allow-Credentials").Should().BeFalse();

        using var refused = await PreflightAsync(client, Stranger);
        refused.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
    }

    [Theory]
    [InlineData(Stranger, null, HttpStatusCode.Forbidden)]
    [InlineData(Partner, "session=1", HttpStatusCode.Forbidden)]
    [InlineData(Partner, null, HttpStatusCode.NotFound)]
    public async Task Only_an_allowed_origin_without_cookies_changes_something(
        string origin, string? cookie, HttpStatusCode status)
    {
        using var client = await OpenAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/tracks/999999999/approval");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        if (cookie is not null) request.Headers.Add("Cookie", cookie);

        using var answer = await client.SendAsync(request, Cancel);

        answer.StatusCode.Should().Be(status);
    }

    [Fact]
    public async Task Without_the_setting_no_other_origin_may_anything()
    {
        using var answer = await SendAsync(site.Client, HttpMethod.Get, "/v1/status", Partner);
        answer.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
        using var preflight = await PreflightAsync(site.Client, Partner);
        preflight.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
    }

    [Theory]
    [InlineData("*")]
    [InlineData("partner.example")]
    [InlineData("https://partner.example/")]
    public async Task What_is_no_origin_stops_the_site(string origin)
    {
        var start = () => site.StartAsync("loose", $"--Site:CorsOrigins={origin}");

        await start.Should().ThrowAsync<Exception>().WithMessage("*must be origins*");
    }

    private async Task<HttpClient> OpenAsync() =>
        new() { BaseAddress = await site.StartAsync("loose", $"--Site:CorsOrigins=https://other.example {Partner}") };

    private static Task<HttpResponseMessage> PreflightAsync(HttpClient client, string origin) => SendAsync(
        client, HttpMethod.Options, "/v1/tracks/1", origin, ("Access-Control-Request-Method", "PATCH"),
        ("Access-Control-Request-Headers", "authorization,if-match"));

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, string origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await client.SendAsync(request, Cancel);
    }
}
