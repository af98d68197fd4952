using System.Diagnostics;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Functions;
using OpenMU.Testing;

namespace OpenMU.Benchmarks;

/// <summary>
/// What each query of pages, API, sweep and ledger takes in a catalogue of a million made-up tracks, and how SQLite
/// goes about it.
/// </summary>
internal static class CatalogueBenchmark
{
    private const int Runs = 40;

    // Before anything is timed, as on a site that has been running for a while: what runs often is compiled anew.
    private const int WarmUpRuns = 15;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var folder, .. var rest]) return 2;
        var rows = rest is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 1_000_000;
        var only = rest is [_, var part, ..] ? part : "";
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"catalogue-{rows}.db");
        var catalogue = await new CatalogueAtSize(file, rows).MakeAsync();
        using var log = new QueryLog(file);
        Console.WriteLine($"{rows:N0} tracks, {Runs} runs of each after {WarmUpRuns} untimed; milliseconds on the clock, and of a processor");
        Console.WriteLine($"{"",-44}{"p50",9}{"p95",9}{"most",9}{"processor",11}");
        var isQuick = true;
        foreach (var (name, query) in Searches(rows).Where(search => search.Item1.Contains(only)))
        {
            isQuick &= await TimeAsync(name, log, Runs, async run =>
            {
                await using var db = catalogue.CreateDbContext();
                await query(new TrackSearch(db), run);
            }) < 100;
        }

        Console.WriteLine(isQuick ? "All under 100 ms (p95)." : "Not all under 100 ms (p95).");
        await BackgroundAsync(catalogue, log, rows);
        return 0;
    }

    private static IEnumerable<(string, Func<TrackSearch, int, Task>)> Searches(int rows)
    {
        string[] rare = ["bab", "zuzuzu", "wizo", "vovovo"];
        yield return ("/v1/status", (search, _) => search.CellsAsync(CatalogueAtSize.Tenant, default));
        yield return Find("list, first page", _ => new());
        yield return Find("list by BPM descending, first page", _ => new() { Sort = TrackSort.Bpm, Descending = true });
        yield return Find("list, last page", _ => new() { Before = new(TrackSort.FileName, false, "\uFFFF", 0, rows) });
        yield return Find("list by title, deep inside", run => new()
        {
            Sort = TrackSort.Title,
            After = new(TrackSort.Title, false, $"{(char)('b' + (run % 20))}", 0, rows / 2)
        });
        yield return Find("text, rare word", run => new() { Text = rare[run % rare.Length] + "b" });
        yield return Find("text, a frequent word (piano)", _ => new() { Text = "piano" });
        yield return Find("text, one letter (m)", run => new() { Text = $"{"mpkz"[run % 4]}" });
        yield return Find("text, two letters (ma)", run => new() { Text = $"{"mpkz"[run % 4]}a" });
        yield return Find("text, two frequent words (piano calm)", _ => new() { Text = "piano calm" });
        yield return Find("text piano by BPM", _ => new() { Text = "piano", Sort = TrackSort.Bpm });
        yield return Find("text piano in one key", run => new() { Text = "piano", Key = $"{1 + (run % 12)}A" });
        yield return Find("text piano that failed", _ => new() { Text = "piano", State = TrackState.Failed });
        yield return Find("text, a phrase (\"sad piece\")", _ => new() { Text = "\"sad piece\"" });
        yield return Find("text piano without calm", _ => new() { Text = "piano -calm" });
        yield return Find("text genre:jazz OR genre:blues", _ => new() { Text = "genre:jazz OR genre:blues" });
        yield return Find("understood: D minor 120-130 bpm", _ => new() { Text = "in D minor 120-130 bpm" });
        yield return Find("most of the words, none has all", run => new()
        {
            Text = $"zzwarm sad piano for a zzfilm scene {rare[run % rare.Length]}",
            Relax = true
        });
        yield return Find("facet, genre jazz", _ => Facets("genre:jazz"));
        yield return Find("facets, jazz or blues, not sad", _ => Facets("genre:jazz|blues", "-mood:sad"));
        yield return Find("facet, clipped (a fiftieth)", _ => Facets("quality:clipped"));
        yield return Find("facet, not jazz", _ => Facets("-genre:jazz"));
        yield return Find("facets, file says another tempo, 3/4", _ => Facets("differs:bpm", "metre:3/4"));
        yield return Find("facet jazz and text piano", _ => Facets("genre:jazz") with { Text = "piano" });
        yield return Find("wide range of loudness", _ => new() { LufsFrom = -20, LufsTo = -14 });
        yield return Find("range of tempo with 4,700 tracks", run => new() { BpmFrom = 100 + run, BpmTo = 100.3 + run });
        yield return Find("narrow range of tempo", run => new() { BpmFrom = 100 + run, BpmTo = 100.1 + run });
        yield return Find("tempo, key and neighbours, Ready", run => new()
        {
            BpmFrom = 118,
            BpmTo = 122,
            Key = $"{1 + (run % 12)}A",
            KeyNeighbours = true,
            State = TrackState.Ready
        });
        yield return Find("failed tracks", _ => new() { State = TrackState.Failed });
        yield return Find(
            "failed tracks by upload", _ => new() { State = TrackState.Failed, Sort = TrackSort.UploadedAt });
        yield return (
            "one track", (search, run) => search.GetAsync(CatalogueAtSize.Tenant, 1 + (run * 997 % rows), default));

        static TrackQuery Facets(params string[] facets) =>
            new() { Facets = [.. facets.Select(facet => FacetFilter.TryParse(facet)!)] };

        static (string, Func<TrackSearch, int, Task>) Find(string name, Func<int, TrackQuery> query) =>
            (name, (search, run) => search.FindAsync(CatalogueAtSize.Tenant, query(run), default));
    }

    private static async Task BackgroundAsync(CatalogueDbFactory catalogue, QueryLog log, int rows)
    {
        var outbox = new JobOutbox(catalogue, TimeProvider.System, JobKind.Analysis);
        await TimeAsync("age of the oldest open job", log, Runs, _ => outbox.OldestAsync(default));
        await TimeAsync(
            "is a message lost?", log, Runs, _ => outbox.DueAsync(TimeSpan.FromMinutes(2), null, 1, default));
        await TimeAsync(
            "lost messages", log, Runs,
            _ => outbox.DueAsync(TimeSpan.FromMinutes(2), null, JobOutbox.AtOnce, default));
        var comparison = new ContainerComparison(catalogue, new IngestOptions());
        var names = Enumerable.Range(1, rows).Chunk(SweepUploads.PageSize).ToList();
        await TimeAsync($"sweep, a page of {SweepUploads.PageSize:N0} names", log, Runs, run =>
            CompareAsync(comparison, names[run * 31 % names.Count]));
        var watch = Stopwatch.StartNew();
        var due = 0;
        foreach (var page in names) due += await CompareAsync(comparison, page);
        Console.WriteLine(
            $"sweep, all {names.Count} pages: {watch.Elapsed.TotalSeconds:0.0} s without the listing, {due} names due");
    }

    private static async Task<int> CompareAsync(ContainerComparison comparison, int[] page)
    {
        var blobs = Array.ConvertAll(page, number => BlobsModelFactory.BlobItem(
            CatalogueAtSize.BlobName(number),
            properties: BlobsModelFactory.BlobItemProperties(true, eTag: new ETag(CatalogueAtSize.ETag(number)))));
        var after = page[0] == 1 ? null : CatalogueAtSize.BlobName(page[0] - 1);
        return (await comparison.DueAsync(after, blobs[^1].Name, blobs, default)).Count;
    }

    /// <returns>Milliseconds that nineteen of twenty runs took at most.</returns>
    private static async Task<double> TimeAsync(string name, QueryLog log, int runs, Func<int, Task> action)
    {
        for (var run = 0; run < WarmUpRuns; run++) await action(run);
        log.Clear();
        var times = new double[runs];
        var before = Environment.CpuUsage.TotalTime;
        for (var run = 0; run < runs; run++)
        {
            var started = Stopwatch.GetTimestamp();
            await action(run);
            times[run] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        var processor = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / runs;
        Array.Sort(times);
        var p95 = times[(int)(0.95 * (runs - 1))];
        Console.WriteLine($"{name,-44}{times[runs / 2],9:0.0}{p95,9:0.0}{times[^1],9:0.0}{processor,11:0.0}");
        foreach (var step in log.Plans().SelectMany(plan => plan.Plan).Distinct()) Console.WriteLine($"    {step}");
        return p95;
    }
}
