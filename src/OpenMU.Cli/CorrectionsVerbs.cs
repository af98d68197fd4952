using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Exchange;

namespace OpenMU.Cli;

/// <summary><c>openmu corrections import</c>: corrections from a table, and back come the rows that are none.</summary>
internal static class CorrectionsVerbs
{
    public static Command Command()
    {
        var table = new Argument<FileInfo>("file")
        {
            Description = "CSV with a header, or JSON Lines: id, ownId, isrc, file (a path of the catalogue, or its end) or "
                + "sha256 finds the track, other columns are fields. An empty cell leaves a field, "
                + $"{CorrectionImport.None} says that there is no value, {CorrectionImport.Withdrawn} takes a correction "
                + "back; values of a list are separated by ;."
        };
        var rejects = new Option<FileInfo?>("--rejects")
        {
            Description = "Where rows go that cannot be taken, with the column error (default: "
                + "songs.bad-corrections.csv beside songs.csv).",
            HelpName = "FILE"
        };
        var by = SetFields.ByOption();
        var (data, tenant) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption());
        var import = new Command("import", "Puts fields of many tracks right from a file. Doing it twice changes nothing.")
        {
            table, rejects, by, data, tenant
        };
        import.SetAction(async (parsed, cancel) =>
        {
            var file = parsed.GetRequiredValue(table);
            if (!file.Exists) throw new UsageException($"There is no file {file}.");
            var bad = parsed.GetValue(rejects)?.FullName ?? OwnerImport.BadRowsBeside(file.FullName, "corrections");
            if (bad == file.FullName) throw new UsageException("--rejects names the file itself.");
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            return await ImportAsync(
                access, await ImportFile.OpenAsync(file.FullName, cancel), parsed.GetRequiredValue(tenant),
                parsed.GetRequiredValue(by), bad, cancel);
        });
        return new Command("corrections", "Puts tracks' data right from tables.") { import };
    }

    private static async Task<int> ImportAsync(
        CatalogueAccess access, ImportFile file, string tenant, string by, string bad, CancellationToken cancel)
    {
        try
        {
            var summary = await access.Services.GetRequiredService<CorrectionImport>()
                .RunAsync(file, tenant, by, bad, new Rows(), cancel);
            var end = await VerbOutput.EndAsync(summary);
            if (summary.Refused > 0)
            {
                await Console.Error.WriteLineAsync(
                    $"openmu: {VerbOutput.Count(summary.Refused, "row")} came back in {bad}: to be mended and sent again.");
            }

            return end;
        }
        catch (FormatException unknown)
        {
            throw new UsageException($"{Path.GetFileName(file.Path)}: {unknown.Message}");
        }
    }

    private sealed class Rows : IProgress<long>
    {
        public void Report(long value) => VerbOutput.Progress(VerbOutput.Count(value, "row"));
    }
}
