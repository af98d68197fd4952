using System.Diagnostics;
using System.Globalization;
using OpenMU.Catalogue.Exchange;

namespace OpenMU.Benchmarks;

/// <summary>
/// What it takes to take an owner's table in, a row for each track of a made-up catalogue: first all rows are new, then
/// the same again, which changes nothing, and then a value of each takes the place of another.
/// </summary>
internal static class ImportBenchmark
{
    public const string Usage = "import FOLDER [ROWS]";

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var folder, .. var rest] || rest.Length > 1)
        {
            Console.Error.WriteLine($"usage: {Usage}");
            return 2;
        }

        var rows = rest is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 100_000;
        Directory.CreateDirectory(folder);
        // A database of an earlier run has its rows already.
        var file = Path.Combine(folder, "import.db");
        foreach (var part in (string[])["", "-wal", "-shm"]) File.Delete(file + part);
        var catalogue = await new CatalogueAtSize(file, rows).MakeAsync();
        var (table, bad) = (Path.Combine(folder, "rows.csv"), Path.Combine(folder, "rows.bad.csv"));
        Write(table, rows, "first");
        await TimeAsync("all new", replace: false);
        await TimeAsync("all there", replace: false);
        Write(table, rows, "second");
        await TimeAsync("a value of each replaced", replace: true);
        return 0;

        async Task TimeAsync(string what, bool replace)
        {
            var watch = Stopwatch.StartNew();
            var summary = await new OwnerImport(catalogue, TimeProvider.System).RunAsync(
                await ImportFile.OpenAsync(table, CancellationToken.None),
                new ImportOptions { Tenant = CatalogueAtSize.Tenant, By = "benchmark", Replace = replace }, bad,
                progress: null, CancellationToken.None);
            var memory = ResidentMemory.Now();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{summary.Rows:N0} rows, {what}: {watch.Elapsed.TotalSeconds:0} s, {summary.Rows / watch.Elapsed.TotalSeconds:N0} "
                    + $"rows a second; {summary.Changed:N0} changed, {summary.Bad + summary.Conflicts:N0} came back; "
                    + $"{memory.Own >> 20} MiB of its own now, {memory.Peak >> 20} MiB resident at most"));
        }
    }

    private static void Write(string path, int rows, string note)
    {
        using var file = File.CreateText(path);
        file.Write("trackId,ownId,title,artists,genres,label,rightsUntil,Shelf,comment\r\n");
        for (var i = 1; i <= rows; i++)
        {
            file.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{i},OWN-{i},\"Song, no. {i}\",Artist {i % 999}; Guest {i % 77},Jazz; Soul,Label {i % 50},2031-05-31,{i % 400},{note}\r\n"));
        }
    }
}
