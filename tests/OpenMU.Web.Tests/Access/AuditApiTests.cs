using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Tests.Access;

public sealed class AuditApiTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_corrected_deleted_exported_and_published_is_in_the_audit_with_who_did_it()
    {
        const string tenant = "audited";
        using var client = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync(tenant, ApiScopes.All));
        var track = await site.AddHeardAsync("Audited", tenant);

        using var change = new HttpRequestMessage(HttpMethod.Patch, $"/v1/tracks/{track}");
        change.Content = JsonContent.Create(new { title = "Put right", album = "Also" });
        change.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using var changed = await client.SendAsync(change, Cancel);
        changed.EnsureSuccessStatusCode();
        (await client.GetStringAsync("/v1/tracks.csv?key=A%20minor", Cancel)).Should().Contain("Put right");
        using var table = new StringContent("group,term\ngenre,Loud\n", Encoding.UTF8, "text/csv");
        using var imported = await client.PostAsync("/v1/taxonomy/versions", table, Cancel);
        imported.EnsureSuccessStatusCode();
        using var publish = new HttpRequestMessage(HttpMethod.Put, "/v1/taxonomy/published");
        publish.Content = JsonContent.Create(new { version = 1 });
        publish.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using var published = await client.SendAsync(publish, Cancel);
        published.StatusCode.Should().Be(HttpStatusCode.OK, await published.Content.ReadAsStringAsync(Cancel));
        using var deleted = await client.PostAsJsonAsync("/v1/selection/delete", new { ids = (long[])[track] }, Cancel);
        deleted.EnsureSuccessStatusCode();

        var lines = await LinesAsync(client, "/v1/audit");
        lines.Select(line => line.GetProperty("action").GetString()).Should().Equal(
            "tenant.added", "key.created", "correction", "export", "taxonomy.published", "track.deleted");
        lines.Should().OnlyContain(line => line.GetProperty("tenant").GetString() == tenant);
        lines.Skip(2).Should().OnlyContain(line =>
            line.GetProperty("by").GetString() == $"All of {tenant}" && line.GetProperty("via").GetString() == "api");
        lines[3].GetProperty("detail").GetProperty("query").GetProperty("key").GetString().Should().Be("A minor");
        lines[5].GetProperty("subject").GetString().Should().Be($"{track}");

        var rest = await LinesAsync(
            client, $"/v1/audit?pageSize=2&after={lines[1].GetProperty("id")}");
        rest.Select(line => line.GetProperty("id").GetInt64())
            .Should().Equal(lines[2].GetProperty("id").GetInt64(), lines[3].GetProperty("id").GetInt64());
        (await client.GetStringAsync("/v1/audit.csv", Cancel)).Should().StartWith("id,at,tenant,by,via,action,subject")
            .And.Contain($",track.deleted,{track},");
        using var wrong = await client.GetAsync("/v1/audit?pageSize=0", Cancel);
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_was_refused_is_not_in_it()
    {
        using var client = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("quiet", ApiScopes.All));
        using var nothing = await client.PostAsJsonAsync("/v1/selection/delete", new { ids = (long[])[1] }, Cancel);
        using var change = new HttpRequestMessage(HttpMethod.Patch, "/v1/tracks/1");
        change.Content = JsonContent.Create(new { title = "x" });
        change.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using var missing = await client.SendAsync(change, Cancel);

        await using var db = site.Catalogue.CreateDbContext();
        (await db.AuditEntries.Where(entry => entry.Tenant == "quiet").Select(entry => entry.Action).ToListAsync(Cancel))
            .Should().Equal("tenant.added", "key.created");
    }

    private static async Task<List<JsonElement>> LinesAsync(HttpClient client, string path) =>
    [
        .. (await client.GetStringAsync(path, Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement),
    ];
}
