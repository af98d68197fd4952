using System.IO.Compression;
using System.Text.Json.Nodes;
using OpenMU.Testing;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class JamsExportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_track_has_a_document_that_JAMS_allows()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var schema = await JamsSchema.ReadAsync();
        byte[][] exports =
        [
            await file.ExportAsync("jams"), await ExportShelf.ExportAsync("jams", ExportShelf.HostileTracks()),
        ];
        var documents = new List<(string Name, string Text)>();
        foreach (var export in exports) documents.AddRange(await ReadZipAsync(export));

        documents.Should().HaveCount(2 + ExportShelf.Hostile.Length);
        documents[0].Name.Should().Be("1 dawn.flac.jams");
        foreach (var (name, text) in documents) schema.Validate(text).Should().BeEmpty(name);
    }

    [Fact]
    public async Task Tools_people_and_the_lyrics_have_annotations_of_their_own()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var document = JsonNode.Parse((await ReadZipAsync(await file.ExportAsync("jams")))[0].Text)!;

        var annotations = document["annotations"]!.AsArray().Select(annotation => string.Join(' ', (object?[])
        [
            annotation!["namespace"], annotation["annotation_metadata"]!["annotation_tools"],
            annotation["annotation_metadata"]!["annotator"]!["name"], annotation["data"]!.AsArray().Count,
            annotation["data"]![0]!["value"],
        ]));
        annotations.Should().Equal(
            "tempo mir.tempo  1 120", "beat OpenMU  123 1", "key_mode OpenMU  2 A:minor", "chord_harte OpenMU  2 A:min",
            "key_mode  Cleo 1 C:major", "tag_open OpenMU  1 jazz", "tag_open OpenMU  1 calm", "lyrics Owner Cleo 2 first");
        document["file_metadata"]!["identifiers"]!.ToJsonString().Should()
            .Be("""{"isrc":"GBAYE6900531","ownId":"own-1"}""");
        document.ToJsonString().Should().Contain(
            """
            "embedding":{"model":"openmu-1","dimensions":2,"comparedAt":"/v1/tracks/1/similar"}
            """);
    }

    internal static async Task<List<(string Name, string Text)>> ReadZipAsync(byte[] bytes)
    {
        await using var zip = await ZipArchive.CreateAsync(
            new MemoryStream(bytes), ZipArchiveMode.Read, leaveOpen: false, null, Cancel);
        var files = new List<(string, string)>();
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(Cancel));
            files.Add((entry.FullName, await reader.ReadToEndAsync(Cancel)));
        }

        return files;
    }
}
