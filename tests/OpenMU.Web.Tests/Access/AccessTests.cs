using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests.Access;

/// <summary>Who may do what: at home, by keys, and behind the platform's sign-in.</summary>
public sealed class AccessTests(Site site, Browser browser)
{
    private const string Everywhere = "--Site:Url=http://0.0.0.0:0", ByPlatform = "--Site:SignIn=Platform";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_site_on_loopback_takes_whoever_sits_there_and_no_wrong_key()
    {
        (await StatusAsync(site.Client, "/v1/status")).Should().Be(HttpStatusCode.OK);
        using var wrong = Site.ClientOf(site.Client.BaseAddress!, ApiKeyText.New().ToString());
        (await StatusAsync(wrong, "/v1/status")).Should().Be(HttpStatusCode.Unauthorized);
        using var other = Site.ClientOf(site.Client.BaseAddress!, "eyJhbGciOiJub25lIn0.e30.");
        (await StatusAsync(other, "/v1/status")).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_site_that_others_reach_demands_a_key_of_all_but_the_document_and_health()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync("default", Everywhere) };
        client.DefaultRequestHeaders.Add("X-MS-CLIENT-PRINCIPAL-NAME", "ada@example.org");

        using var refused = await client.GetAsync("/v1/tracks", Cancel);

        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized, "nobody has said that the platform signs people in");
        refused.Headers.WwwAuthenticate.Should().ContainSingle().Which.Scheme.Should().Be("Bearer");
        refused.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        foreach (var open in (string[])["/openapi/v1.json", "/healthz", "/"])
            (await StatusAsync(client, open)).Should().Be(HttpStatusCode.OK, open);
        using var page = new HttpRequestMessage(HttpMethod.Get, "/v1/tracks");
        page.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var asked = await client.SendAsync(page, Cancel);
        asked.Headers.WwwAuthenticate.Select(one => one.Scheme).Should().Equal("Bearer", "Basic");
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(
            $"anybody:{await site.KeyAsync("default", ApiScopes.Read)}")));
        (await StatusAsync(client, "/v1/tracks")).Should().Be(HttpStatusCode.OK, "browsers give the key as the password");
    }

    [Fact]
    public async Task A_stranger_learns_nothing_of_a_key_that_is_unknown_expired_or_revoked()
    {
        var expired = await site.KeyAsync("default", ApiScopes.All, DateTime.UnixEpoch);
        var revoked = await site.KeyAsync("default", ApiScopes.All);
        await new ApiKeyStore(site.Catalogue, TimeProvider.System).RevokeAsync(
            "default", revoked[4..16], new("Ada", "cli"), Cancel);
        var texts = new HashSet<string>();

        foreach (var key in (string[])[ApiKeyText.New().ToString(), expired, revoked, revoked[..^1], "omu_", ""])
        {
            using var client = Site.ClientOf(site.Client.BaseAddress!, key);
            using var answer = await client.GetAsync("/v1/tracks", Cancel);
            answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized, key);
            var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
            texts.Add($"{problem.GetProperty("title")} {problem.GetProperty("detail")}");
        }

        texts.Should().ContainSingle();
    }

    [Theory]
    [InlineData("GET", "/v1/tracks", ApiScopes.Read)]
    [InlineData("GET", "/v1/tracks.csv", ApiScopes.Read)]
    [InlineData("POST", "/v1/tracks?fileName=x.wav", ApiScopes.Submit)]
    [InlineData("POST", "/v1/uploads?fileName=x.wav", ApiScopes.Submit)]
    [InlineData("POST", "/v1/questions", ApiScopes.Submit)]
    [InlineData("POST", "/v1/tracks/1/questions", ApiScopes.Submit)]
    [InlineData("POST", "/v1/corrections", ApiScopes.Correct)]
    [InlineData("PATCH", "/v1/tracks/1", ApiScopes.Correct)]
    [InlineData("POST", "/v1/import", ApiScopes.Correct)]
    [InlineData("PUT", "/v1/taxonomy/published", ApiScopes.Correct)]
    [InlineData("POST", "/v1/analyses/publish", ApiScopes.Correct)]
    [InlineData("POST", "/v1/selection/delete", ApiScopes.Correct)]
    [InlineData("GET", "/v1/keys", ApiScopes.Admin)]
    [InlineData("POST", "/v1/keys", ApiScopes.Admin)]
    public async Task A_key_without_the_scope_is_told_which_one_is_missing(string method, string path, ApiScopes scope)
    {
        using var client = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("scopes", ApiScopes.All & ~scope));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var kind = path.StartsWith("/v1/tracks?", StringComparison.Ordinal) ? "application/octet-stream"
            : path == "/v1/import" ? "text/csv" : "application/json";
        if (method != "GET") request.Content = new StringContent("{}", Encoding.UTF8, kind);

        using var answer = await client.SendAsync(request, Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        problem.GetProperty("detail").GetString().Should().Contain($"the scope {scope},");
        answer.Headers.WwwAuthenticate.Single().Parameter.Should().Contain($"scope=\"{scope}\"");
    }

    [Fact]
    public async Task Every_operation_of_the_document_demands_a_key()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync("default", Everywhere) };
        var operations = await Operations.ReadAsync(client, Cancel);
        operations.Should().NotBeEmpty();

        foreach (var operation in operations)
        {
            using var request = operation.Request(_ => 1);
            using var answer = await client.SendAsync(request, Cancel);
            answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized, operation.Name);
        }
    }

    [Fact]
    public async Task The_tenant_is_the_keys_and_so_is_the_name_in_histories()
    {
        using var client = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("loose", ApiScopes.All));
        var track = await site.AddHeardAsync("A key corrects it");

        using var mine = await client.GetAsync($"/v1/tracks/{track}", Cancel);
        mine.StatusCode.Should().Be(HttpStatusCode.OK, "the site's own tenant is another one");
        (await StatusAsync(site.Client, $"/v1/tracks/{track}")).Should().Be(HttpStatusCode.NotFound);
        using var change = new HttpRequestMessage(HttpMethod.Patch, $"/v1/tracks/{track}");
        change.Content = JsonContent.Create(new { title = "By a key" });
        change.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using var changed = await client.SendAsync(change, Cancel);
        changed.StatusCode.Should().Be(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync(Cancel));

        var history = await client.GetStringAsync($"/v1/tracks/{track}/history", Cancel);
        history.Should().Contain("All of loose").And.Contain("\"api\"");
    }

    [Fact]
    public async Task The_keys_of_a_suspended_tenant_are_refused_with_the_reason()
    {
        using var client = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("paused", ApiScopes.All));
        await new TenantStore(site.Catalogue, TimeProvider.System).SuspendAsync("paused", true, new("Ada", "cli"), Cancel);

        using var answer = await client.GetAsync("/v1/tracks", Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync(Cancel)).Should().Contain("The tenant is suspended.");
    }

    [Fact]
    public async Task People_whom_the_platform_has_signed_in_may_all_but_keys_and_operators_those_too()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync("default", Everywhere, ByPlatform) };
        (await StatusAsync(client, "/v1/status")).Should().Be(HttpStatusCode.Unauthorized);

        client.DefaultRequestHeaders.Add("X-MS-CLIENT-PRINCIPAL-NAME", "ada@example.org");
        (await StatusAsync(client, "/v1/status")).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(client, "/v1/keys")).Should().Be(HttpStatusCode.Forbidden);
        var claims = """{"claims":[{"typ":"roles","val":"Admin"}]}""";
        client.DefaultRequestHeaders.Add(
            "X-MS-CLIENT-PRINCIPAL", Convert.ToBase64String(Encoding.UTF8.GetBytes(claims)));
        (await StatusAsync(client, "/v1/keys")).Should().Be(HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "what.the.platform.has.checked");
        (await StatusAsync(client, "/v1/keys")).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Where_people_sign_in_keys_come_in_a_header_of_their_own_and_pages_are_sent_to_the_sign_in()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync("default", Everywhere, ByPlatform) };
        using var page = new HttpRequestMessage(HttpMethod.Get, "/v1/tracks");
        page.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var refused = await client.SendAsync(page, Cancel);
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        refused.Headers.WwwAuthenticate.Select(one => one.Scheme).Should().Equal("Bearer");
        (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("signIn").GetString()
            .Should().Be("/.auth/login/aad");
        await using (var opened = await browser.OpenAsync(client.BaseAddress!, "/?sort=Title"))
        {
            // It looks at the address again and again; waiting for the event misses one that has just come.
            await Expect(opened.Page).ToHaveURLAsync(
                new Regex(@"/\.auth/login/aad\?post_login_redirect_uri=%2F%3Fsort%3DTitle$"));
        }

        client.DefaultRequestHeaders.Add("X-Api-Key", await site.KeyAsync("default", ApiScopes.Read));
        (await StatusAsync(client, "/v1/tracks")).Should().Be(HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "what.the.platform.has.checked");
        (await StatusAsync(client, "/v1/tracks")).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(client, "/v1/keys")).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Keys_are_made_replaced_and_withdrawn_by_the_API_and_only_the_tenants_own()
    {
        using var admin = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("keyring", ApiScopes.Admin));
        using var stranger = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("scopes", ApiScopes.Admin));

        using var created = await admin.PostAsJsonAsync(
            "/v1/keys", new { label = "Radio", scopes = (string[])["Read", "Submit"] }, Cancel);
        created.StatusCode.Should().Be(HttpStatusCode.Created, await created.Content.ReadAsStringAsync(Cancel));
        var made = await created.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        var (key, id) = (made.GetProperty("key").GetString()!, made.GetProperty("about").GetProperty("id").GetString());
        using var radio = Site.ClientOf(site.Client.BaseAddress!, key);
        (await StatusAsync(radio, "/v1/tracks")).Should().Be(HttpStatusCode.OK);

        using var foreign = await stranger.DeleteAsync($"/v1/keys/{id}", Cancel);
        foreign.StatusCode.Should().Be(HttpStatusCode.NotFound);
        using var rotated = await admin.PostAsJsonAsync($"/v1/keys/{id}/rotate", new { overlapHours = 1 }, Cancel);
        var next = (await rotated.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("key").GetString()!;
        using var renewed = Site.ClientOf(site.Client.BaseAddress!, next);
        foreach (var client in (HttpClient[])[radio, renewed])
            (await StatusAsync(client, "/v1/tracks")).Should().Be(HttpStatusCode.OK);
        using var gone = await admin.DeleteAsync($"/v1/keys/{id}", Cancel);
        gone.StatusCode.Should().Be(HttpStatusCode.OK);
        (await StatusAsync(radio, "/v1/tracks")).Should().Be(HttpStatusCode.Unauthorized);

        var listed = await admin.GetFromJsonAsync<JsonElement>("/v1/keys", Cancel);
        listed.EnumerateArray().Should().HaveCount(3);
        listed.ToString().Should().NotContain(key).And.Contain("\"Read\"");
        using var nothing = await admin.PostAsJsonAsync(
            "/v1/keys", new { label = "", scopes = Array.Empty<string>(), expiresAt = "2020-01-01T00:00:00Z" }, Cancel);
        (await nothing.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors").EnumerateObject()
            .Select(error => error.Name).Should().BeEquivalentTo("label", "scopes", "expiresAt");
        await using var db = site.Catalogue.CreateDbContext();
        (await db.AuditEntries.Where(entry => entry.Tenant == "keyring" && entry.Via == "api").OrderBy(entry => entry.Id)
            .Select(entry => entry.Action).ToListAsync(Cancel))
            .Should().Equal("key.created", "key.rotated", "key.revoked");
    }

    [Fact]
    public async Task Folders_of_no_tenant_are_shown_to_the_sites_operator_and_to_no_other_tenant()
    {
        await new TenantPrefixes(site.Catalogue, TimeProvider.System).OwnsAsync("Nobody", "Nobody/a.ogg", Cancel);
        using var reader = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("default", ApiScopes.Read));
        using var other = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("scopes", ApiScopes.All));

        (await site.Client.GetStringAsync("/v1/status", Cancel)).Should().Contain("Nobody/a.ogg");
        foreach (var client in (HttpClient[])[reader, other])
            (await client.GetStringAsync("/v1/status", Cancel)).Should().Contain("\"unknownPrefixes\":[]");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Cancel);
        return answer.StatusCode;
    }
}
