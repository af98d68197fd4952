using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenMU.Catalogue.Access;
using OpenMU.Web.Access;

namespace OpenMU.Web.Tests.Access;

/// <summary>
/// Tokens signed by a key of the tests' own, whose public half lies behind a metadata address on this machine. No token
/// of Entra itself was ever tried.
/// </summary>
public sealed class EntraTokensTests(Site site) : IAsyncLifetime
{
    private const string Application = "11111111-2222-3333-4444-555555555555", Audience = "api://openmu";

    private readonly RSA key = RSA.Create(2048);
    private WebApplication authority = null!;
    private HttpClient client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Issuer => authority.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Critical"]);
        authority = builder.Build();
        authority.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = Issuer,
            jwks_uri = $"{Issuer}/keys",
        }));
        var shown = key.ExportParameters(includePrivateParameters: false);
        authority.MapGet("/keys", () => Results.Json(new
        {
            keys = new[]
            {
                new
                {
                    kty = "RSA", use = "sig", kid = "1", alg = "RS256", n = Base64UrlEncoder.Encode(shown.Modulus),
                    e = Base64UrlEncoder.Encode(shown.Exponent),
                },
            },
        }));
        await authority.StartAsync(Cancel);
        await site.KeyAsync("entra", ApiScopes.Read);
        client = new HttpClient
        {
            BaseAddress = await site.StartAsync(
                "default", "--Site:Url=http://0.0.0.0:0", $"--Site:EntraAuthority={Issuer}",
                $"--Site:EntraAudience={Audience}", $"--Site:EntraApplications={Application}=entra:Read+Submit"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        await authority.DisposeAsync();
        key.Dispose();
    }

    [Fact]
    public async Task An_application_works_for_its_tenant_within_its_scopes()
    {
        var track = await site.AddHeardAsync("Of the application", "entra");
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token());

        using var shown = await client.GetAsync($"/v1/tracks/{track}", Cancel);
        shown.StatusCode.Should().Be(HttpStatusCode.OK);
        using var foreign = await client.GetAsync($"/v1/tracks/{site.Ids["Battle Epic"]}", Cancel);
        foreign.StatusCode.Should().Be(HttpStatusCode.NotFound);
        using var refused = await client.DeleteAsync("/v1/keys/x", Cancel);
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_application_is_no_person_whatever_the_platform_says_of_it()
    {
        using var both = new HttpClient
        {
            BaseAddress = await site.StartAsync(
                "default", "--Site:Url=http://0.0.0.0:0", "--Site:SignIn=Platform", $"--Site:EntraAuthority={Issuer}",
                $"--Site:EntraAudience={Audience}", $"--Site:EntraApplications={Application}=entra:Read+Submit"),
        };
        both.DefaultRequestHeaders.Authorization = new("Bearer", Token());
        both.DefaultRequestHeaders.Add("X-MS-CLIENT-PRINCIPAL-NAME", "application");

        using var foreign = await both.GetAsync($"/v1/tracks/{site.Ids["Battle Epic"]}", Cancel);
        foreign.StatusCode.Should().Be(HttpStatusCode.NotFound, "the site's own tenant is not the application's");
        using var refused = await both.PostAsJsonAsync("/v1/corrections", new { }, Cancel);
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Keys_are_taken_beside_tokens()
    {
        client.DefaultRequestHeaders.Authorization = new("Bearer", await site.KeyAsync("entra", ApiScopes.Read));
        using var answer = await client.GetAsync("/v1/tracks", Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "aud", "api://somebody-else" }, { "iss", "https://somebody.example" }, { "azp", "another-application" },
        { "azp", "" }, { "scp", "access_as_user" }, { "exp", "past" }, { "key", "another" }, { "alg", "none" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task A_token_that_is_not_for_this_site_or_not_of_a_known_application_is_no_key(
        string claim, string value)
    {
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token(claim, value));

        using var answer = await client.GetAsync("/v1/tracks", Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
        problem.GetProperty("detail").GetString().Should().StartWith("Send a key");
    }

    [Theory]
    [InlineData("a=b:Read", 1)]
    [InlineData(" a = b:Read+Submit ; c=Warner Archive:All", 2)]
    [InlineData("", 0)]
    [InlineData("a", null)]
    [InlineData("a=b", null)]
    [InlineData("a=b:", null)]
    [InlineData("a=b:4", null)]
    [InlineData("a=b:None", null)]
    [InlineData("a=b/c:Read", null)]
    [InlineData("a=b:Read;a=c:Read", null)]
    public void Applications_are_read_from_one_setting(string setting, int? count) =>
        (EntraApplications.Read(setting)?.Count).Should().Be(count);

    private string Token(string? change = null, string value = "")
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        using var other = RSA.Create(2048);
        var signing = change == "key" ? other : key;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = change == "iss" ? value : Issuer,
            Audience = change == "aud" ? value : Audience,
            NotBefore = now.AddHours(-2),
            IssuedAt = now.AddHours(-2),
            Expires = change == "exp" ? now.AddHours(-1) : now.AddHours(1),
            Subject = new ClaimsIdentity(
            [
                new Claim("azp", change == "azp" ? value : Application),
                .. change == "scp" ? [new Claim("scp", value)] : Array.Empty<Claim>(),
            ]),
            SigningCredentials = change == "alg"
                ? null
                : new SigningCredentials(
                    new RsaSecurityKey(signing.ExportParameters(true)) { KeyId = "1" }, SecurityAlgorithms.RsaSha256),
        };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }
}
