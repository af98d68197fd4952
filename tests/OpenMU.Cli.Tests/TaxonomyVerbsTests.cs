using System.Text.Json;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music;

namespace OpenMU.Cli.Tests;

/// <summary>A library's own taxonomy at a terminal, on a home folder: from a table to what searches find.</summary>
public sealed class TaxonomyVerbsTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-taxonomy-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_table_is_tried_imported_compared_published_searched_and_taken_back()
    {
        await SeedAsync();
        var table = await TableAsync("group,term,parent,maps from,threshold\ngenre,Loud,,,\ngenre,Guitars,Loud,rock,0.7\n");

        var tried = await DoneAsync("taxonomy", "import", table, "--dry-run");
        tried.GetProperty("version").ValueKind.Should().Be(JsonValueKind.Null);
        tried.GetProperty("coverage").GetProperty("tracksWithTerms").GetInt32().Should().Be(1);
        (await RunAsync("taxonomy", "list")).Output.Should().StartWith("0  ");

        (await DoneAsync("taxonomy", "import", table, "--by", "Ada")).GetProperty("version").GetInt32().Should().Be(1);
        var difference = await RunAsync("taxonomy", "diff", "--version", "1");
        difference.Output.Should().StartWith("version 0 -> 1: 2 of 2 tracks change").And
            .Contain("+ genre:guitars: 1 track (1 1.flac)").And.Contain("- genre:rock: 2 tracks (1 1.flac, 2 2.flac)");
        (await FoundAsync("genre:rock")).Should().Equal("1.flac", "2.flac");

        (await DoneAsync("taxonomy", "publish", "1", "--by", "Ada")).GetProperty("version").GetInt32().Should().Be(1);

        (await FoundAsync("genre:loud")).Should().Equal("1.flac");
        var tag = (await DoneAsync("show", "1", "--json")).GetProperty("terms")[0];
        (tag.GetProperty("label").GetString(), tag.GetProperty("source").GetString(),
            tag.GetProperty("confidence").GetDouble()).Should().Be(("Guitars", "Model", 0.9));
        (await RunAsync("show", "1")).Output.Should().Contain("genre: Guitars < Loud  [model openmu-test]  0.90");
        (await RunAsync("taxonomy", "coverage")).Output.Should()
            .StartWith("version 1: 1 of 2 tracks have a term").And.Contain("genre/guitars: 1 track, 1 below the threshold");
        (await RunAsync("export", "--format", "csv")).Output.Should().Contain("genreTerms").And.Contain("Guitars");

        (await DoneAsync("taxonomy", "rollback")).GetProperty("version").GetInt32().Should().Be(0);
        (await FoundAsync("genre:rock")).Should().Equal("1.flac", "2.flac");
        var back = await RunAsync("taxonomy", "rollback");
        (back.Code, back.Error.Trim()).Should().Be((ExitCode.NotDone, "openmu: There is nothing to go back to."));
    }

    [Fact]
    public async Task What_show_writes_is_imported_again()
    {
        await SeedAsync();
        var table = await TableAsync((await RunAsync("taxonomy", "show")).Output);

        var import = await DoneAsync("taxonomy", "import", table);

        import.GetProperty("terms").GetInt32().Should().BeGreaterThan(150);
        var first = (await RunAsync("taxonomy", "show", "--version", "1")).Output;
        first.Should().Be(await File.ReadAllTextAsync(table, Cancel));
    }

    [Fact]
    public async Task Bad_rows_come_back_with_their_numbers_and_reasons()
    {
        await SeedAsync();
        var table = await TableAsync("group;term;parent\ngenre;A;B\ngenre;B;A\nmood;Sad;\n");

        var (code, output, error) = await RunAsync("taxonomy", "import", table);

        code.Should().Be(ExitCode.NotDone);
        JsonSerializer.Deserialize<JsonElement>(output).GetProperty("mistakes").GetArrayLength().Should().Be(2);
        error.Should().Contain("row 2: Its parents go round in a circle: 'A' < 'B' < 'A'.");
        (await File.ReadAllLinesAsync(Path.ChangeExtension(table, ".bad.csv"), Cancel))[0].Should()
            .Be("group,term,parent,error");
    }

    [Theory]
    [InlineData("There is no file", "taxonomy", "import", "nothing.csv")]
    [InlineData("There is no version 7", "taxonomy", "publish", "7")]
    [InlineData("There is no version 7", "taxonomy", "coverage", "--version", "7")]
    [InlineData("--version", "taxonomy", "diff")]
    public async Task What_is_said_wrongly_is_told_in_a_line(string reason, params string[] words)
    {
        await SeedAsync();

        var (code, _, error) = await RunAsync(words);

        code.Should().Be(ExitCode.Usage);
        error.Trim().Should().StartWith("openmu: ").And.Contain(reason);
    }

    private async Task<string[]> FoundAsync(string facet) =>
    [
        .. (await RunAsync("search", "--facet", facet, "--json")).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("fileName").GetString()!),
    ];

    private async Task<string> TableAsync(string text)
    {
        var path = Path.Combine(data.FullName, "terms.csv");
        await File.WriteAllTextAsync(path, text, Cancel);
        return path;
    }

    private async Task<JsonElement> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        code.Should().Be(ExitCode.Done, error);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync([.. arguments, "--data", data.FullName]);

    // Two tracks of rock, of one of which the model is less sure.
    private async Task SeedAsync()
    {
        var catalogue = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));
        await catalogue.MigrateAsync(Cancel);
        await using var db = catalogue.CreateDbContext();
        foreach (var (name, confidence) in ((string, double)[])[("1", 0.9), ("2", 0.6)])
        {
            db.Tracks.Add(new Track
            {
                Tenant = TrackBlob.DefaultTenant,
                BlobName = $"default/{name}.flac",
                ETag = "1",
                FileName = $"{name}.flac",
                Job = new Job
                {
                    Tenant = TrackBlob.DefaultTenant,
                    ContentId = $"sha256:{name}",
                    ModelVersion = "openmu-test",
                    State = JobState.Ready,
                    Analysis = new Analysis { Codec = "flac", Tags = [new TagScore("genre", "rock", confidence)] },
                },
            });
            await db.SaveChangesAsync(Cancel);
        }
    }
}
