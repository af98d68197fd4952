using System.Text.Json;

namespace OpenMU.Repository.Tests;

/// <summary>The measurement for a GPU, as far as it runs without one: tiny shapes on a CPU.</summary>
public sealed class GpuCheckTests : IDisposable
{
    private static readonly string Script = Path.Combine(Checkout.Root, "infra/gpu-check.sh");
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_dry_run_measures_all_that_the_check_promises_of_every_family()
    {
        var (exitCode, output) = Checkout.Run(
            "bash", Script, "--dry-run", "--no-build", "-c", Checkout.Configuration, "--output", folder);

        exitCode.Should().Be(0, output);
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "gpu-check.json")));
        var shapes = json.RootElement.GetProperty("shapes").EnumerateArray().Select(shape => shape.GetProperty("ours"))
            .ToArray();
        shapes.Select(shape => shape.GetProperty("name").GetString())
            .Should().Equal("openmu-tiny", "midashenglm-tiny", "moss-music-tiny");
        foreach (var shape in shapes)
        {
            var figures = shape.GetProperty("figures").EnumerateArray().ToDictionary(
                figure => figure.GetProperty("measure").GetString()!, figure => figure.GetProperty("value").GetDouble());
            figures.Keys.Should().Equal(
                "load", "memory after loading", "decode, batch 1", "decode, batch 4, as the worker does",
                "decode, batch 4", "prefill of 2000, in the worker's chunks", "prefill of 2000, in one pass",
                "clips of 30 s heard, batch 2", "texts of 64 tokens, batch 2", "clips of 30 s, batch 2",
                "clips of 30 s heard, batch 3", "texts of 64 tokens, batch 3", "clips of 30 s, batch 3", "most memory");
            figures.Where(figure => !figure.Key.StartsWith("memory", StringComparison.Ordinal))
                .Should().OnlyContain(figure => figure.Value > 0);
        }
        File.ReadAllText(Path.Combine(folder, "gpu-check.md")).Should().Contain("a dry run, whose figures mean nothing")
            .And.Contain("| decode, batch 1, tok/s |").And.Contain("% of what it reads");
    }

    [Fact]
    public void What_no_time_is_left_for_is_named_and_left_out()
    {
        var (exitCode, output) = Checkout.Run(
            "bash", Script, "--dry-run", "--no-build", "-c", Checkout.Configuration, "--output", folder,
            "--minutes", "0.0001");

        exitCode.Should().Be(0, output);
        output.Should().Contain("no time left for: openmu-tiny");
    }

    [Theory]
    [InlineData("--minutes")]
    [InlineData("--minutes", "many")]
    [InlineData("--fast")]
    public void A_wrong_command_line_shows_the_usage(params string[] arguments)
    {
        var (exitCode, output) = Checkout.Run("bash", [Script, .. arguments]);

        exitCode.Should().Be(2);
        output.Should().Contain("infra/gpu-check.sh [--minutes N]");
    }
}
