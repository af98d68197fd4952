using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class CsvExportTests
{
    [Theory]
    [InlineData("csv", ',', "-14.25")]
    [InlineData("csv-semicolon", ';', "-14,25")]
    [InlineData("tsv", '\t', "-14.25")]
    public async Task Tables_hold_what_holds_in_their_dialect(string format, char separator, string lufs)
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var text = ExportShelf.Text(await file.ExportAsync(format)).TrimStart('\uFEFF');

        var rows = ExportShelf.ReadTable(text, separator);
        rows.Should().HaveCount(2);
        var full = rows[0];
        full.Keys.Take(4).Should().Equal("id", "file", "ownId", "isrc");
        full.Keys.Should().Contain(CatalogueField.Known.Select(field => field.Name));
        string[] names = ["file", "ownId", "isrc", "title", "artists", "genres", "key", "camelot", "bpm", "x.shelf", "lufs"];
        names.Select(name => full[name]).Should().Equal(
            "a/dawn.flac", "own-1", "GBAYE6900531", "Dawn", "Ann; Bo", "Cool jazz; R\\;B", "C major", "8B", "120", "7",
            lufs);
        full["lyrics"].Should().Be("[00:01.00]first\n[00:03.50]second");
        (rows[1]["state"], rows[1]["reason"], rows[1]["title"]).Should().Be(("Failed", "The disk is full.", ""));
    }

    [Theory]
    [InlineData("csv", null, false)]
    [InlineData("csv", true, true)]
    [InlineData("csv-semicolon", null, true)]
    [InlineData("csv-semicolon", false, false)]
    [InlineData("tsv", null, false)]
    public async Task A_byte_order_mark_stands_where_it_is_wanted(string format, bool? mark, bool isThere)
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var bytes = await file.ExportAsync(format, mark: mark);
        (bytes[0] == 0xEF).Should().Be(isThere);
        ExportShelf.Text(bytes).TrimStart('\uFEFF').Should().StartWith("id");
    }

    [Theory]
    [InlineData("csv", ',')]
    [InlineData("csv-semicolon", ';')]
    [InlineData("tsv", '\t')]
    public async Task Hostile_texts_come_back_and_run_nothing(string format, char separator)
    {
        var text = ExportShelf.Text(await ExportShelf.ExportAsync(format, ExportShelf.HostileTracks()));
        var rows = ExportShelf.ReadTable(text.TrimStart('\uFEFF'), separator);

        rows.SelectMany(row => row.Where(cell => cell.Key is not ("lufs" or "truePeak"))).Should()
            .NotContain(cell => cell.Value.Length > 0 && "=+-@\t\r".Contains(cell.Value[0]));
        // Half a character has no UTF-8.
        var whole = ExportShelf.Hostile.Select(value => string.Concat(value.EnumerateRunes())).ToList();
        rows.Select(row => ExchangeText.Restore(row["title"])).Should().Equal(whole);
        rows.Select(row => ExchangeText.SplitList(ExchangeText.Restore(row["artists"]))[0]).Should().Equal(whole);
    }
}
