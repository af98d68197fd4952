using System.Diagnostics;

namespace OpenMU.Pipeline.Tests;

/// <summary>
/// The whole batch in a time of its own, by the program that simulates it: what it says of many more tracks, the same
/// command says.
/// </summary>
public sealed class SimulationTests
{
    private const int BooksDoNotClose = 1;

    [Fact]
    public async Task In_a_storm_of_faults_nothing_is_lost_and_nothing_done_twice()
    {
        var (code, output) = await SimulateAsync("--seeds", "2");

        code.Should().Be(0, output);
        output.Split('\n').Count(line => line.Contains("The books are closed.", StringComparison.Ordinal)).Should().Be(2);
    }

    // Messages that are sent twice are not wrong before there are many of them.
    [Theory]
    [InlineData("Fence", 120, "is the latest, and what is stored is")]
    [InlineData("Dedupe", 120, ": 2 jobs")]
    [InlineData("Age", 300, "messages were sent although their jobs had one")]
    public async Task Without_one_of_its_guards_the_same_storm_leaves_wrong_books(
        string guard, int tracks, string finding)
    {
        var (code, output) = await SimulateAsync("--seeds", "3", "--without", guard, "--tracks", $"{tracks}");

        code.Should().Be(BooksDoNotClose, output);
        output.Should().Contain(finding);
    }

    [Fact]
    public async Task One_track_of_another_does_not_wait_for_a_flood_and_without_turns_it_would()
    {
        string[] flood = ["--flood", "--calm", "--tracks", "400"];
        var both = await Task.WhenAll(SimulateAsync(flood), SimulateAsync([.. flood, "--without", "Turns"]));

        both[0].Code.Should().Be(0, both[0].Output);
        both[0].Output.Should().Contain("The books are closed.").And.Contain("the longest of 20 visitors waited");
        both[1].Code.Should().Be(BooksDoNotClose, both[1].Output);
        both[1].Output.Should().Contain(": starved, it waited");
    }

    [Fact]
    public async Task A_seed_tells_the_whole_story()
    {
        var told = await Task.WhenAll(SimulateAsync("--seed", "9"), SimulateAsync("--seed", "9"));

        WithoutSeconds(told[1].Output).Should().Be(WithoutSeconds(told[0].Output));
    }

    private static string WithoutSeconds(string output) => string.Join(
        '\n', output.Split('\n').Select(line => line.Split(" hours of its own and ")[0]));

    internal static async Task<(int Code, string Output)> SimulateAsync(params string[] arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        var program = AppContext.BaseDirectory.Replace(
            "OpenMU.Pipeline.Tests", "OpenMU.Simulation", StringComparison.Ordinal);
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(program, "OpenMU.Simulation.dll"), "--quiet",
            .. arguments.Contains("--tracks") ? arguments : ["--tracks", "120", .. arguments]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The story has as many threads on every machine.
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "2";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancel);
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, output + await error);
    }
}
