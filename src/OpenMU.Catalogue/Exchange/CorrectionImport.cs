using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Corrections from a table or JSON Lines, read and matched as an owner's data is. The surest key that a row has finds
/// its track; what else is a field is corrected. Doing it twice changes nothing.
/// </summary>
public sealed class CorrectionImport(IDbContextFactory<CatalogueDb> catalogue, CorrectionStore store)
{
    /// <summary>A cell that says that there is no value, and one that takes a correction back.</summary>
    public const string None = "(none)", Withdrawn = "(withdraw)";

    /// <summary>Takes a file in.</summary>
    /// <param name="file">What to take in.</param>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="by">Who corrects.</param>
    /// <param name="badRows">Where the rows go that come back, in the file's own format; not made where there are
    /// none.</param>
    /// <param name="progress">Told the rows that are done; may be null.</param>
    /// <param name="cancel">Ends it between two rows; what is done is done.</param>
    /// <exception cref="FormatException">A column is neither a field nor finds a track; nothing was done.</exception>
    /// <exception cref="InvalidDataException">The file is none; nothing was done.</exception>
    public async Task<CorrectionSummary> RunAsync(
        ImportFile file, string tenant, string by, string badRows, IProgress<long>? progress, CancellationToken cancel)
    {
        var names = file.Columns();
        var reader = new RowReader(names, await FieldsAsync(tenant, cancel));
        var (summary, batch) = (new CorrectionSummary(), CorrectionAuthor.NewBatch());
        var author = new CorrectionAuthor(by, "import");
        using var bad = new BadRowsFile(badRows, file.Format, names, kept: 0);
        await foreach (var rows in file.RowsAsync(0, FieldOrigin.Correction, cancel).Chunk(OwnerImport.RowsAtOnce)
            .WithCancellation(cancel))
        {
            var refused = new List<(ImportRow Row, string Error)>();
            var read = reader.Read(rows, refused);
            var matches = await MatchAsync(tenant, read, cancel);
            foreach (var (row, match) in read.Zip(matches))
            {
                var answer = match.Track is { } track
                    ? await store.ChangeAsync(tenant, track.Id, row.Edits, author, null, cancel, batch)
                    : new CorrectionAnswer(CorrectionOutcome.NoTrack, match.Problem!);
                if (answer.Outcome == CorrectionOutcome.Done)
                    summary = summary with { Batch = batch, Changed = summary.Changed + 1 };
                else if (answer.Outcome == CorrectionOutcome.NothingToDo)
                    summary = summary with { Unchanged = summary.Unchanged + 1 };
                else refused.Add((row.Row, answer.Reason!));
            }

            refused.Sort((one, other) => one.Row.Number.CompareTo(other.Row.Number));
            bad.Append(refused);
            summary = summary with
            {
                Tracks = summary.Tracks + rows.Length,
                Refused = summary.Refused + refused.Count
            };
            progress?.Report(summary.Tracks);
        }

        return summary;
    }

    private async Task<TenantFields> FieldsAsync(string tenant, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await TenantFields.OfAsync(db, tenant, cancel);
    }

    private async Task<IReadOnlyList<RowMatch>> MatchAsync(
        string tenant, List<CorrectedRow> rows, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await new ImportMatcher(db, tenant, []).FindAsync(rows.ConvertAll(row => row.Keys), cancel);
    }

    private sealed record CorrectedRow(ImportRow Row, TrackKeys Keys, IReadOnlyList<FieldEdit> Edits);

    private sealed class RowReader
    {
        private static readonly string[] Keys = ["id", "ownId", "isrc", "file", "sha256"];

        private readonly TenantFields fields;
        private readonly ImportColumns columns;

        /// <exception cref="FormatException">A column is neither a field nor finds a track.</exception>
        public RowReader(IReadOnlyList<string> names, TenantFields fields)
        {
            this.fields = fields;
            // A number is the catalogue's own here, as lists show it.
            var id = names.Count == 0
                ? ["id"]
                : names.Where(name => name.Equals("id", StringComparison.OrdinalIgnoreCase));
            columns = new ImportColumns(names, fields.Declared, new ImportOptions
            {
                By = "",
                Map = id.ToDictionary(name => name, _ => "trackId"),
            });
            var unknown = columns.Uses.Where(pair => pair.Value.Kind == ColumnKind.Field && !IsKnown(pair.Value))
                .Select(pair => pair.Key).ToList();
            if (unknown.Count > 0) throw new FormatException(Unknown(unknown));
        }

        public List<CorrectedRow> Read(ImportRow[] rows, List<(ImportRow Row, string Error)> refused)
        {
            var read = new List<CorrectedRow>(rows.Length);
            foreach (var row in rows)
            {
                try
                {
                    read.Add(Of(row));
                }
                catch (FormatException wrong)
                {
                    refused.Add((row, wrong.Message));
                }
            }

            return read;
        }

        private CorrectedRow Of(ImportRow row)
        {
            var commands = row.Cells.Where(cell => cell.Texts is [None or Withdrawn]
                && columns.Use(cell.Column).Kind == ColumnKind.Field).ToList();
            var reading = ImportReading.Of(row with { Cells = [.. row.Cells.Except(commands)] }, columns);
            if (reading.Lyrics is not null)
                throw new FormatException("Lyrics are no field: `openmu lyrics import` takes them.");
            var (keys, usedUp) = row.IsWholeTrack
                ? (new TrackKeys(null, null, [], reading.Keys.File, reading.Keys.ContentId), null)
                : Surest(reading.Keys);
            return new CorrectedRow(row, keys,
            [
                .. from said in reading.Fields.Said
                   where said.Key != usedUp
                   select FieldEdit.Set(fields.Find(said.Key), said.Value),
                .. from cell in commands
                   let field = columns.Use(cell.Column).Field!
                   select cell.Texts[0] == None ? FieldEdit.Set(field) : FieldEdit.Withdraw(field),
            ]);
        }

        // A column that nobody knows would be declared by an import of the owner's data; a correction declares nothing.
        private bool IsKnown(ColumnUse use) => use.Field is not { IsCustom: true } own || fields.Declared.Contains(own);

        private string Unknown(List<string> columns)
        {
            string[] known = [.. CatalogueField.Known.Concat(fields.Declared).Select(field => field.Name)];
            var named = columns.Select(column => NearestName.Of(column, known) is { } near
                ? $"'{column}' (did you mean {near}?)"
                : $"'{column}'");
            return $"No field is called {string.Join(", ", named)}. The columns are {string.Join(", ", Keys)}, which find "
                + $"the track, and the fields {string.Join(", ", known)}.";
        }

        // And the field that it stands in, if it is one.
        private static (TrackKeys Keys, string? Field) Surest(TrackKeys keys)
        {
            if (keys.TrackId is not null) return (new TrackKeys(keys.TrackId, null, [], null, null), null);
            if (keys.OwnId is not null) return (new TrackKeys(null, keys.OwnId, [], null, null), FieldNames.OwnId);
            return keys.Isrcs.Count > 0
                ? (new TrackKeys(null, null, keys.Isrcs, null, null), FieldNames.Isrc)
                : (keys, null);
        }
    }
}
