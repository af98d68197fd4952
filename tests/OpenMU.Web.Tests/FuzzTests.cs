using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using OpenMU.Testing.Fuzzing;

namespace OpenMU.Web.Tests;

/// <summary>
/// Every operation from its own document, some times. Many more: <c>dotnet run -c Release --project
/// tests/OpenMU.Benchmarks -- fuzz</c>.
/// </summary>
public sealed class FuzzTests
{
    private const int Seed = 16, RoundsOfOperations = 8;
    private const long MaxGrowthBytes = 1L << 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_made_up_request_finds_a_fault_or_another_library()
    {
        await using var libraries = await TwoLibraries.OpenAsync(Cancel);
        var sites = new List<WebApplication>();
        try
        {
            foreach (var (tenant, word) in TwoLibraries.All)
            {
                var site = CatalogueSite.Build(libraries.Settings(tenant));
                sites.Add(site);
                await site.StartAsync(Cancel);
                await libraries.FurnishAsync(new Uri(site.Urls.Single()), word, Cancel);
            }

            using var client = new HttpClient();
            var document = await client.GetFromJsonAsync<JsonElement>(
                $"{sites[0].Urls.Single()}/openapi/v1.json", Cancel);
            var fuzzer = new ApiFuzzer(document, libraries.Ids, Seed);
            using var run = new FuzzRun(
                fuzzer,
                [.. sites.Select((site, i) => (new Uri(site.Urls.Single()), TwoLibraries.All[1 - i].Word))]);
            var before = Environment.WorkingSet;

            await run.SendAsync(
                0, fuzzer.Operations * RoundsOfOperations, () => libraries.AddTracksAsync(Cancel), Cancel);

            string.Join('\n', run.Findings).Should().BeEmpty();
            run.Statuses.Keys.Should().Contain([200, 400, 404]);
            run.Answered.Count.Should().BeGreaterThan(fuzzer.Operations / 2, "most also do what they are there for");
            (run.PeakBytes - before).Should().BeLessThan(MaxGrowthBytes);
        }
        finally
        {
            foreach (var site in sites) await site.DisposeAsync();
        }
    }
}
