using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary>
/// The main job as a user runs it: the program in a process of its own, on a folder of real sound files.
/// </summary>
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

        File.WriteAllText(Path.Combine(folder.FullName, "cover.jpg"), "a picture");

        var (code, output) = await RunAsync(folder.FullName, "--once", "--report", Report);
        var analysed = await AnalysedAsync();
        var (codeAgain, outputAgain) = await RunAsync(folder.FullName, "--once");

        code.Should().Be(ExitCode.Rejected, output);
        output.Should().Contain("3 of 4 done, 0 failed, 1 rejected")
            .And.Contain("rejected: text.mp3: This is not audio");
        analysed.Should().HaveCount(2, "equal bytes are analysed once");
        codeAgain.Should().Be(ExitCode.Rejected, outputAgain);
        outputAgain.Should().Contain("3 of 4 done, 0 failed, 1 rejected");
        (await AnalysedAsync()).Should().Equal(analysed);
        var lines = await ReportAsync();
        lines.Select(line => (line.File, line.State)).Should().Equal(
            ("first.wav", "ready"), ("same bytes as first.wav", "ready"), ("second.wav", "ready"),
            ("text.mp3", "rejected"), ("cover.jpg", "passed-over"));
        lines.Select(line => line.Reason is null).Should().Equal(true, true, true, false, false);
    }

    [Fact]
    public async Task With_nothing_rejected_the_run_ends_well()
    {
        File.WriteAllBytes(Path.Combine(folder.FullName, "first.wav"), TestSound.Tone(3, 220));

        var (code, output) = await RunAsync(folder.FullName, "--once", "--model", "none");

        code.Should().Be(ExitCode.Done, output);
    }

    [Fact]
    public async Task When_the_emulator_is_killed_in_the_middle_of_ten_files_all_become_Ready_and_none_twice()
    {
        for (var i = 0; i < 10; i++)
            File.WriteAllBytes(Path.Combine(folder.FullName, $"{i}.wav"), TestSound.Tone(20, 200 + (20 * i)));
        using var process = Start(folder.FullName, "--once", "--model", "none", "--workers", "1", "--report", Report);
        var ending = OpenMuProgram.EndAsync(process);
        while (!process.HasExited && await CountAnalysesAsync() < 2) await Task.Delay(20, Cancel);
        OpenMuProgram.Signal(EmulatorId(), "KILL");

        var (code, output, error) = await ending;

        code.Should().Be(ExitCode.Done, output + error);
        output.Should().Contain("The storage emulator ended and is started again")
            .And.Contain("10 of 10 done, 0 failed, 0 rejected");
        (await ReportAsync()).Should().HaveCount(10).And.OnlyContain(line => line.State == "ready");
        await using var db = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, "catalogue.db")).CreateDbContext();
        (db.Tracks.Count(), db.Jobs.Count(), db.Analyses.Count()).Should().Be((10, 10, 10));
    }

    [Fact]
    public async Task What_was_uploaded_through_the_page_just_before_an_interrupt_is_Ready_after_the_next_start()
    {
        using (var first = Start(folder.FullName, "--port", "0", "--model", "none"))
        {
            using var client = await ClientAsync(first);
            using var sound = new ByteArrayContent(TestSound.Tone(3, 220));
            using var answer = await client.PostAsync("/v1/tracks?fileName=uploaded.wav", sound, Cancel);
            answer.StatusCode.Should().Be(System.Net.HttpStatusCode.Accepted);
            // As a terminal does: to every process in it.
            OpenMuProgram.Signal(EmulatorId(), "INT");
            OpenMuProgram.Signal(first.Id, "INT");
            (await OpenMuProgram.EndAsync(first)).Code.Should().Be(0);
        }

        using var second = Start(folder.FullName, "--port", "0", "--model", "none");
        using var again = await ClientAsync(second);
        JsonElement found;
        do
        {
            await Task.Delay(100, Cancel);
            found = await again.GetFromJsonAsync<JsonElement>("/v1/tracks?text=uploaded", Cancel);
        }
        while (!found.GetRawText().Contains("ready", StringComparison.OrdinalIgnoreCase) && !second.HasExited);

        found.GetProperty("total").GetInt32().Should().Be(1);
        found.GetRawText().Should().ContainEquivalentOf("\"state\":\"ready\"");
        OpenMuProgram.Signal(second.Id, "INT");
        (await OpenMuProgram.EndAsync(second)).Code.Should().Be(0);
    }

    [Fact]
    public async Task What_was_uploaded_just_before_the_program_was_killed_is_still_there()
    {
        using var killed = Start(folder.FullName, "--port", "0", "--model", "none");
        using var client = await ClientAsync(killed);
        using var sound = new ByteArrayContent(TestSound.Tone(3, 220));
        using var answer = await client.PostAsync("/v1/tracks?fileName=uploaded.wav", sound, Cancel);
        answer.StatusCode.Should().Be(System.Net.HttpStatusCode.Accepted);

        OpenMuProgram.Signal(killed.Id, "KILL");
        await killed.WaitForExitAsync(Cancel);

        // Waits for the emulator, which saves although nobody listens to it any more.
        await using var system = await HomeSystem.OpenAsync(data, Cancel);
        system.StorageWasCut.Should().BeTrue();
        (await system.Storage.Tracks.GetBlobClient("default/uploaded.wav").DownloadContentAsync(Cancel))
            .Value.Content.ToMemory().Length.Should().BePositive();
    }

    [Fact]
    public async Task With_a_model_a_catalogue_that_was_only_measured_is_described_too()
    {
        File.WriteAllBytes(Path.Combine(folder.FullName, "first.wav"), TestSound.Tone(3, 220));
        var (measured, output) = await RunAsync(folder.FullName, "--once", "--model", "none");
        var (described, outputAgain) = await RunAsync(
            folder.FullName, "--once", "--model", OpenMU.Testing.SmallRandomModel.Write(data.FullName),
            "--model-threads", "1");

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
        using var client = await ClientAsync(process);

        (await client.GetStringAsync("/", Cancel)).Should().Contain("<html");
        var found = await client.GetFromJsonAsync<JsonElement>("/v1/tracks?text=lone", Cancel);
        found.GetProperty("total").GetInt32().Should().Be(1);
        var emulator = EmulatorId();

        OpenMuProgram.Signal(process.Id, "INT");
        await process.WaitForExitAsync(Cancel);

        process.ExitCode.Should().Be(0);
        FluentActions.Invoking(() => Process.GetProcessById(emulator))
            .Should().Throw<ArgumentException>("the emulator ends with its parent");
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

    [Fact]
    public async Task Data_that_cannot_be_written_is_not_said_to_be_in_use()
    {
        File.CreateSymbolicLink(Path.Combine(data.FullName, "lock"), Path.Combine(data.FullName, "gone", "lock"));
        var file = Path.Combine(folder.FullName, "file");
        File.WriteAllText(file, "no folder");

        var start = () => HomeSystem.OpenAsync(data, Cancel);
        var startOnFile = () => HomeSystem.OpenAsync(new DirectoryInfo(file), Cancel);

        (await start.Should().ThrowAsync<IOException>()).WithMessage("*lock*");
        (await startOnFile.Should().ThrowAsync<UsageException>()).WithMessage("*is a file, not a folder*");
    }

    private async Task<List<(long Job, DateTime At)>> AnalysedAsync()
    {
        await using var db = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, "catalogue.db")).CreateDbContext();
        return [.. db.Analyses.OrderBy(a => a.JobId)
            .Select(a => new { a.JobId, a.AnalysedAt }).AsEnumerable().Select(a => (a.JobId, a.AnalysedAt))];
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var (code, output, error) = await OpenMuProgram.EndAsync(process);
        return (code, output + error);
    }

    private Process Start(params string[] arguments) =>
        OpenMuProgram.Start(null, ["up", "--data", data.FullName, .. arguments]);

    /// <summary>Reads the output until everything in the folder is handled.</summary>
    private static async Task<HttpClient> ClientAsync(Process process)
    {
        var lines = new List<string>();
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync(Cancel)) is not null
            && !line.Contains("stays up", StringComparison.Ordinal))
        {
            lines.Add(line);
        }
        return new HttpClient { BaseAddress = new Uri(Address().Match(string.Join('\n', lines)).Value) };
    }

    private int EmulatorId() => int.Parse(File.ReadAllText(Path.Combine(data.FullName, "storage", "azurite.pid")));

    private string Report => Path.Combine(data.FullName, "report.jsonl");

    private async Task<List<ReportLine>> ReportAsync() =>
        [.. (await File.ReadAllLinesAsync(Report, Cancel)).Select(line =>
            JsonSerializer.Deserialize<ReportLine>(line, JsonSerializerOptions.Web)!)];

    private async Task<int> CountAnalysesAsync()
    {
        try
        {
            await using var db =
                CatalogueDbFactory.ForFile(Path.Combine(data.FullName, "catalogue.db")).CreateDbContext();
            return await db.Analyses.CountAsync(Cancel);
        }
        catch (SqliteException)
        {
            // The program has not made its tables yet.
            return 0;
        }
    }

    private sealed record ReportLine(string File, string State, string? Reason);

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
