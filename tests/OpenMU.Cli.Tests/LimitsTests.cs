using Microsoft.Data.Sqlite;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

public sealed class LimitsTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-limits-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limits_are_set_shown_and_taken_away()
    {
        await (await HomeSystem.OpenAsync(data, Cancel)).DisposeAsync();

        (await RunAsync("set", "--tracks-a-day", "100", "--bytes", "5000000"))
            .Should().Equal(
                "tracks a day: 0 of 100", "questions a day: 0 of any number", "bytes stored: 0 of 5000000",
                "waiting: 0 of any number");
        (await RunAsync("set", "--tracks-a-day", "none")).Should().Contain("tracks a day: 0 of any number")
            .And.Contain("bytes stored: 0 of 5000000", "it was not named");
        (await RunAsync("show", "--tenant", "another")).Should().Contain("bytes stored: 0 of any number");
    }

    [Theory]
    [InlineData("limits set", "Name at least one limit.")]
    [InlineData("limits set --bytes -1", "--bytes takes a whole number or none, not '-1'.")]
    [InlineData("limits set --waiting many", "--waiting takes a whole number or none, not 'many'.")]
    public async Task A_limit_that_is_none_is_a_usage_error(string line, string error)
    {
        var (code, _, said) = await OpenMuVerb.RunAsync(line.Split(' '));

        code.Should().Be(ExitCode.Usage);
        said.Should().Contain(error);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    private async Task<string[]> RunAsync(string verb, params string[] options)
    {
        var (code, output, error) = await OpenMuVerb.RunAsync(["limits", verb, "--data", data.FullName, .. options]);
        code.Should().Be(ExitCode.Done, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
