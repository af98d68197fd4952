using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

public sealed class ImportTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-import-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Table => Path.Combine(data.FullName, "songs.csv");

    private string Bad => Path.Combine(data.FullName, "songs.bad.csv");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_table_is_tried_taken_in_mended_and_sent_again()
    {
        await SeedAsync("pop/one.wav", "pop/two.wav");
        await File.WriteAllTextAsync(
            Table, "Track Title;Artist(s);Initial Key;Our code;file\nOne;A|B;8A;X1;one.wav\nTwo;C;H;X2;two.wav\n", Cancel);

        var tried = await RunAsync("import", Table, "--dry-run", "--map", "Our code=ownId");
        tried.Code.Should().Be(ExitCode.NotDone);
        JsonDocument.Parse(tried.Output).RootElement.GetProperty("fields").GetProperty("title").GetProperty("added")
            .GetInt32().Should().Be(1);
        (await RunAsync("import", Table, "--map", "Our code=ownId")).Error.Should()
            .Contain($"1 row came back, each with its reason: {Bad}");
        var mended = (await File.ReadAllTextAsync(Bad, Cancel)).Replace(",H,", ",Am,");
        await File.WriteAllTextAsync(Table, mended, Cancel);
        var again = await RunAsync("import", Table, "--map", "Our code=ownId", "--by", "Ada");

        again.Code.Should().Be(ExitCode.Done, again.Error);
        File.Exists(Bad).Should().BeFalse();
        await using var db = Open().CreateDbContext();
        var records = db.OwnerRecords.OrderBy(r => r.TrackId);
        (await records.Select(r => r.OwnId + r.Artist + r.By).ToListAsync(Cancel)).Should()
            .Equal($"X1A, B{Environment.UserName}", "X2CAda");
    }

    [Theory]
    [InlineData("There is no column 'x'; there are title, file.", "--ignore", "x")]
    [InlineData("'title' is not COLUMN=NAME.", "--map", "title")]
    [InlineData("There is no type 'words'; there are Text, List,", "--column", "title=words")]
    [InlineData("'name' is none of TrackId, OwnId, Isrc, File, Sha256.", "--match", "file,name")]
    public async Task Slips_in_the_command_line_are_named(string reason, params string[] options)
    {
        await SeedAsync("one.wav");
        await File.WriteAllTextAsync(Table, "title,file\nx,one.wav\n", Cancel);

        var (code, _, error) = await RunAsync(["import", Table, .. options]);

        (code, error.Contains(reason)).Should().Be((ExitCode.Usage, true), error);
    }

    [Fact]
    public async Task Costs_are_shown_by_stage_and_foretold_by_what_was_measured()
    {
        await SeedAsync("one.wav", "two.wav");
        var folder = data.CreateSubdirectory("music");
        await File.WriteAllBytesAsync(
            Path.Combine(folder.FullName, "new.wav"), TestSound.Clicks(seconds: 10, 8000), Cancel);

        var shown = await RunAsync("costs", "--rate", "3.6");
        shown.Code.Should().Be(ExitCode.Done, shown.Error);
        shown.Output.Should().Contain("default: 2 tracks, 2 analyses")
            .And.Contain("work      20 s (2 download, 4 decode, 6 measure, 8 encode, 0 write)")
            .And.Contain("sound     200 s, 0.100 s of work for each").And.Contain("money     0.02 at 3.6 an hour");
        var json = JsonDocument.Parse((await RunAsync("costs", "--json")).Output).RootElement[0].GetProperty("costs");
        (json.GetProperty("audioBytes").GetInt64(), json.GetProperty("rowBytes").GetInt64() > 0).Should().Be((2000, true));

        (await RunAsync("costs", "--preview", folder.FullName)).Output.Trim().Should()
            .Be("1 track, 10 s of sound; 1 s of work expected");
        (await RunAsync("costs", "--retry", "1", "2", "--rate", "3.6")).Output.Trim().Should()
            .Be("2 tracks, 200 s of sound; 20 s of work expected, 0.02 at 3.6 an hour");
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        await OpenMuVerb.RunAsync([.. arguments, "--data", data.FullName]);

    private CatalogueDbFactory Open() =>
        CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));

    private async Task SeedAsync(params string[] files)
    {
        var catalogue = Open();
        await catalogue.MigrateAsync(Cancel);
        await using var db = catalogue.CreateDbContext();
        foreach (var file in files)
        {
            db.Add(new Track
            {
                Tenant = TrackBlob.DefaultTenant,
                BlobName = $"default/{file}",
                ETag = "1",
                FileName = file,
                SizeBytes = 1000,
                Job = new Job
                {
                    Tenant = TrackBlob.DefaultTenant,
                    ContentId = $"sha256:{file}",
                    ModelVersion = Job.NoModel,
                    State = JobState.Ready,
                    Analysis = new Analysis
                    {
                        Codec = "flac",
                        DurationSeconds = 100,
                        Work = new StageSeconds { Download = 1, Decode = 2, Measure = 3, Encode = 4 }
                    }
                },
            });
            await db.SaveChangesAsync(Cancel);
        }
    }
}
