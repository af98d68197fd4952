using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary><c>openmu contradictions</c> over recordings, over a catalogue, and over what was printed.</summary>
public sealed class ContradictionsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-contradictions-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Printed_analyses_are_judged_by_their_own_tags_and_measurements()
    {
        var file = Path.Combine(folder.FullName, "printed.json");
        await File.WriteAllTextAsync(
            file,
            $"[{Printed("a", "A fast metal piece with drums.", "Strings play.")}, "
            + $"{Printed("b", "A slow, sad piece with strings.", "No strings are heard. It is in D major.")}]",
            Cancel);

        var (code, output, error) = await OpenMuProgram.RunAsync("contradictions", file, "--json");

        code.Should().Be(0, error);
        var count = JsonNode.Parse(output)!;
        Rates(count, "caption").Should().BeEquivalentTo(new Dictionary<string, int>
        {
            ["anything"] = 1,
            ["instrument"] = 1,
            ["genre"] = 1,
            ["tempo"] = 1,
            ["mood"] = 0,
            ["voice"] = 0,
            ["metre"] = 0,
            ["key"] = 0,
            ["chord"] = 0,
        });
        Rates(count, "description").Where(rate => rate.Value > 0).Select(rate => rate.Key)
            .Should().BeEquivalentTo("anything", "instrument", "key");
        count["found"]!.AsArray().Select(one => (string)one!["claim"]!).Should().BeEquivalentTo(
            "fast", "metal", "drums", "no strings", "D major");

        (_, output, _) = await OpenMuProgram.RunAsync("contradictions", file, "--list");
        output.Should().Contain("1 of 2 (50 %)").And.Contain("2 tracks; nobody counted what was left out.")
            .And.Contain("b: description: instrument: no strings");
    }

    [Fact]
    public async Task What_is_said_in_place_of_music_is_no_claim_about_music()
    {
        const string speech = "No music: it sounds like speech.";
        var file = Path.Combine(folder.FullName, "printed.json");
        var tagged = Printed("b", speech, speech);
        var untagged = JsonNode.Parse(Printed("a", speech, $"{speech} It lasts 39.1 seconds."))!;
        untagged["words"]!["tags"] = new JsonArray();
        await File.WriteAllTextAsync(file, $"[{untagged.ToJsonString()}, {tagged}]", Cancel);

        var (code, output, error) = await OpenMuProgram.RunAsync("contradictions", file, "--json");

        code.Should().Be(0, error);
        JsonNode.Parse(output)!["found"]!.AsArray().Select(one => (string)one!["track"]!)
            .Should().OnlyContain(track => track == "b", "a track with tags has music").And.NotBeEmpty();
    }

    [Fact]
    public async Task A_catalogue_is_judged_as_it_is_shown()
    {
        await using (var db = CatalogueDbFactory.ForFile(Path.Combine(folder.FullName, HomeSystem.CatalogueFile))
            .CreateDbContext())
        {
            await db.MigrateAsync(Cancel);
            db.Jobs.AddRange(
                Job("a", "A slow piece with strings.", Analysis.PlainSource, 3), Job("b", "A flute plays.", "openmu", 1));
            await db.SaveChangesAsync(Cancel);
        }

        var (code, output, error) = await OpenMuProgram.RunAsync("contradictions", folder.FullName, "--list");

        code.Should().Be(0, error);
        output.Should().Contain("2 tracks; 4 sentences left out; 1 captions written from tags and measurements.")
            .And.Contain("b: caption: instrument: flute").And.NotContain("a: caption");
    }

    [Fact]
    public async Task Recordings_are_analysed_and_nothing_contradicts()
    {
        var recordings = folder.CreateSubdirectory("recordings");
        await File.WriteAllBytesAsync(Path.Combine(recordings.FullName, "a.wav"), TestSound.Tone(3, 220), Cancel);

        var (code, output, error) = await OpenMuProgram.RunAsync(
            "contradictions", recordings.FullName, "--json", "--model", SmallRandomModel.Write(folder.FullName),
            "--model-threads", "1");

        code.Should().Be(0, error);
        var count = JsonNode.Parse(output)!;
        count["tracks"]!.GetValue<int>().Should().Be(1);
        count["found"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task What_holds_no_captions_is_one_clear_line()
    {
        var file = Path.Combine(folder.FullName, "other.json");
        await File.WriteAllTextAsync(file, "{\"a\": 1}", Cancel);

        foreach (var (path, problem) in new[] { (file, "is not what"), (folder.CreateSubdirectory("empty").FullName, "no tracks") })
        {
            var (code, output, error) = await OpenMuProgram.RunAsync("contradictions", path);
            (code, output).Should().Be((ExitCode.Usage, ""));
            error.Trim().Should().StartWith("openmu: ").And.Contain(problem).And.NotContain("\n");
        }
    }

    private static Dictionary<string, int> Rates(JsonNode count, string text) => count["rates"]!.AsArray()
        .Where(rate => (string)rate!["text"]! == text)
        .ToDictionary(rate => (string?)rate!["kind"] ?? "anything", rate => (int)rate!["contradicting"]!);

    private static string Printed(string file, string caption, string description) => new JsonObject
    {
        ["file"] = file,
        ["tempo"] = new JsonObject { ["bpm"] = 60 },
        ["beats"] = new JsonArray(0.5, 1.5),
        ["beatNumbers"] = new JsonArray(1, 2),
        ["key"] = new JsonObject { ["key"] = "D minor" },
        ["chords"] = new JsonArray(new JsonObject { ["start"] = 0, ["end"] = 2, ["chord"] = "D:min" }),
        ["words"] = new JsonObject
        {
            ["caption"] = caption,
            ["description"] = description,
            ["tags"] = new JsonArray(
                new JsonObject { ["group"] = "instrument", ["label"] = "strings", ["confidence"] = 0.8 },
                new JsonObject { ["group"] = "mood", ["label"] = "sad", ["confidence"] = 0.8 }),
        },
    }.ToJsonString();

    private static Job Job(string name, string caption, string source, int dropped) => new()
    {
        Tenant = "default",
        ContentId = $"sha256:{name}",
        ModelVersion = "tiny",
        State = JobState.Ready,
        Analysis = new Analysis
        {
            Codec = "flac",
            Bpm = 60,
            Caption = caption,
            DroppedSentences = dropped,
            Tags = [new TagScore("instrument", "strings", 0.8)],
            Sources =
            [
                new FieldSource(nameof(Analysis.Caption), source, "tiny", "open", 3, null),
                new FieldSource(nameof(Analysis.Tags), "openmu", "tiny", "open", 3, 0.8),
            ],
        },
        Tracks = { new Track { Tenant = "default", BlobName = $"default/{name}", ETag = "1", FileName = name } },
    };
}
