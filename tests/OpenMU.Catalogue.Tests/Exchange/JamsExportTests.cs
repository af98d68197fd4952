using System.IO.Compression;
using System.Text.Json.Nodes;
using OpenMU.Catalogue.Fields;
using OpenMU.Music;
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

    [Fact]
    public async Task Nothing_lasts_longer_than_the_track()
    {
        var track = ExportShelf.Of(1, "x.flac", FieldSet.Empty, analysis =>
        {
            analysis.DurationSeconds = 14;
            analysis.KeySegments = [new KeySegment(0, 14.025, MusicalKey.Parse("Am"), 0.8)];
            analysis.Chords = [new ChordSegment(0, 7, "A:min", 0.5), new ChordSegment(7, 14.025, "F:maj", 0.5)];
        });
        var document = JsonNode.Parse((await ReadZipAsync(await ExportShelf.ExportAsync("jams", [track])))[0].Text)!;

        var data = document["annotations"]!.AsArray()
            .Where(one => (string)one!["namespace"]! is "key_mode" or "chord_harte")
            .SelectMany(one => one!["data"]!.AsArray());
        data.Select(one => (double)one!["duration"]!).Should().Equal(14, 7, 7);
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
