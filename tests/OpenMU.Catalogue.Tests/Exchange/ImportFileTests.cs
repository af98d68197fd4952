using System.Text;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class ImportFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-import-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("windows-1252", false)]
    public async Task A_table_is_read_in_whatever_encoding_it_is(string encoding, bool hasMark)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var how = Encoding.GetEncoding(encoding);
        var path = At("songs.csv");
        await File.WriteAllBytesAsync(
            path, [.. hasMark ? how.GetPreamble() : [], .. how.GetBytes("title;artist\r\nÉtude;Bjørk – Größe\r\n")],
            Cancel);

        var (columns, rows) = await ReadAsync(path);

        columns.Should().Equal("title", "artist");
        rows.Single().Cells.Select(cell => cell.Texts.Single()).Should().Equal("Étude", "Bjørk – Größe");
    }

    [Theory]
    [InlineData("a,b\n1,2\n")]
    [InlineData("a;b\r\n1;2\r\n")]
    [InlineData("a\tb\r\n1\t2")]
    [InlineData("a|b\n1|2\n")]
    [InlineData("sep=;\r\na;b\r\n1;2\r\n")]
    public async Task The_separator_is_found_out(string text)
    {
        await File.WriteAllTextAsync(At("t.csv"), text, Cancel);

        var (columns, rows) = await ReadAsync(At("t.csv"));

        columns.Should().Equal("a", "b");
        rows.Single().Original.Should().Equal("1", "2");
    }

    [Fact]
    public async Task Quotes_hold_separators_line_ends_and_quotes()
    {
        await File.WriteAllTextAsync(At("t.csv"), "a,b\r\n\"x, \"\"y\"\"\nz\",'=1+1\r\n", Cancel);

        var (_, rows) = await ReadAsync(At("t.csv"));

        rows.Single().Cells.Select(cell => cell.Texts.Single()).Should().Equal("x, \"y\"\nz", "=1+1");
    }

    [Fact]
    public async Task Rows_that_cannot_be_read_are_rows_with_a_reason()
    {
        await File.WriteAllTextAsync(At("t.csv"), "a,b\n1,2,3\n4\n5,6\n7,\"8\n", Cancel);

        var (_, rows) = await ReadAsync(At("t.csv"));

        rows.Select(row => row.Number).Should().Equal(2, 3, 4, 5);
        rows.Select(row => row.Problem?.Split(':')[0]).Should().Equal(
            "There are 3 fields; the header has 2", "There are 1 fields; the header has 2", null,
            "A quote is not closed, or text follows it");
    }

    [Fact]
    public async Task Json_lines_have_texts_numbers_lists_and_an_object_of_fields()
    {
        await File.WriteAllTextAsync(
            At("t.jsonl"),
            "{\"title\":\"a\",\"bpm\":120.5,\"explicit\":true,\"genres\":[],\"key\":null,\"fields\":{\"artists\":[\"x\",\"y\"]}}\n"
            + "\n[1]\n{\"a\":{}}\nno json\n", Cancel);

        var (_, rows) = await ReadAsync(At("t.jsonl"));

        rows[0].Cells.Select(cell => (cell.Column, string.Join('|', cell.Texts))).Should().Equal(
            ("title", "a"), ("bpm", "120.5"), ("explicit", "true"), ("genres", ""), ("artists", "x|y"));
        rows.Select(row => row.Number).Should().Equal(1, 3, 4, 5);
        rows[1].Problem.Should().Be("The line is no JSON object.");
        rows[2].Problem.Should().Contain("'a' is an object");
        rows[3].Problem.Should().StartWith("The line is no JSON:");
    }

    [Fact]
    public async Task Empty_files_and_bytes_are_refused()
    {
        await File.WriteAllTextAsync(At("empty.csv"), " \n", Cancel);
        await File.WriteAllBytesAsync(At("bytes.csv"), [1, 0, 2], Cancel);

        await Open("empty.csv").Should().ThrowAsync<InvalidDataException>().WithMessage("*is empty.");
        await Open("bytes.csv").Should().ThrowAsync<InvalidDataException>().WithMessage("*is no text.");

        Func<Task> Open(string name) => () => ImportFile.OpenAsync(At(name), Cancel);
    }

    private string At(string name) => Path.Combine(folder.FullName, name);

    private static async Task<(IReadOnlyList<string> Columns, List<ImportRow> Rows)> ReadAsync(string path)
    {
        var file = await ImportFile.OpenAsync(path, Cancel);
        return (file.Columns(), await file.RowsAsync(0, FieldOrigin.Owner, Cancel).ToListAsync(Cancel));
    }
}
