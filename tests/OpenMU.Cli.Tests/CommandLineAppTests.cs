using System.CommandLine;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

public sealed class CommandLineAppTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-cli-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Every_verb_explains_itself_each_argument_and_option_and_the_exit_codes()
    {
        var verbs = Verbs.All().ToList();
        foreach (var (path, command) in verbs)
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            var code = CommandLineApp.Parse([.. path, "--help"])
                .Invoke(new InvocationConfiguration { Output = output, Error = error });

            var name = string.Join(' ', path);
            (code, error.ToString()).Should().Be((ExitCode.Done, ""), name);
            var help = output.ToString();
            help.Should().Contain("Usage:").And.Contain($"openmu {name}".TrimEnd());
            command.Description.Should().EndWith(".", name);
            foreach (var symbol in command.Options.Concat<Symbol>(command.Arguments).Concat(command.Subcommands))
            {
                symbol.Description.Should().NotBeNullOrWhiteSpace($"{name} {symbol.Name}");
                help.Should().Contain(symbol.Name);
            }

            foreach (var (number, meaning) in ExitCode.All) help.Should().Contain($"  {number}").And.Contain(meaning);
        }

        verbs.Should().HaveCountGreaterThan(20);
    }

    [Fact]
    public void The_script_that_starts_it_lists_every_option_of_up()
    {
        var above = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(above.FullName, "start.sh"))) above = above.Parent!;
        var script = File.ReadAllText(Path.Combine(above.FullName, "start.sh"));

        var up = Verbs.All().Single(verb => verb.Path is ["up"]).Command;
        up.Options.Select(option => option.Name).Where(name => name.StartsWith("--", StringComparison.Ordinal)
            && name != "--help").Should().OnlyContain(name => script.Contains($"\n  {name} "));
    }

    [Fact]
    public void The_page_about_the_program_names_every_exit_code()
    {
        var above = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(above.FullName, "README.md"))) above = above.Parent!;
        var page = File.ReadAllText(Path.Combine(above.FullName, "README.md"));

        foreach (var (code, meaning) in ExitCode.All) page.Should().Contain($"| {code} | {meaning} |");
    }

    [Theory]
    [InlineData("analyse", "--josn", "song.mp3")]
    [InlineData("up", ".", "--port", "abc")]
    [InlineData("measure", "nowhere.jsonl")]
    [InlineData("train-key", "out", "nowhere.jsonl")]
    [InlineData("train-beats", "out", "nowhere.jsonl")]
    [InlineData("train-sound", "nowhere", "--seed", "many")]
    [InlineData("bootstrap", "nowhere.jsonl", "out", "--model", "m", "--endpoint", "http://127.0.0.1:9/v1")]
    [InlineData("train", "run", "--data", "nowhere", "--stage", "last")]
    [InlineData("train", "run", "--data", "nowhere", "--batch", "encoder=many")]
    [InlineData("train", "run", "--data", "nowhere", "--length", "encoder=long")]
    [InlineData("ask", "song.mp3", "Why?", "--model", "none")]
    [InlineData("up", "nowhere")]
    [InlineData("up", ".", "--report", "nowhere/report.jsonl")]
    [InlineData("convert", "out")]
    [InlineData("pull", "nowhere")]
    [InlineData("pull", "a/b", "--endpoint", "nowhere")]
    [InlineData("convert", "out", "--llama", ".")]
    [InlineData("convert", "out", "--from", ".", "--projector", "b.bin")]
    [InlineData("study")]
    [InlineData]
    public async Task What_the_command_line_has_wrong_is_told_on_the_error_stream_with_exit_code_2(
        params string[] arguments)
    {
        var (code, output, error) = await OpenMuProgram.RunAsync(arguments);

        (code, output).Should().Be((ExitCode.Usage, ""), error);
        error.Trim().Split('\n').Should().OnlyContain(line => line.StartsWith("openmu: ") && !line.Contains("System."));
    }

    [Theory]
    [InlineData("up", ".")]
    [InlineData("analyse", "song.wav")]
    [InlineData("ask", "song.wav", "Why?")]
    [InlineData("measure", "truth.jsonl")]
    public async Task Without_a_decoder_a_verb_ends_with_one_line_before_any_file_is_touched(params string[] arguments)
    {
        File.WriteAllBytes(At("song.wav"), TestSound.Tone(1, 440));
        File.WriteAllText(At("truth.jsonl"), """{"id": "a", "file": "song.wav", "tempo": 120}""");
        var tools = folder.CreateSubdirectory("tools");
        var data = At("data");
        var environment = OpenMuProgram.PathWith(tools, "node", "prlimit");
        environment["OPENMU_DATA"] = data;

        var (code, output, error) = await OpenMuProgram.RunInAsync(environment, [.. arguments.Select(argument =>
            argument is "." or "song.wav" or "truth.jsonl" ? At(argument) : argument)]);

        (code, output).Should().Be((ExitCode.NotDone, ""));
        error.Trim().Should().StartWith("openmu: ").And.Contain("ff").And.NotContain("\n").And.NotContain("song.wav");
        Directory.Exists(data).Should().BeFalse();
    }

    private string At(string name) => Path.Combine(folder.FullName, name);
}
