using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

public sealed class ExportTests : IDisposable
{
    private readonly TaggedMusic music = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Out => music.Folder("out");

    public void Dispose() => music.Dispose();

    [Fact]
    public async Task Every_format_is_written_in_one_run()
    {
        await music.MakeAsync(TaggedMusic.Kinds[0], TaggedMusic.Kinds[1]);
        string[] arguments = [.. CatalogueExport.Formats.SelectMany(format =>
            (string[])["--format", format.Name, "--output", Path.Combine(Out, $"{format.Name}.{format.FileEnding}")])];

        var (code, output, error) = await music.RunAsync(["export", .. arguments]);

        (code, output).Should().Be((ExitCode.Done, ""));
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(CatalogueExport.Formats.Count)
            .And.OnlyContain(line => line.StartsWith("2 tracks written to "));
        Directory.GetFiles(Out).Should().HaveCount(CatalogueExport.Formats.Count)
            .And.OnlyContain(file => new FileInfo(file).Length > 20);
    }

    [Fact]
    public async Task The_count_is_of_the_tracks_that_stand_in_the_file()
    {
        await music.MakeAsync(TaggedMusic.Kinds[0], TaggedMusic.Kinds[1]);
        var path = Path.Combine(music.Data, HomeSystem.CatalogueFile);
        await using (var db = CatalogueDbFactory.ForFile(path).CreateDbContext())
            await db.ContentLyrics.Where(lyrics => lyrics.JobId == 1).ExecuteDeleteAsync(Cancel);

        var (_, _, error) = await music.RunAsync("export", "--format", "lrc", "--output", Path.Combine(Out, "l.zip"));

        error.Should().StartWith("1 track written to ");
    }

    [Theory]
    [InlineData(new[] { "2" }, "two.flac")]
    [InlineData(new[] { "one" }, "pop/one.mp3")]
    [InlineData(new[] { "2", "1" }, "two.flac pop/one.mp3")]
    public async Task Numbers_or_words_select(string[] selection, string files)
    {
        await music.MakeAsync(TaggedMusic.Kinds[0], TaggedMusic.Kinds[1]);
        var (code, output, _) = await music.RunAsync(["export", .. selection, "--format", "m3u8"]);
        code.Should().Be(ExitCode.Done);
        string.Join(' ', output.Split('\n').Where(line => line.Length > 0 && line[0] != '#')).Should().Be(files);
    }

    [Fact]
    public async Task A_file_is_replaced_whole_or_stays()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        var file = Path.Combine(Out, "tracks.csv");
        await File.WriteAllTextAsync(file, "before", Cancel);

        var (code, _, error) = await OpenMuProgram.RunInAsync(
            new Dictionary<string, string> { ["Catalogue__connectionString"] = $"Data Source={Out}/none/there.db" },
            "export", "--output", file);
        code.Should().Be(ExitCode.NotDone, error);
        (await File.ReadAllTextAsync(file, Cancel)).Should().Be("before");

        (await music.RunAsync("export", "--output", file)).Code.Should().Be(ExitCode.Done);
        (await File.ReadAllTextAsync(file, Cancel)).Should().StartWith("id,file,");
        Directory.GetFiles(Out).Should().Equal(file);
    }

    [Fact]
    public async Task Each_format_needs_a_file()
    {
        await music.MakeAsync();
        var (code, _, error) = await music.RunAsync("export", "--format", "csv", "--format", "jsonl");
        code.Should().Be(ExitCode.Usage);
        error.Should().Contain("2 formats need 2 files");
        (await music.RunAsync("export", "--format", "doc")).Error.Should().Contain("rekordbox");
    }
}
