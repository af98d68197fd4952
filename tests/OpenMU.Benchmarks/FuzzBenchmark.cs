using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using OpenMU.Testing.Fuzzing;
using OpenMU.Web;

namespace OpenMU.Benchmarks;

/// <summary>
/// Sends made-up requests to every endpoint of two libraries' sites and prints what they found: faults, traces of the
/// inside, words of the other library, and the memory that it took.
/// </summary>
internal static class FuzzBenchmark
{
    public const string Usage = "fuzz [REQUESTS [SEED]]";

    private const long MaxGrowthBytes = 1L << 30;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var count = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10_000;
        var seed = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1;
        await using var libraries = await TwoLibraries.OpenAsync(CancellationToken.None);
        var sites = new List<WebApplication>();
        foreach (var (tenant, word) in TwoLibraries.All)
        {
            var site = CatalogueSite.Build(libraries.Settings(tenant));
            sites.Add(site);
            await site.StartAsync();
            await libraries.FurnishAsync(new Uri(site.Urls.Single()), word, CancellationToken.None);
        }

        var failed = await SendAsync(libraries, sites, count, seed);
        foreach (var site in sites) await site.DisposeAsync();
        return failed ? 1 : 0;
    }

    private static async Task<bool> SendAsync(
        TwoLibraries libraries, List<WebApplication> sites, int count, int seed)
    {
        using var client = new HttpClient();
        var document = await client.GetFromJsonAsync<JsonElement>($"{sites[0].Urls.Single()}/openapi/v1.json");
        var fuzzer = new ApiFuzzer(document, libraries.Ids, seed);
        using var run = new FuzzRun(
            fuzzer, [.. sites.Select((site, i) => (new Uri(site.Urls.Single()), TwoLibraries.All[1 - i].Word))]);
        var warm = Math.Min(count, fuzzer.Operations * 4);
        await run.SendAsync(0, warm, between: null, CancellationToken.None);
        var before = run.PeakBytes;
        await run.SendAsync(
            warm, count - warm, () => libraries.AddTracksAsync(CancellationToken.None), CancellationToken.None);

        foreach (var finding in run.Findings.Take(50)) Console.WriteLine(finding);
        Console.WriteLine(string.Join("  ", run.Statuses.OrderBy(status => status.Key)
            .Select(status => $"{(status.Key == 0 ? "not sent" : status.Key)}: {status.Value}")));
        Console.WriteLine($"{run.Answered.Count} of {fuzzer.Operations} operations answered 2xx at least once");
        Console.WriteLine(FormattableString.Invariant(
            $"memory: {before >> 20} MiB after {warm} requests, at most {run.PeakBytes >> 20} MiB after {count}"));
        Console.WriteLine($"{count} requests of seed {seed}: {run.Findings.Count} findings");
        return run.Findings.Count > 0 || run.PeakBytes - before > MaxGrowthBytes;
    }
}
