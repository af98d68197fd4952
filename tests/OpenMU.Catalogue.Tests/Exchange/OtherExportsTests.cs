using System.Text.Json.Nodes;
using System.Xml.Linq;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class OtherExportsTests
{
    [Fact]
    public async Task A_playlist_has_seconds_names_and_relative_paths()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        ExportShelf.Text(await file.ExportAsync("m3u8")).Should().Be(
            "#EXTM3U\n#EXTENC:UTF-8\n#EXTINF:62,Ann, Bo - Dawn\na/dawn.flac\n#EXTINF:-1,b\nb.wav\n");
    }

    [Fact]
    public async Task Nothing_in_a_name_breaks_out_of_its_line_of_a_playlist()
    {
        var lines = ExportShelf.Text(await ExportShelf.ExportAsync("m3u8", ExportShelf.HostileTracks())).Split('\n');
        lines.Skip(2).SkipLast(1).Where((_, at) => at % 2 == 0).Should()
            .OnlyContain(line => line.StartsWith("#EXTINF:62,"));
        lines.Skip(2).SkipLast(1).Where((_, at) => at % 2 == 1).Should().OnlyContain(line => !line.StartsWith('#'))
            .And.Contain("./#comment");
    }

    [Fact]
    public async Task AcousticBrainz_documents_have_rhythm_tonal_and_high_level()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var (name, text) = (await JamsExportTests.ReadZipAsync(await file.ExportAsync("acousticbrainz")))[0];
        var document = JsonNode.Parse(text)!;

        name.Should().Be("1 dawn.flac.json");
        ((double)document["rhythm"]!["bpm"]!).Should().Be(120);
        document["rhythm"]!["beats_position"]!.AsArray().Should().HaveCount(123);
        ((string)document["tonal"]!["key_key"]!, (string)document["tonal"]!["key_scale"]!).Should().Be(("C", "major"));
        // The key is a person's, whom the measurement's confidence says nothing about.
        document["tonal"]!["key_strength"].Should().BeNull();
        document["highlevel"]!["genre"]!.ToJsonString().Should()
            .Be("""{"value":"jazz","probability":0.75,"all":{"jazz":0.75}}""");
        ((string)document["metadata"]!["tags"]!["isrc"]![0]!).Should().Be("GBAYE6900531");
    }

    [Fact]
    public async Task Audio_features_are_one_object_with_the_names_of_streaming_services()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var features = JsonNode.Parse(await file.ExportAsync("audio-features"))!["audio_features"]!.AsArray();

        features.Should().HaveCount(2);
        var first = features[0]!;
        ((double)first["tempo"]!, (int)first["key"]!, (int)first["mode"]!, (int)first["time_signature"]!,
            (double)first["loudness"]!, (int)first["duration_ms"]!).Should().Be((120, 0, 1, 4, -14.25, 61500));
        first.AsObject().ContainsKey("danceability").Should().BeTrue();
        ((int)features[1]!["key"]!).Should().Be(-1);
        features[1]!.AsObject().ContainsKey("duration_ms").Should().BeTrue();
        features[1]!["duration_ms"].Should().BeNull("nothing has measured it, and 0 would be an answer");
        var none = JsonNode.Parse(await ExportShelf.ExportAsync("audio-features", []))!;
        none["audio_features"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task MEAD_names_genres_tempo_key_and_who_says_them()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var track = XDocument.Parse(ExportShelf.Text(await file.ExportAsync("mead"))).Root!.Elements().First();

        track.Elements().Select(element => element.ToString(SaveOptions.DisableFormatting)).Should().Equal(
            """<ResourceId><ISRC>GBAYE6900531</ISRC><ProprietaryId Namespace="OpenMU">1</ProprietaryId><ProprietaryId Namespace="Owner">own-1</ProprietaryId></ResourceId>""",
            "<Title>Dawn</Title>", "<DisplayArtistName>Ann</DisplayArtistName>", "<DisplayArtistName>Bo</DisplayArtistName>",
            "<Duration>PT1M2S</Duration>", """<Genre Source="Owner">Cool jazz</Genre>""", """<Genre Source="Owner">R;B</Genre>""",
            """<Mood Source="Found" Confidence="0.5">calm</Mood>""",
            """<BeatsPerMinute Source="Found" Confidence="0.9">120</BeatsPerMinute>""",
            """<Harmony Source="Correction">C major</Harmony>""", """<TimeSignature Source="Found">4/4</TimeSignature>""",
            "<LanguageOfPerformance>en</LanguageOfPerformance>", "<Description>A calm piece.</Description>");
    }

    [Theory]
    [InlineData("mead")]
    [InlineData("acousticbrainz")]
    [InlineData("audio-features")]
    [InlineData("lrc")]
    public async Task Hostile_texts_leave_every_document_readable(string format)
    {
        var bytes = await ExportShelf.ExportAsync(format, ExportShelf.HostileTracks());
        var count = ExportShelf.Hostile.Length;
        if (format == "mead")
        {
            XDocument.Parse(ExportShelf.Text(bytes)).Root!.Elements().Should().HaveCount(count);
        }
        else if (format == "audio-features")
        {
            JsonNode.Parse(bytes).Should().NotBeNull();
        }
        else
        {
            var files = await JamsExportTests.ReadZipAsync(bytes);
            files.Select(file => file.Name).Should().OnlyHaveUniqueItems().And.HaveCount(count)
                .And.NotContain(name => name.Contains("..") || name.StartsWith('/') || name.Contains('\\'));
        }
    }

    [Fact]
    public async Task Lyrics_lie_where_players_look_for_them()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        (await JamsExportTests.ReadZipAsync(await file.ExportAsync("lrc"))).Should()
            .Equal(("a/dawn.lrc", "[00:01.00]first\n[00:03.50]second\n"));
        var alike = await ExportShelf.ExportAsync(
            "lrc", [ExportShelf.Of(1, "x.mp3", FieldSet.Empty), ExportShelf.Of(2, "x.flac", FieldSet.Empty)]);
        (await JamsExportTests.ReadZipAsync(alike)).Select(lyrics => lyrics.Name).Should().Equal("x.lrc", "x 2.lrc");
    }

    [Fact]
    public void Every_format_has_a_name_of_its_own_and_is_found_by_it()
    {
        CatalogueExport.Formats.Select(format => format.Name).Should().OnlyHaveUniqueItems();
        CatalogueExport.Formats.Should().OnlyContain(format => CatalogueExport.Find(format.Name) == format);
        CatalogueExport.Find("mp3").Should().BeNull();
    }
}
