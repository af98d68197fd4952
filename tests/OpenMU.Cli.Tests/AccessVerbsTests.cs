using System.Text.Json;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

/// <summary>Tenants and keys at a terminal, on a home folder.</summary>
public sealed class AccessVerbsTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-access-");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_tenant_is_added_listed_and_suspended()
    {
        await SeedAsync();

        await DoneAsync("tenants", "add", "acme", "--origin", "https://acme.example", "--by", "Ada");
        (await RunAsync("tenants", "add", "acme")).Should().Match<(int Code, string Output, string Error)>(ran =>
            ran.Code == ExitCode.Usage && ran.Error.Contains("already"));
        (await DoneAsync("tenants", "suspend", "acme")).Should().Contain("acme is suspended.");

        var lines = (await DoneAsync("tenants", "list")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().HaveCount(2);
        lines[0].Should().StartWith("acme  ").And.Contain("https://acme.example  suspended ");
        (await DoneAsync("tenants", "suspend", "acme", "--resume")).Should().Contain("no longer");
        (await RunAsync("tenants", "suspend", "nobody")).Code.Should().Be(ExitCode.Usage);
    }

    [Fact]
    public async Task A_key_is_shown_once_listed_replaced_and_revoked()
    {
        await SeedAsync();

        var key = (await DoneAsync("keys", "add", "Radio", "--scope", "Read", "--scope", "Submit")).Trim();
        key.Should().MatchRegex("^omu_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$");
        (await RunAsync("keys", "add", "Radio", "--tenant", "nobody")).Code.Should().Be(ExitCode.Usage);

        var made = (await DoneAsync("keys", "rotate", key, "--overlap", "2")).Trim();
        made.Should().StartWith("omu_").And.NotBe(key);
        (await DoneAsync("keys", "revoke", made[4..16])).Should().Contain("(Radio) is revoked.");
        (await RunAsync("keys", "rotate", made)).Code.Should().Be(ExitCode.Usage);

        var listed = (await DoneAsync("keys", "list", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        listed.Select(one => one.GetProperty("publicId").GetString()).Should().Equal(made[4..16], key[4..16]);
        listed[0].GetProperty("revokedAt").ValueKind.Should().Be(JsonValueKind.String);
        listed[1].GetProperty("scopes").GetString().Should().Be("Read, Submit");
        (await DoneAsync("keys", "list")).Should().NotContain(key).And.Contain("never used");
    }

    [Fact]
    public async Task The_audit_says_who_did_what_and_goes_on_where_it_was_left()
    {
        await SeedAsync();
        await DoneAsync("keys", "add", "Radio", "--by", "Ada");
        await DoneAsync("keys", "add", "=Charts, \"Top\"", "--by", "=Bea");
        await DoneAsync("export", "--format", "csv");

        var lines = (await DoneAsync("audit")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Select(line => line.GetProperty("action").GetString()).Should().Equal("key.created", "key.created", "export");
        lines[0].GetProperty("by").GetString().Should().Be("Ada");
        lines[1].GetProperty("detail").GetProperty("label").GetString().Should().Be("=Charts, \"Top\"");
        var csv = (await DoneAsync("audit", "--csv", "--after", $"{lines[0].GetProperty("id")}"))
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        csv.Should().HaveCount(3);
        csv[0].Should().Be("id,at,tenant,by,via,action,subject,detail");
        csv[1].Should().Contain(",default,'=Bea,cli,key.created,");
    }

    [Theory]
    [InlineData("tenants", "add", "a/b", "The name of a tenant has")]
    [InlineData("tenants", "add", "acme", "--origin must be like https://label.example, not acme.", "--origin", "acme")]
    [InlineData("keys", "add", " ", "The label must have 1 to 100 characters.")]
    [InlineData("keys", "add", "x", "Everything", "--scope", "Everything")]
    public void What_cannot_be_is_said_in_one_line(
        string verb, string action, string name, string said, params string[] options) =>
        UsageErrors.Of(CommandLineApp.Parse([verb, action, name, .. options])).Should().ContainSingle()
            .Which.Should().Contain(said).And.NotContain("System.");

    private async Task SeedAsync() => await CatalogueDbFactory
        .ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile))
        .MigrateAsync(TestContext.Current.CancellationToken);

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync([.. arguments, "--data", data.FullName]);

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        code.Should().Be(ExitCode.Done, error);
        return output;
    }
}
