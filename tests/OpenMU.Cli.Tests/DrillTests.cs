using System.Text.Json;
using OpenMU.Cli.Drills;

namespace OpenMU.Cli.Tests;

public sealed class DrillTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-drill-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_killed_emulator_costs_no_file_anything()
    {
        var report = Path.Combine(folder.FullName, "report.jsonl");

        var (code, output, error) = await OpenMuProgram.RunAsync(
            "drill", "--only", "emulator", "--files", "4", "--workers", "2", "--model", "none", "--report", report);

        code.Should().Be(ExitCode.Done, output + error);
        output.Should().MatchRegex(@"\| emulator \| 1 \| 4 \| 0 \| 0 \| 0 \| \d+ \|");
        error.Should().Contain("[emulator]");
        var line = JsonDocument.Parse((await File.ReadAllLinesAsync(report)).Should().ContainSingle().Subject);
        line.RootElement.GetProperty("trials").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_not_drilled_in()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "mine.txt"), "keep me");

        var (code, _, error) = await OpenMuProgram.RunAsync("drill", "--work", folder.FullName);

        code.Should().Be(ExitCode.Usage);
        error.Should().Contain("is not empty");
    }

    [Fact]
    public void A_round_that_cannot_be_held_here_says_why_in_the_table() =>
        Drill.Table([new DrillRow("disk", 0, 60, [], 0, "no root")])
            .Should().Contain("| disk | skipped: no root |");
}
