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
        var (code, output) = await SimulateAsync("--seeds", "3");

        code.Should().Be(0, output);
        output.Split('\n').Count(line => line.Contains("The books are closed.", StringComparison.Ordinal)).Should().Be(3);
    }

    [Theory]
    [InlineData("Fence", "is the latest, and what is stored is")]
    [InlineData("Dedupe", ": 2 jobs")]
    [InlineData("Age", "messages were sent although their jobs had one")]
    public async Task Without_one_of_its_guards_the_same_storm_leaves_wrong_books(string guard, string finding)
    {
        var (code, output) = await SimulateAsync("--seeds", "3", "--without", guard);

        code.Should().Be(BooksDoNotClose, output);
        output.Should().Contain(finding);
    }

    [Fact]
    public async Task A_seed_tells_the_whole_story()
    {
        var (_, first) = await SimulateAsync("--seed", "9");
        var (_, second) = await SimulateAsync("--seed", "9");

        WithoutSeconds(second).Should().Be(WithoutSeconds(first));
    }

    private static string WithoutSeconds(string output) => string.Join(
        '\n', output.Split('\n').Select(line => line.Split(" hours of its own and ")[0]));

    private static async Task<(int Code, string Output)> SimulateAsync(params string[] arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        var program = AppContext.BaseDirectory.Replace(
            "OpenMU.Pipeline.Tests", "OpenMU.Simulation", StringComparison.Ordinal);
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(program, "OpenMU.Simulation.dll"), "--tracks", "300", "--quiet", .. arguments])
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
