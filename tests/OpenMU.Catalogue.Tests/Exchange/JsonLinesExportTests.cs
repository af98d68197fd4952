using System.Text.Json;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class JsonLinesExportTests
{
    [Fact]
    public async Task A_line_holds_everything_and_who_says_it()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var lines = ExportShelf.Text(await file.ExportAsync("jsonl")).TrimEnd('\n').Split('\n');

        lines.Should().HaveCount(2);
        var track = JsonDocument.Parse(lines[0]).RootElement;
        (Text(track, "fileName"), Text(track, "title"), Text(track, "artist"), Text(track, "key")).Should()
            .Be(("a/dawn.flac", "Dawn", "Ann, Bo", "C major"));
        var key = track.GetProperty("fields").GetProperty("key");
        Text(key, "origin").Should().Be("correction");
        key.GetProperty("claims").EnumerateObject().Select(claim => $"{claim.Name} {claim.Value[0]}")
            .Should().Equal("correction C major", "found A minor");
        track.GetProperty("fields").GetProperty("x.shelf").GetProperty("values")[0].GetString().Should().Be("7");
        Text(track.GetProperty("correction"), "by").Should().Be("Cleo");
        Text(track.GetProperty("owner"), "by").Should().Be("library.csv");
        var analysis = track.GetProperty("analysis");
        Text(analysis.GetProperty("sources")[0], "version").Should().Be("1.2");
        analysis.GetProperty("tags")[0].ToString().Should()
            .Be("""{"group":"genre","tag":"jazz","confidence":0.75}""");
        (analysis.GetProperty("beats").GetArrayLength(), analysis.GetProperty("chords").GetArrayLength(),
            analysis.GetProperty("keySegments").GetArrayLength()).Should().Be((123, 2, 2));
        Text(track.GetProperty("lyrics"), "lrc").Should().Be("[00:01.00]first\n[00:03.50]second\n");
        Text(JsonDocument.Parse(lines[1]).RootElement, "reason").Should().Be("The disk is full.");
    }

    [Fact]
    public async Task Hostile_texts_come_back_each_on_one_line()
    {
        var text = ExportShelf.Text(await ExportShelf.ExportAsync("jsonl", ExportShelf.HostileTracks()));
        text.Should().NotContainAny("\u2028", "\u2029", "\u0085");
        var titles = text.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement
            .GetProperty("fields").GetProperty(FieldNames.Title).GetProperty("values")[0].GetString());
        titles.Should().Equal(ExportShelf.Hostile.Select(value => string.Concat(value.EnumerateRunes())));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
