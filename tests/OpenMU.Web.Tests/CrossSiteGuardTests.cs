using System.Net;
using System.Net.Http.Headers;

namespace OpenMU.Web.Tests;

public sealed class CrossSiteGuardTests(Site site)
{
    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task A_page_of_another_site_cannot_upload(string header, string value)
    {
        using var response = await PostAsync("crossed.wav", header, value);

        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        (await site.Storage.Tracks.GetBlobClient("default/crossed.wav").ExistsAsync()).Value.Should().BeFalse();
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Origin", "this site")]
    [InlineData("User-Agent", "curl")]
    public async Task The_page_itself_and_programs_can_upload(string header, string value)
    {
        if (value == "this site") value = site.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        using var response = await PostAsync($"{header} {value.GetHashCode()}.wav", header, value);

        response.StatusCode.Should().Be(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_local_site_does_not_answer_to_a_foreign_host_name()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/tracks");
        request.Headers.Host = "rebound.example";

        using var response = await site.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    private async Task<HttpResponseMessage> PostAsync(string fileName, string header, string value)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/v1/tracks?fileName={Uri.EscapeDataString(fileName)}")
        {
            Content = new ByteArrayContent([1])
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Headers.TryAddWithoutValidation(header, value);
        return await site.Client.SendAsync(request);
    }
}
