using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music.Lyrics;

namespace OpenMU.Cli.Tests;

public sealed class LyricsVerbsTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-lyrics-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Table => Path.Combine(data.FullName, "lyrics.csv");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Lyrics_are_imported_by_file_name_path_or_id_and_exported_again()
    {
        await SeedAsync("pop/one.mp3", "pop/two.flac", "rock/two.flac", "three.ogg");
        await File.WriteAllTextAsync(
            Table,
            "\uFEFFFile,id,lyrics,language,explicit\r\n"
            + "one.mp3,,\"[00:01.00]first, \"\"quoted\"\"\n[00:02.00]second\",en,true\r\n"
            + "rock\\two.flac,,plain words,,\r\n,4,by its id,,\r\n", Cancel);

        var (code, output, error) = await RunAsync("import", Table);

        (code, output.Trim(), error).Should().Be((ExitCode.Done, "3 lyrics imported, 0 not.", ""));
        var all = await LyricsAsync();
        all.Select(lyrics => (lyrics.TrackId, lyrics.Origin)).Should()
            .Equal((1, "lyrics.csv"), (3, "lyrics.csv"), (4, "lyrics.csv"));
        all[0].Lines.Should().Equal(new LyricLine(1, "first, \"quoted\""), new LyricLine(2, "second"));
        (all[0].Language, all[0].IsExplicit).Should().Be(("en", true));

        var folder = Path.Combine(data.FullName, "out");
        (await RunAsync("export", folder)).Output.Trim().Should().Be("3 lyrics written.");
        (await File.ReadAllTextAsync(Path.Combine(folder, "pop", "one.lrc"), Cancel)).Should()
            .Be("[00:01.00]first, \"quoted\"\n[00:02.00]second\n");
        (await RunAsync("export", folder)).Output.Trim().Should().Be("0 lyrics written, 3 files were there already.");
    }

    [Fact]
    public async Task Each_row_that_cannot_be_imported_says_why_and_the_others_are()
    {
        await SeedAsync("a/one.mp3", "b/one.mp3", "two.mp3");
        await File.WriteAllTextAsync(
            Table, $"file,lyrics\none.mp3,x\nnone.mp3,x\ntwo.mp3,{new string('a', 2000)}\na/one.mp3,words\n,x\n", Cancel);

        var (code, output, error) = await RunAsync("import", Table);

        (code, output.Trim()).Should().Be((ExitCode.NotDone, "1 lyrics imported, 4 not."));
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal(
            "openmu: lyrics.csv, row 2: 2 tracks are named one.mp3: give more of the path, or the id.",
            "openmu: lyrics.csv, row 3: no track is named none.mp3.",
            "openmu: lyrics.csv, row 4: Its line 1 has more than 1,000 characters.",
            "openmu: lyrics.csv, row 6: there is neither a file nor an id.");
    }

    [Fact]
    public async Task What_somebody_has_set_is_replaced_only_when_asked_for()
    {
        await SeedAsync("one.mp3");
        await File.WriteAllTextAsync(Table, "file,lyrics\none.mp3,first\n", Cancel);
        (await RunAsync("import", Table)).Code.Should().Be(ExitCode.Done);
        await File.WriteAllTextAsync(Table, "file,lyrics\none.mp3,second\n", Cancel);

        (await RunAsync("import", Table)).Error.Should().Contain("--replace replaces them");
        (await LyricsAsync()).Single().Text.Should().Be("first");
        (await RunAsync("import", Table, "--replace")).Code.Should().Be(ExitCode.Done);
        (await LyricsAsync()).Single().Text.Should().Be("second");
    }

    [Fact]
    public async Task A_table_without_the_columns_is_refused_with_those_it_has()
    {
        await SeedAsync("one.mp3");
        await File.WriteAllTextAsync(Table, "song,words\na,b\n", Cancel);

        var (code, _, error) = await RunAsync("import", Table);

        code.Should().Be(ExitCode.Usage);
        error.Should().Contain("needs the column lyrics, and file or id; it has song, words.").And.NotContain("\n  ");
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        await OpenMuVerb.RunAsync(["lyrics", .. arguments, "--data", data.FullName]);

    private async Task SeedAsync(params string[] files)
    {
        var catalogue = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));
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
                Job = new Job
                {
                    Tenant = TrackBlob.DefaultTenant,
                    ContentId = $"sha256:{file}",
                    ModelVersion = Job.NoModel
                },
            });
            await db.SaveChangesAsync(Cancel);
        }
    }

    private async Task<List<TrackLyrics>> LyricsAsync()
    {
        var catalogue = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));
        await using var db = catalogue.CreateDbContext();
        return await db.TrackLyrics.AsNoTracking().OrderBy(l => l.TrackId).ToListAsync(Cancel);
    }
}
