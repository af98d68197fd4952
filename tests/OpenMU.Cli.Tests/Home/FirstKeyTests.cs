using System.Net;
using Microsoft.Data.Sqlite;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests.Home;

/// <summary>A system at home that other machines may reach.</summary>
public sealed class FirstKeyTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-exposed-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task An_exposed_site_demands_a_key_which_its_first_start_shows_once()
    {
        var first = await StartAsync(isExposed: true);
        var key = first.Said.Should().ContainSingle(line => line.StartsWith("omu_")).Subject;
        (first.WithoutKey, await AgainAsync(key)).Should().Be((HttpStatusCode.Unauthorized, HttpStatusCode.OK));

        async Task<HttpStatusCode> AgainAsync(string sent)
        {
            var again = await StartAsync(isExposed: true, sent);
            again.Said.Should().NotContain(line => line.StartsWith("omu_"));
            again.WithoutKey.Should().Be(HttpStatusCode.Unauthorized);
            return again.WithKey;
        }
    }

    [Fact]
    public async Task A_site_that_is_not_exposed_makes_no_key_and_demands_none()
    {
        var (said, without, _) = await StartAsync(isExposed: false);

        (without, said.Exists(line => line.StartsWith("omu_"))).Should().Be((HttpStatusCode.OK, false));
    }

    private async Task<(List<string> Said, HttpStatusCode WithoutKey, HttpStatusCode WithKey)> StartAsync(
        bool isExposed, string key = "none")
    {
        var said = new List<string>();
        var settings = new HomeSettings(data, "default", Port: 0, Workers: 1, IsExposed: isExposed);
        await using var system = await HomeSystem.StartAsync(settings, Say, Cancel);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{new Uri(system.Address).Port}") };
        using var without = await client.GetAsync("/v1/status", Cancel);
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var with = await client.GetAsync("/v1/status", Cancel);
        return (said, without.StatusCode, with.StatusCode);

        void Say(string line)
        {
            lock (said) said.Add(line);
        }
    }
}
