using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Tables of tracks: a header, then a line a track, each ended by CR LF, quoted as RFC 4180 says whatever separates
/// cells. A text that a spreadsheet might run has an apostrophe before it (<see cref="ExchangeText.Disarm"/>), and values of a
/// list are joined by <see cref="ExchangeText.JoinList"/>.
/// </summary>
internal static class CsvExport
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    public static readonly ExportWriter Comma = Writer(new Dialect(',', '.', false));

    // A spreadsheet takes a file without a mark for one in the machine's old code page.
    public static readonly ExportWriter Semicolon = Writer(new Dialect(';', ',', true));

    public static readonly ExportWriter Tab = Writer(new Dialect('\t', '.', false));

    private static ExportWriter Writer(Dialect dialect) => async (tracks, output, options, cancel) =>
    {
        if (options.ByteOrderMark ?? dialect.HasMark) await output.WriteAsync(ByteOrderMark, cancel);
        await using var writer = ExchangeText.Writer(output);
        var columns = ExportColumn.All(options.Declared);
        await writer.WriteAsync(dialect.Line(columns.Select(column => column.Name)));
        await foreach (var track in tracks.WithCancellation(cancel))
            await writer.WriteAsync(dialect.Line(columns.Select(column => dialect.Cell(column, track))));
    };

    private sealed record Dialect(char Separator, char DecimalPoint, bool HasMark)
    {
        public string Line(IEnumerable<string> cells) =>
            string.Join(Separator, cells.Select(cell => ExchangeText.Quoted(cell, Separator))) + "\r\n";

        public string Cell(ExportColumn column, ExportedTrack track) => (column.Type, column.Values(track)) switch
        {
            (_, []) => "",
            (FieldType.Number, [var number, ..]) => number.Replace('.', DecimalPoint),
            (FieldType.WholeNumber or FieldType.YesNo, [var plain, ..]) => plain,
            (FieldType.List, var values) => ExchangeText.Disarm(ExchangeText.JoinList(values)),
            (_, [var text, ..]) => ExchangeText.Disarm(text),
        };
    }
}
