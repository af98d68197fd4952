using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music;

namespace OpenMU.Cli.Tests;

/// <summary>Putting tracks right at a terminal, on a home folder, as a user does.</summary>
public sealed class CorrectionVerbsTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-correct-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Fields_are_set_shown_emptied_withdrawn_and_taken_back()
    {
        await SeedAsync(2);

        var set = await DoneAsync("set", "1", "2", "bpm=63,5", "genres=Fado;Jazz", "moods:=", "--by", "Ada");
        (set.GetProperty("changed").GetInt32(), set.GetProperty("refused").GetInt32()).Should().Be((2, 0));
        await DoneAsync("set", "1", "bpm=");

        var shown = await DoneAsync("show", "1", "--json", "--history");
        var fields = shown.GetProperty("fields");
        Values(fields, "bpm").Should().Equal("61");
        fields.GetProperty("bpm").GetProperty("origin").GetString().Should().Be("Found");
        Values(fields, "genres").Should().Equal("Fado", "Jazz");
        Values(fields, "moods").Should().BeEmpty();
        shown.GetProperty("history").EnumerateArray().Select(change => (
            change.GetProperty("field").GetString(), change.GetProperty("by").GetString())).Should().Equal(
            ("bpm", Environment.UserName), ("moods", "Ada"), ("genres", "Ada"), ("bpm", "Ada"));

        var text = (await RunAsync("show", "1", "--history")).Output;
        text.Should().Contain("genres = Fado; Jazz  [correction]  (found: rock)").And.Contain("moods = (none)  [correction]")
            .And.Contain("Ada (cli)  bpm: - -> 63.5");

        var undone = await RunAsync("undo", set.GetProperty("batch").GetString()!);
        undone.Code.Should().Be(ExitCode.NotDone, "the tempo of one was withdrawn since");
        undone.Error.Trim().Should().Be(
            $"openmu: track 1: {Environment.UserName} has changed bpm since: undo that first, or force it. The other "
            + "fields are taken back.");
        JsonSerializer.Deserialize<JsonElement>(undone.Output).GetProperty("changed").GetInt32().Should().Be(2);
        Values((await DoneAsync("show", "2", "--json")).GetProperty("fields"), "genres").Should().Equal("rock");
        (await RunAsync("undo", "nothing")).Code.Should().Be(ExitCode.Usage);
    }

    [Fact]
    public async Task Tracks_are_chosen_by_a_search_and_tags_added_and_taken_away()
    {
        await SeedAsync(3);

        var tagged = await DoneAsync("tag", "+jazz", "-rock", "mood:+calm", "+my-word", "--bpm-from", "62");

        tagged.GetProperty("changed").GetInt32().Should().Be(2);
        var fields = (await DoneAsync("show", "3", "--json")).GetProperty("fields");
        Values(fields, "genres").Should().Equal("jazz");
        Values(fields, "moods").Should().Equal("calm");
        Values(fields, "tags").Should().Equal("my-word");
        Values((await DoneAsync("show", "1", "--json")).GetProperty("fields"), "genres").Should().Equal("rock");
    }

    [Theory]
    [InlineData("is neither the id of a track nor FIELD=VALUE", "set", "1", "bpm")]
    [InlineData("did you mean genres?", "set", "1", "gendres=x")]
    [InlineData("There is no key 'H'", "set", "1", "key=H")]
    [InlineData("BPM 'abc' is no number. There is no key 'H'", "set", "1", "bpm=abc", "key=H", "title=x")]
    [InlineData("bpm is neither the id of a track nor FIELD=VALUE. key is neither", "set", "1", "bpm", "key")]
    [InlineData("bpm is named twice", "set", "1", "bpm=1", "bpm=2")]
    [InlineData("Name tracks by their ids, or by the options", "set", "bpm=1")]
    [InlineData("not both", "set", "1", "bpm=1", "--all")]
    [InlineData("nor a tag such as +jazz", "tag", "1", "jazz")]
    [InlineData("Title has one value: set it instead.", "tag", "1", "title:+x")]
    [InlineData("There is no option --forse", "undo", "x", "--forse")]
    public async Task What_is_said_wrongly_is_told_in_a_line_and_nothing_is_done(string reason, params string[] words)
    {
        await SeedAsync(1);

        var (code, output, error) = await RunAsync(words);

        (code, output).Should().Be((ExitCode.Usage, ""));
        error.Trim().Should().StartWith("openmu: ").And.Contain(reason).And.NotContain("\n");
    }

    [Fact]
    public async Task A_table_puts_tracks_right_and_gives_back_the_rows_that_it_cannot()
    {
        await SeedAsync(3);
        var table = Path.Combine(data.FullName, "keys.csv");
        await File.WriteAllTextAsync(
            table, "\uFEFFownId,key,label,moods\r\nA-1,8A,\"One, two\",\r\nA-2,H,L,\r\nnone,Am,L,\r\nA-3,,(none),calm;sad\r\n", Cancel);

        var (code, output, error) = await RunAsync("corrections", "import", table, "--by", "Ada");

        code.Should().Be(ExitCode.NotDone, error);
        JsonSerializer.Deserialize<JsonElement>(output).GetProperty("changed").GetInt32().Should().Be(2);
        var bad = Path.ChangeExtension(table, ".bad-corrections.csv");
        (await File.ReadAllTextAsync(bad, Cancel)).Should().Be(
            "ownId,key,label,moods,error\r\n"
            + "A-2,H,L,,\"There is no key 'H': give one such as Am, C# minor or 8A.\"\r\n"
            + "none,Am,L,,No track has the own id none.\r\n");
        var fields = (await DoneAsync("show", "3", "--json")).GetProperty("fields");
        Values(fields, "moods").Should().Equal("calm", "sad");
        Values(fields, "label").Should().BeEmpty();

        await File.WriteAllTextAsync(bad, (await File.ReadAllTextAsync(bad, Cancel))
            .Replace("A-2,H", "A-2,8B").Replace("none,Am", "A-1,Am"), Cancel);
        (await RunAsync("corrections", "import", bad)).Code.Should().Be(ExitCode.Done, "the column error is no field");
        Values((await DoneAsync("show", "2", "--json")).GetProperty("fields"), "key").Should().Equal("C major");
        (await RunAsync("corrections", "import", bad)).Output.Should().Contain("\"changed\":0,\"unchanged\":2");
    }

    [Fact]
    public async Task Rows_that_came_back_from_corrections_are_left_alone_by_an_import_of_the_same_file()
    {
        await SeedAsync(2);
        var table = Path.Combine(data.FullName, "songs.csv");
        await File.WriteAllTextAsync(table, "ownId,label\nA-1,L\nA-2,M\nA-9,N\n", Cancel);
        (await RunAsync("corrections", "import", table)).Code.Should().Be(ExitCode.NotDone);
        await File.WriteAllTextAsync(table, "ownId,label\nA-1,L\nA-2,M\n", Cancel);

        (await RunAsync("import", table)).Code.Should().Be(ExitCode.Done);

        (await File.ReadAllTextAsync(Path.ChangeExtension(table, ".bad-corrections.csv"), Cancel)).Should()
            .Contain("A-9,N,No track has the own id A-9.");
    }

    [Fact]
    public async Task A_table_with_columns_that_are_none_is_told_those_that_are()
    {
        await SeedAsync(1);
        var table = Path.Combine(data.FullName, "wrong.csv");
        await File.WriteAllTextAsync(table, "id,gendres,key,whatever\r\n1,Jazz,8A,x\r\n", Cancel);

        var (code, _, error) = await RunAsync("corrections", "import", table);

        (code, (await DoneAsync("show", "1", "--json")).GetProperty("version").GetInt32())
            .Should().Be((ExitCode.Usage, 0));
        error.Should().Contain("No field is called 'gendres' (did you mean genres?), 'whatever'.")
            .And.Contain("The columns are id, ownId, isrc, file, sha256, which find the track, and the fields ownId, title, ")
            .And.Contain(", genres, ");
    }

    [Fact]
    public async Task A_change_of_nothing_names_no_batch_and_a_title_of_two_lines_breaks_no_list()
    {
        await SeedAsync(1);
        await DoneAsync("set", "1", "title=One\nTwo");

        var again = await DoneAsync("set", "1", "title=One\nTwo");

        again.GetProperty("batch").ValueKind.Should().Be(JsonValueKind.Null);
        (await RunAsync("show", "1")).Output.Split('\n').Should().Contain("title = One Two  [correction]");
        (await RunAsync("search", "two")).Output.Split('\n').Should().HaveCount(2).And.Contain(line =>
            line.StartsWith("1  ? - One Two (1.flac)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tracks_of_the_same_bytes_are_listed()
    {
        await SeedAsync(2);
        await using (var db = Open())
        {
            (await db.Tracks.OrderBy(t => t.Id).LastAsync(Cancel)).JobId = 1;
            await db.SaveChangesAsync(Cancel);
        }

        (await DoneAsync("duplicates")).GetProperty("tracks").EnumerateArray()
            .Select(track => track.GetProperty("id").GetInt64()).Should().Equal(1, 2);
    }

    private static IEnumerable<string?> Values(JsonElement fields, string name) =>
        fields.GetProperty(name).GetProperty("values").EnumerateArray().Select(value => value.GetString());

    private async Task<JsonElement> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        code.Should().Be(ExitCode.Done, error);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync([.. arguments, "--data", data.FullName]);

    private CatalogueDb Open() =>
        CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile)).CreateDbContext();

    // Tracks 1, 2, 3 ... of 61, 62, 63 ... BPM and the owner's ids ...
    private async Task SeedAsync(int tracks)
    {
        await CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile)).MigrateAsync(Cancel);
        await using var db = Open();
        for (var i = 1; i <= tracks; i++)
        {
            var track = db.Tracks.Add(new Track
            {
                Tenant = TrackBlob.DefaultTenant,
                BlobName = $"default/{i}.flac",
                ETag = "1",
                FileName = $"{i}.flac",
                Job = new Job
                {
                    Tenant = TrackBlob.DefaultTenant,
                    ContentId = $"sha256:{i}",
                    ModelVersion = Job.NoModel,
                    State = JobState.Ready,
                    Analysis = new Analysis
                    {
                        Codec = "flac",
                        Bpm = 60 + i,
                        Tags = [new TagScore("genre", "rock", 0.9)],
                    },
                },
            });
            await db.SaveChangesAsync(Cancel);
            db.OwnerRecords.Add(new OwnerRecord
            {
                TrackId = track.Entity.Id,
                Tenant = TrackBlob.DefaultTenant,
                By = "import",
                Fields = FieldSet.Empty.With(FieldNames.OwnId, [$"A-{i}"]),
            });
            await db.SaveChangesAsync(Cancel);
        }
    }
}
