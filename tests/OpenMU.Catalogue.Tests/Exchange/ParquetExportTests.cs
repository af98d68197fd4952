using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using Parquet;
using Parquet.Serialization;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class ParquetExportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Columns_have_types_and_come_back()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var rows = await ReadAsync(await file.ExportAsync("parquet"));

        rows.Should().HaveCount(2);
        rows[0]["id"].Should().Be(1L);
        rows[0]["bpm"].Should().Be(120.0);
        rows[0]["lufs"].Should().Be(-14.25);
        rows[0]["title"].Should().Be("Dawn");
        rows[0]["x.shelf"].Should().Be(7L);
        ExchangeText.SplitList((string)rows[0]["genres"]).Should().Equal("Cool jazz", "R;B");
        rows[0]["artists"].Should().Be("Ann; Bo");
        rows[1].GetValueOrDefault("artists").Should().BeNull();
        rows[1].GetValueOrDefault("bpm").Should().BeNull();
    }

    [Fact]
    public async Task Hostile_texts_come_back_as_they_are()
    {
        var rows = await ReadAsync(await ExportShelf.ExportAsync("parquet", ExportShelf.HostileTracks()));
        rows.Select(row => row[FieldNames.Title]).Should()
            .Equal(ExportShelf.Hostile.Select(value => string.Concat(value.EnumerateRunes())));
    }

    [Fact]
    public async Task Row_groups_hold_some_thousands()
    {
        var bytes = await ExportShelf.ExportAsync(
            "parquet", Enumerable.Range(1, ParquetExport.RowGroup + 1).Select(id => ExportShelf.Plain(id)));
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(bytes), cancellationToken: Cancel);
        reader.RowGroupCount.Should().Be(2);
    }

    private static async Task<IList<Dictionary<string, object>>> ReadAsync(byte[] bytes) =>
        (await ParquetSerializer.DeserializeUntypedAsync(new MemoryStream(bytes), cancellationToken: Cancel)).Data;
}
