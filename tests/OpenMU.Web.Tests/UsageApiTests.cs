using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Tests;

public sealed class UsageApiTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_used_up_is_answered_with_429_and_the_time_when_it_is_worth_another_try()
    {
        var tenant = $"limited-{Guid.NewGuid():N}"[..20];
        var track = await site.AddHeardAsync("Limited", tenant);
        await LimitAsync(new TenantLimits { Tenant = tenant, QuestionsADay = 1, TracksADay = 0 });
        using var client = new HttpClient { BaseAddress = await site.StartAsync(tenant) };

        using var taken = await AskAsync(client, track);
        taken.StatusCode.Should().Be(HttpStatusCode.Accepted);
        using var refused = await AskAsync(client, track);
        refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.Should().BeGreaterThan(TimeSpan.Zero)
            .And.BeLessThanOrEqualTo(TimeSpan.FromDays(1));
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        problem.GetProperty("quota").GetString().Should().Be("QuestionsADay");
        problem.GetProperty("detail").GetString().Should().StartWith("The library may ask 1 questions a day");

        using var upload = await client.PostAsync(
            "/v1/tracks?fileName=a.wav", new ByteArrayContent([1, 2, 3]), Cancel);
        upload.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        using var address = await client.PostAsync("/v1/uploads?fileName=a.wav", content: null, Cancel);
        address.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);

        var usage = await client.GetFromJsonAsync<JsonElement>("/v1/usage", Cancel);
        Of(usage, "questionsADay").Should().Be((1, 1L));
        Of(usage, "tracksADay").Should().Be((0, 0L));
        Of(usage, "jobsWaiting").Should().Be((1, null));
        Of(usage, "bytesStored").Item1.Should().BePositive();
        usage.GetProperty("resetsAt").GetDateTime().Should().BeAfter(DateTime.UnixEpoch);
    }

    private static (long, long?) Of(JsonElement usage, string quota)
    {
        var allowed = usage.GetProperty(quota).GetProperty("allowed");
        return (
            usage.GetProperty(quota).GetProperty("used").GetInt64(),
            allowed.ValueKind == JsonValueKind.Null ? null : allowed.GetInt64());
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, long track) =>
        client.PostAsJsonAsync($"/v1/tracks/{track}/questions", new { text = "Which key?" }, Cancel);

    private async Task LimitAsync(TenantLimits limits)
    {
        await using var db = site.Catalogue.CreateDbContext();
        db.Add(limits);
        await db.SaveChangesAsync(Cancel);
    }
}
