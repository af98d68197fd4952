using System.Text.Json;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class CatalogueExportTests
{
    private static readonly TrackSummary[] Tracks =
    [
        new(
            1, "a, \"b\".wav", "=HYPERLINK(1)", "-1", "two\nlines", TrackState.Ready, null, 120.0004, "A minor", "8A",
            -14.25, 61.5, "Plain.", "a, b", Shelf.Noon, 3),
        new(2, "@x", "+x", null, "", TrackState.Failed, "Too long", null, null, null, null, null, null, null, Shelf.Noon,
            null),
    ];

    [Fact]
    public async Task Csv_quotes_what_needs_it_and_disarms_formulas()
    {
        var writer = new StringWriter();
        await CatalogueExport.WriteCsvAsync(Tracks.ToAsyncEnumerable(), writer, TestContext.Current.CancellationToken);
        writer.ToString().Should().Be(
            "id,file,title,artist,album,state,reason,bpm,key,camelot,lufs,seconds,caption,tags,uploaded,dropped\r\n"
            + "1,\"a, \"\"b\"\".wav\",'=HYPERLINK(1),'-1,\"two\nlines\",Ready,,120,A minor,8A,-14.25,61.5,Plain.,\"a, "
            + "b\",2026-01-02T12:00:00.0000000Z,3\r\n"
            + "2,'@x,'+x,,,Failed,Too long,,,,,,,,2026-01-02T12:00:00.0000000Z,\r\n");
    }

    [Fact]
    public async Task Json_lines_hold_a_track_each()
    {
        var writer = new StringWriter();
        await CatalogueExport.WriteJsonLinesAsync(
            Tracks.ToAsyncEnumerable(), writer, TestContext.Current.CancellationToken);
        var lines = writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().HaveCount(2);
        using var first = JsonDocument.Parse(lines[0]);
        first.RootElement.GetProperty("state").GetString().Should().Be("Ready");
        first.RootElement.GetProperty("album").GetString().Should().Be("two\nlines");
    }
}
