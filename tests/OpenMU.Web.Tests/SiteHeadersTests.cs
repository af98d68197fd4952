using System.Net;

namespace OpenMU.Web.Tests;

public sealed class SiteHeadersTests(Site site)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/app.js")]
    [InlineData("/v1/tracks")]
    [InlineData("/v1/tracks/999999")]
    [InlineData("/no/such/page")]
    public async Task Every_answer_is_confined(string path)
    {
        using var response = await site.Client.GetAsync(path);

        response.Headers.GetValues("Content-Security-Policy").Single()
            .Should().Contain("default-src 'none'").And.Contain("script-src 'self'").And.NotContain("unsafe");
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        response.Headers.GetValues("Referrer-Policy").Should().Equal("no-referrer");
        response.Headers.GetValues("Cross-Origin-Resource-Policy").Should().Equal("same-origin");
        response.Headers.Contains("Server").Should().BeFalse();
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/app.css", "text/css")]
    [InlineData("/app.js", "text/javascript")]
    [InlineData("/mark.svg", "image/svg+xml")]
    public async Task The_page_is_served_from_the_assembly_and_asked_for_anew(string path, string contentType)
    {
        using var response = await site.Client.GetAsync(path);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be(contentType);
        response.Headers.CacheControl!.NoCache.Should().BeTrue();

        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var again = await site.Client.SendAsync(request);
        again.StatusCode.Should().Be(HttpStatusCode.NotModified);
    }
}
