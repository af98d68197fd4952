using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;

namespace OpenMU.Catalogue.Exchange;

/// <summary>Reads and writes the rows of a table.</summary>
internal static class CsvRows
{
    /// <summary>The column that says why a row came back; whatever an import has in it is passed over.</summary>
    public const string ErrorColumn = "error";

    // A quote that is never closed makes the rest of a file one field.
    private const int MaxRowBytes = 4 << 20;

    public static IReadOnlyList<string> Columns(ImportFile file)
    {
        using var reader = Open(file);
        try
        {
            reader.ReadHeader();
        }
        catch (CsvFormatException wrong)
        {
            throw new InvalidDataException($"The first row of {file.Path} is no header: {wrong.Message}", wrong);
        }

        var columns = reader.Headers.Select(name => name.Trim()).ToList();
        var twice = columns.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Count() > 1);
        if (twice is not null) throw new InvalidDataException($"{file.Path} has two columns '{twice.Key}'.");
        return columns;
    }

    public static async IAsyncEnumerable<ImportRow> ReadAsync(
        ImportFile file, long skip, [EnumeratorCancellation] CancellationToken cancel)
    {
        CsvMalformedReason? broken = null;
        var columns = Columns(file);
        await using var reader = Open(file, record => broken = record.Reason);
        for (var number = 2L; ; number++)
        {
            broken = null;
            string? end = null;
            try
            {
                if (!await reader.ReadAsync(cancel)) yield break;
            }
            catch (CsvFormatException wrong)
            {
                end = $"The rows from here on cannot be read: {wrong.Message}";
            }

            if (end is not null)
            {
                yield return new ImportRow(number, [], [.. columns.Select(_ => "")], end);
                yield break;
            }

            if (number - 2 < skip) continue;
            string[] fields = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)];
            var problem = Problem(fields, columns, broken, Encoding.UTF8.GetString(reader.RawRecord));
            yield return new ImportRow(
                number, problem is null ? Cells(fields, columns) : [], Fit(fields, columns.Count), problem);
        }
    }

    /// <summary>The fields as a line, ended by CR LF.</summary>
    public static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(Quoted)) + "\r\n";

    private static CsvReader Open(ImportFile file, Action<CsvMalformedRecord>? broken = null) =>
        CsvReader.Create(file.Open(), new() { MaxRecordSize = MaxRowBytes, OnMalformedRecord = broken });

    private static string? Problem(
        string[] fields, IReadOnlyList<string> columns, CsvMalformedReason? broken, string raw)
    {
        if (broken is CsvMalformedReason.UnterminatedQuote or CsvMalformedReason.TextAfterClosingQuote)
            return $"A quote is not closed, or text follows it: {Shortened(raw)}";
        return fields.Length == columns.Count
            ? null
            : $"There are {fields.Length} fields; the header has {columns.Count}: {Shortened(raw)}";
    }

    private static List<ImportCell> Cells(string[] fields, IReadOnlyList<string> columns)
    {
        var cells = new List<ImportCell>(fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(fields[i]))
                cells.Add(new ImportCell(columns[i], [ExchangeText.Restore(fields[i])], IsSplit: false));
        }

        return cells;
    }

    private static string[] Fit(string[] fields, int count) =>
        [.. fields.Take(count), .. Enumerable.Repeat("", Math.Max(0, count - fields.Length))];

    private static string Shortened(string text) => text.Length <= 500 ? text : text[..500] + "...";

    private static string Quoted(string text)
    {
        text = ExchangeText.Disarm(text);
        return text.AsSpan().ContainsAny(",\"\r\n") || text.AsSpan().Trim().Length != text.Length
            ? $"\"{text.Replace("\"", "\"\"")}\""
            : text;
    }
}
