using System.Globalization;
using OpenMU.Catalogue.Fields;
using Parquet;
using Parquet.Schema;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// The columns of the tables as Apache Parquet, with types, in row groups of some thousands. Lists are texts as in the
/// tables: the library's own reader does not read the lists that it writes.
/// </summary>
internal static class ParquetExport
{
    /// <summary>Tracks in a row group, which are held in memory.</summary>
    public const int RowGroup = 2000;

    public static async Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel)
    {
        var columns = ExportColumn.All(options.Declared);
        var fields = columns.Select(Field).ToArray();
        await using var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(fields), output, new ParquetOptions(), false, cancel);
        // What leaves is the cells, not the tracks, which hold far more.
        await foreach (var rows in tracks.Select(track => columns.Select(column => column.Values(track)).ToArray())
            .Chunk(RowGroup).WithCancellation(cancel))
        {
            using var group = writer.CreateRowGroup();
            for (var at = 0; at < fields.Length; at++)
                await WriteAsync(group, fields[at], columns[at].Type, [.. rows.Select(row => row[at])], cancel);
            group.CompleteValidate();
        }
    }

    private static DataField Field(ExportColumn column) => column.Type switch
    {
        FieldType.Number => new DataField(column.Name, typeof(double), isNullable: true),
        FieldType.WholeNumber => new DataField(column.Name, typeof(long), isNullable: true),
        FieldType.YesNo => new DataField(column.Name, typeof(bool), isNullable: true),
        _ => new DataField(column.Name, typeof(string), isNullable: true),
    };

    private static async Task WriteAsync(
        ParquetRowGroupWriter group, DataField field, FieldType type, IReadOnlyList<string>[] cells,
        CancellationToken cancel)
    {
        switch (type)
        {
            case FieldType.Number:
                await group.WriteAsync<double>(
                    field, Of(cell => double.Parse(cell, CultureInfo.InvariantCulture)), cancellationToken: cancel);
                break;
            case FieldType.WholeNumber:
                await group.WriteAsync<long>(
                    field, Of(cell => long.Parse(cell, CultureInfo.InvariantCulture)), cancellationToken: cancel);
                break;
            case FieldType.YesNo:
                await group.WriteAsync<bool>(field, Of(cell => cell == "true"), cancellationToken: cancel);
                break;
            case FieldType.List:
                await group.WriteAsync(
                    field, [.. cells.Select(cell => cell.Count > 0 ? ExchangeText.JoinList(cell) : null!)]);
                break;
            default:
                await group.WriteAsync(field, [.. cells.Select(cell => cell.Count > 0 ? cell[0] : null!)]);
                break;
        }

        ReadOnlyMemory<T?> Of<T>(Func<string, T> read)
            where T : struct => cells.Select(cell => cell.Count > 0 ? read(cell[0]) : (T?)null).ToArray();
    }
}
