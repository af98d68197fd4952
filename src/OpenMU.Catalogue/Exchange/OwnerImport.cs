using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Takes an owner's data in. Some hundred rows are one transaction, in which it also stands how far the import has
/// come: one that was killed goes on there when it is started again, and does nothing twice. A value that is there is
/// never overwritten unless asked for, and what cannot be taken comes back to be mended and sent again.
/// </summary>
public sealed class OwnerImport(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    internal const int RowsAtOnce = 200;

    private const int MaxRaces = 3;

    /// <summary>Takes a file in, or goes on with it.</summary>
    /// <param name="file">What to take in.</param>
    /// <param name="options">How.</param>
    /// <param name="badRows">Where the rows go that come back, in the file's own format; not made where there are
    /// none.</param>
    /// <param name="progress">Told the rows that are done; may be null.</param>
    /// <param name="cancel">Ends it between two batches; it can be gone on with.</param>
    /// <exception cref="InvalidDataException">The file or an option is wrong as a whole; nothing was done.</exception>
    /// <exception cref="InvalidOperationException">Another import of the file is running.</exception>
    public async Task<ImportSummary> RunAsync(
        ImportFile file, ImportOptions options, string badRows, IProgress<long>? progress, CancellationToken cancel)
    {
        var names = file.Columns();
        var columns = new ImportColumns(names, await DeclaredAsync(options.Tenant, cancel), options);
        var id = RunId(file, options);
        var run = options.DryRun ? null : await FindAsync(options.Tenant, id, badRows, cancel);
        var summary = ImportSummary.Parse(run?.Summary ?? "{}");
        summary.DryRun = options.DryRun;
        summary.ResumedAfter = run?.Rows ?? 0;
        using var bad = new BadRowsFile(badRows, file.Format, names, run?.BadBytes ?? 0);
        var batch = new ImportBatch(columns, options, time.GetUtcNow().UtcDateTime);
        await foreach (var rows in file.RowsAsync(run?.Rows ?? 0, FieldOrigin.Owner, cancel).Chunk(RowsAtOnce)
            .WithCancellation(cancel))
        {
            summary = await StoreAsync(batch, rows, id, summary, bad, cancel);
            progress?.Report(summary.Rows);
        }

        foreach (var (name, use) in columns.Uses) summary.Columns[name] = use.ToString();
        await EndAsync(options.Tenant, id, cancel);
        return summary;
    }

    /// <summary>Where rows come back to where nothing else is said: <c>songs.bad.csv</c> beside
    /// <c>songs.csv</c>.</summary>
    /// <param name="path">The file that is taken in.</param>
    /// <param name="of">What it is taken in as, if not as the owner's data, so that two imports of one file leave each
    /// other's rows alone: <c>songs.bad-corrections.csv</c>.</param>
    public static string BadRowsBeside(string path, string? of = null) => Path.ChangeExtension(
        path, $".bad{(of is null ? "" : $"-{of}")}{Path.GetExtension(path)}");

    private async Task<ImportSummary> StoreAsync(
        ImportBatch batch, IReadOnlyList<ImportRow> rows, string id, ImportSummary before, BadRowsFile bad,
        CancellationToken cancel)
    {
        for (var race = 0; ; race++)
        {
            await using var db = catalogue.CreateDbContext();
            try
            {
                return batch.Options.DryRun
                    ? await TryAsync(batch, db, rows, before, bad, cancel)
                    : await db.InTransactionAsync(
                        token => StoreAsync(batch, db, rows, id, before, bad, token), cancel);
            }
            catch (DbUpdateException e) when (race < MaxRaces && !Outage.Is(e) && !Outage.IsCancellation(e))
            {
                // Another program has changed one of the tracks meanwhile: what it made of it is looked at again.
            }
        }
    }

    private static async Task<ImportSummary> TryAsync(
        ImportBatch batch, CatalogueDb db, IReadOnlyList<ImportRow> rows, ImportSummary before, BadRowsFile bad,
        CancellationToken cancel)
    {
        var summary = ImportSummary.Parse(before.ToJson());
        bad.Append(await batch.ApplyAsync(db, rows, summary, cancel));
        return summary;
    }

    // May run again where nobody knows whether its first run was committed: the row of the import says so.
    private async Task<ImportSummary> StoreAsync(
        ImportBatch batch, CatalogueDb db, IReadOnlyList<ImportRow> rows, string id, ImportSummary before,
        BadRowsFile bad, CancellationToken cancel)
    {
        var tenant = batch.Options.Tenant;
        var run = await db.ImportRuns.FindAsync([tenant, id], cancel);
        if (run?.Rows == before.Rows + rows.Count) return ImportSummary.Parse(run.Summary);
        if ((run?.Rows ?? 0) != before.Rows)
            throw new InvalidOperationException("The same file is being imported by another program.");
        run ??= db.ImportRuns.Add(new ImportRun { Tenant = tenant, Id = id }).Entity;
        var summary = ImportSummary.Parse(before.ToJson());
        bad.GoBackTo(run.BadBytes);
        run.BadBytes = bad.Append(await batch.ApplyAsync(db, rows, summary, cancel));
        run.Rows = summary.Rows;
        run.Summary = summary.ToJson();
        run.At = time.GetUtcNow().UtcDateTime;
        await db.SaveChangesAsync(cancel);
        return summary;
    }

    private async Task<List<CatalogueField>> DeclaredAsync(string tenant, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var declared = await db.DeclaredFields.AsNoTracking().Where(f => f.Tenant == tenant).ToListAsync(cancel);
        return declared.ConvertAll(field => field.ToField());
    }

    // Without the rows that came back until then nobody would see them: it begins again, which changes nothing more.
    private async Task<ImportRun?> FindAsync(string tenant, string id, string badRows, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var run = await db.ImportRuns.AsNoTracking()
            .SingleOrDefaultAsync(r => r.Tenant == tenant && r.Id == id, cancel);
        if (run is null) return null;
        var bad = new FileInfo(badRows);
        if (run.BadBytes == 0 || (bad.Exists && bad.Length >= run.BadBytes)) return run;
        await EndAsync(tenant, id, cancel);
        return null;
    }

    private async Task EndAsync(string tenant, string id, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        await db.ImportRuns.Where(r => r.Tenant == tenant && r.Id == id).ExecuteDeleteAsync(cancel);
    }

    private static string RunId(ImportFile file, ImportOptions options)
    {
        var how = JsonSerializer.Serialize(options with { By = "", DryRun = false });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{file.Digest}\n{how}")));
    }
}

/// <summary>The rows that come back, each with its reason, in the format that they came in.</summary>
internal sealed class BadRowsFile : IDisposable
{
    private readonly string path;
    private readonly ImportFormat format;
    private readonly IReadOnlyList<string> columns;
    private readonly int errorAt;
    private FileStream? file;

    /// <param name="path">Of the file; one that is there is written anew but for what is kept.</param>
    /// <param name="format">Of the rows.</param>
    /// <param name="columns">Of a table.</param>
    /// <param name="kept">Bytes of an earlier run.</param>
    public BadRowsFile(string path, ImportFormat format, IReadOnlyList<string> columns, long kept)
    {
        (this.path, this.format, this.columns) = (path, format, columns);
        errorAt = columns.ToList().FindIndex(
            column => column.Equals(CsvRows.ErrorColumn, StringComparison.OrdinalIgnoreCase));
        if (kept > 0) file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read);
        else if (File.Exists(path)) File.Delete(path);
        GoBackTo(kept);
    }

    /// <summary>Forgets what was written after so many bytes.</summary>
    public void GoBackTo(long length)
    {
        file?.SetLength(length);
        file?.Seek(0, SeekOrigin.End);
    }

    /// <summary>Writes rows; they are on the disk when this returns.</summary>
    /// <returns>The length of the file now.</returns>
    public long Append(IReadOnlyList<(ImportRow Row, string Error)> rows)
    {
        if (rows.Count == 0) return file?.Length ?? 0;
        file ??= new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        var text = new StringBuilder();
        if (format == ImportFormat.Csv && file.Length == 0)
        {
            // The mark has spreadsheets read it as what it is.
            text.Append('\uFEFF');
            text.Append(CsvRows.Line(errorAt < 0 ? columns.Append(CsvRows.ErrorColumn) : columns));
        }

        foreach (var (row, error) in rows)
        {
            text.Append(format == ImportFormat.Csv
                ? CsvRows.Line(WithError(row.Original, error))
                : JsonLinesRows.Line(row.Original[0], error));
        }

        file.Write(Encoding.UTF8.GetBytes(text.ToString()));
        file.Flush(flushToDisk: true);
        return file.Length;
    }

    public void Dispose() => file?.Dispose();

    private IEnumerable<string> WithError(IReadOnlyList<string> fields, string error) =>
        errorAt < 0 ? fields.Append(error) : fields.Select((field, at) => at == errorAt ? error : field);
}
