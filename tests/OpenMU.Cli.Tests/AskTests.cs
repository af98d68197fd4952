using System.Diagnostics;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary>
/// <c>openmu ask</c> and <c>openmu analyse --model</c> as a user runs them, with a model of random weights.
/// </summary>
public sealed class AskTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-ask-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Every_question_is_printed_with_its_answer()
    {
        var (code, output, error) = await RunAsync(
            "ask", Tone(), "Which key?", "Which [red]instruments[/]?", "--model",
            SmallRandomModel.Write(folder.FullName), "--model-threads", "1");

        code.Should().Be(0, error);
        var lines = output.Split('\n');
        lines.Should().Contain("Which key?").And.Contain("Which [red]instruments[/]?", "text is no markup");
        lines[Array.IndexOf(lines, "Which key?") + 1]
            .Should().StartWith("  ").And.HaveLength(Math.Max(3, lines[Array.IndexOf(lines, "Which key?") + 1].Length));
    }

    [Fact]
    public async Task A_question_about_several_files_is_answered_with_each_cited()
    {
        var (first, second) = (Tone(), Path.Combine(folder.FullName, "clicks.wav"));
        File.WriteAllBytes(second, TestSound.Clicks(12, 22_050));

        var (code, output, error) = await RunAsync(
            "ask", "--track", first, "--track", second, "Which is longer?", "--model",
            SmallRandomModel.Write(folder.FullName), "--model-threads", "1");

        code.Should().Be(0, error);
        output.Should().Contain("  [2] clicks.wav is longer. [1] tone.wav: 3.0 s; [2] clicks.wav: 12.0 s.");
    }

    [Theory]
    [InlineData("Name 2 to 8 tracks with --track, not 1.", "ask", "--track", "a.wav", "Which key?")]
    [InlineData("With --track there is no FILE, and one question.", "ask", "--track", "a.wav", "--track", "b.wav", "c.wav", "Why?")]
    [InlineData("There is no file nowhere.wav.", "ask", "--track", "nowhere.wav", "--track", "nowhere.wav", "Which key?")]
    [InlineData("Ask something", "ask", "a.wav")]
    public async Task Tracks_that_cannot_be_asked_about_are_one_clear_line(string mistake, params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);

        code.Should().Be(2);
        error.Should().Contain(mistake);
    }

    [Fact]
    public async Task A_catalogue_that_does_not_answer_is_one_clear_line()
    {
        var (code, _, error) = await RunAsync(
            "ask", "--track", "1", "--track", "2", "Which key?", "--site", "http://127.0.0.1:9");

        code.Should().Be(1);
        error.Trim().Should().StartWith("openmu: The catalogue at http://127.0.0.1:9/ does not answer").And.NotContain("\n");
    }

    [Fact]
    public async Task Without_a_model_asking_is_one_clear_line()
    {
        var (code, output, error) = await RunAsync("ask", Tone(), "Which key?", "--model", "none");

        (code, output).Should().Be((2, ""));
        error.Trim().Should().Be("openmu: There is no model: name a model folder with --model DIR.");
    }

    [Fact]
    public async Task A_folder_that_is_no_model_is_one_clear_line()
    {
        var (code, _, error) = await RunAsync("ask", Tone(), "Which key?", "--model", folder.FullName);

        code.Should().Be(1);
        error.Trim().Should().StartWith("openmu: ").And.Contain("is no model folder").And.NotContain("\n");
    }

    [Fact]
    public async Task Analysing_with_a_model_adds_its_words_to_the_measurements()
    {
        var (code, output, error) = await RunAsync(
            "analyse", Tone(), "--json", "--model", SmallRandomModel.Write(folder.FullName), "--model-threads", "1");

        code.Should().Be(0, error);
        var track = System.Text.Json.Nodes.JsonNode.Parse(output)!.AsArray().Single()!;
        track["loudness"].Should().NotBeNull();
        track["words"]!["caption"].Should().NotBeNull();
        track["words"]!["tags"]!.AsArray().Should().HaveCount(2);
        track["scores"]!["genre"]!.AsObject().Select(score => score.Key).Should().Equal("rock", "jazz");
        track["scores"]!["instrument"]!["piano"]!.GetValue<double>().Should().BeInRange(0, 1);
        track["words"]!["droppedSentences"]!.GetValue<int>().Should().BeGreaterThanOrEqualTo(0);
    }

    private string Tone()
    {
        var path = Path.Combine(folder.FullName, "tone.wav");
        File.WriteAllBytes(path, TestSound.Tone(3, 220));
        return path;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "openmu.dll"), .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output, await error);
    }
}
