using System.Net;

namespace OpenMU.Web.Tests;

public sealed class StatusApiTests(Site site)
{
    [Fact]
    public async Task Tracks_are_counted_by_state_and_only_the_tenants_own()
    {
        using var other = new HttpClient { BaseAddress = await site.StartAsync("other") };

        var counts = System.Text.Json.JsonDocument.Parse(await other.GetStringAsync("/v1/status")).RootElement;

        counts.GetProperty("total").GetInt32().Should().Be(1);
        counts.GetProperty("ready").GetInt32().Should().Be(1);
        counts.GetProperty("queued").GetInt32().Should().Be(0);

        var own = await site.GetJsonAsync("/v1/status");
        own.GetProperty("rejected").GetInt32().Should().Be(1);
        own.GetProperty("failed").GetInt32().Should().Be(1);
        own.GetProperty("queued").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task The_site_is_healthy_while_its_catalogue_answers()
    {
        using var response = await site.Client.GetAsync("/healthz");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }
}
