using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary>The main job as a user runs it: the program in a process of its own, on a folder of real sound files.</summary>
public sealed partial class UpTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-music-");
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-data-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_folder_becomes_a_catalogue_once_and_a_second_run_does_no_work_twice()
    {
        File.WriteAllBytes(Path.Combine(folder.FullName, "first.wav"), TestSound.Tone(3, 220));
        File.WriteAllBytes(Path.Combine(folder.FullName, "second.wav"), TestSound.Tone(3, 330));
        File.Copy(Path.Combine(folder.FullName, "first.wav"), Path.Combine(folder.FullName, "same bytes as first.wav"));
        File.WriteAllText(Path.Combine(folder.FullName, "text.mp3"), "no music here");

        var (code, output) = await RunAsync(folder.FullName, "--once");
        var analysed = await AnalysedAsync();
        var (codeAgain, outputAgain) = await RunAsync(folder.FullName, "--once");

        code.Should().Be(0, output);
        output.Should().Contain("3 of 4 done, 0 failed, 1 rejected").And.Contain("rejected: text.mp3: This is not audio");
        analysed.Should().HaveCount(2, "equal bytes are analysed once");
        codeAgain.Should().Be(0, outputAgain);
        outputAgain.Should().Contain("3 of 4 done, 0 failed, 1 rejected");
        (await AnalysedAsync()).Should().Equal(analysed);
    }

    [Fact]
    public async Task With_a_model_a_catalogue_that_was_only_measured_is_described_too()
    {
        File.WriteAllBytes(Path.Combine(folder.FullName, "first.wav"), TestSound.Tone(3, 220));
        var (measured, output) = await RunAsync(folder.FullName, "--once", "--model", "none");
        var (described, outputAgain) = await RunAsync(folder.FullName, "--once", "--model", OpenMU.Testing.SmallRandomModel.Write(data.FullName), "--model-threads", "1");

        (measured, described).Should().Be((0, 0), output + outputAgain);
        output.Should().Contain("Without a model").And.Contain("1 of 1 done, 0 failed, 0 rejected");
        outputAgain.Should().Contain("Model: random-1-").And.Contain("1 of 1 done, 0 failed, 0 rejected");
        await using var db = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, "catalogue.db")).CreateDbContext();
        db.Analyses.OrderBy(a => a.JobId).Select(a => a.Caption != null).Should().Equal(false, true);
    }

    [Fact]
    public async Task The_page_and_the_search_answer_until_an_interrupt_ends_everything_with_the_emulator()
    {
        File.WriteAllBytes(Path.Combine(folder.FullName, "Lone Tone.wav"), TestSound.Tone(3, 220));
        using var process = Start(folder.FullName, "--port", "0");
        var lines = new List<string>();
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync(Cancel)) is not null && !line.Contains("stays up", StringComparison.Ordinal)) lines.Add(line);
        var address = Address().Match(string.Join('\n', lines)).Value;
        using var client = new HttpClient { BaseAddress = new Uri(address) };

        (await client.GetStringAsync("/", Cancel)).Should().Contain("<html");
        var found = await client.GetFromJsonAsync<JsonElement>("/api/tracks?text=lone", Cancel);
        found.GetProperty("total").GetInt32().Should().Be(1);
        var emulator = int.Parse(await File.ReadAllTextAsync(Path.Combine(data.FullName, "storage", "azurite.pid"), Cancel));

        using var interrupt = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync(Cancel);

        process.ExitCode.Should().Be(0);
        FluentActions.Invoking(() => Process.GetProcessById(emulator)).Should().Throw<ArgumentException>("the emulator ends with its parent");
    }

    [Fact]
    public async Task A_missing_folder_is_one_clear_line()
    {
        var (code, output) = await RunAsync(Path.Combine(folder.FullName, "gone"), "--once");

        code.Should().Be(2);
        output.Trim().Should().StartWith("openmu: There is no folder").And.NotContain("\n");
    }

    [Fact]
    public async Task A_second_program_on_the_same_data_is_turned_away()
    {
        await using var first = await HomeSystem.OpenAsync(data, Cancel);

        var (code, output) = await RunAsync(folder.FullName, "--once");

        code.Should().Be(1);
        output.Should().Contain("Another openmu works on");
    }

    private async Task<List<(long Job, DateTime At)>> AnalysedAsync()
    {
        await using var db = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, "catalogue.db")).CreateDbContext();
        return [.. db.Analyses.OrderBy(a => a.JobId).Select(a => new { a.JobId, a.AnalysedAt }).AsEnumerable().Select(a => (a.JobId, a.AnalysedAt))];
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output + await error);
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "openmu.dll"), "up", "--data", data.FullName, .. arguments]) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
