using System.CommandLine;

namespace OpenMU.Cli.Tests;

public sealed class UsageErrorsTests
{
    [Theory]
    [InlineData("analyse --josn song.mp3", "There is no option --josn; did you mean --json?")]
    [InlineData("analyse song.mp3 --jsonll", "There is no option --jsonll; did you mean --jsonl?")]
    [InlineData("analyse song.mp3 -x", "There is no option -x.")]
    [InlineData("up music --one", "There is no option --one; did you mean --once?")]
    [InlineData("up music --frobnicate", "There is no option --frobnicate.")]
    [InlineData("evaluate model --data a b --limt 3", "There is no option --limt; did you mean --limit?")]
    [InlineData("analyze song.mp3", "There is no command 'analyze'; did you mean analyse?")]
    [InlineData("study nois model", "There is no command 'nois'; did you mean noise?")]
    [InlineData("up music --port abc", "--port must be a whole number, not 'abc'.")]
    [InlineData("up music --port 1e3", "--port must be a whole number, not '1e3'.")]
    [InlineData("show abc", "<id> must be a whole number, not 'abc'.")]
    [InlineData("taxonomy publish newest", "<version> must be a whole number, not 'newest'.")]
    [InlineData("up music --port 70000", "--port must lie between 0 and 65535, not 70000.")]
    [InlineData("up music --workers 0", "--workers must lie between 1 and 1024, not 0.")]
    [InlineData("ask a.mp3 Why? --model-threads -1", "--model-threads must lie between 1 and 1024, not -1.")]
    [InlineData("synthesise out --seconds 1,5", "--seconds must be a number, not '1,5'.")]
    [InlineData("synthesise out --seconds NaN", "--seconds must lie between 1 and 3600, not NaN.")]
    [InlineData("train run --data d --device gpu", "--device must be cpu, cuda or cuda:N, not gpu.")]
    [InlineData(
        "bootstrap a b --model m --endpoint here",
        "--endpoint must be an http or https address such as http://localhost:11434/v1, not 'here'.")]
    [InlineData(
        "bootstrap a b --model m --endpoint file:///etc/passwd",
        "--endpoint must be an http or https address such as http://localhost:11434/v1, not 'file:///etc/passwd'.")]
    [InlineData("redrive --reason decoder", "--reason goes with --rejected.")]
    [InlineData("redrive --rejected --without-words", "--rejected and --without-words exclude each other.")]
    [InlineData("analyse a.mp3 --json --jams", "--json, --jsonl and --jams exclude each other.")]
    public void A_wrong_command_line_is_one_line(string commandLine, string line) =>
        UsageErrors.Of(Parse(commandLine.Split(' '))).Should().Equal(line);

    [Theory]
    [InlineData("analyse ./--josn")]
    [InlineData("analyse -- --josn -x.mp3")]
    [InlineData("analyse @home.mp3 -")]
    [InlineData("synthesise out --seed -3")]
    [InlineData("redrive --rejected --reason -11")]
    [InlineData("bootstrap a b --model m --endpoint http://127.0.0.1:9/v1")]
    [InlineData("train run --data a b --device cuda:1 --length encoder=90s")]
    [InlineData("up music --port 0 --once --report r.jsonl")]
    [InlineData("drill --type int8")]
    [InlineData("evaluate model --data music --type bf16")]
    public void A_right_one_has_no_errors(string commandLine) =>
        UsageErrors.Of(Parse(commandLine.Split(' '))).Should().BeEmpty();

    [Fact]
    public void Every_number_of_every_verb_is_refused_by_its_name_where_it_is_none()
    {
        var numbers = 0;
        foreach (var (path, command) in Verbs.All())
        {
            foreach (var option in command.Options.Where(option => IsNumber(option.ValueType)))
            {
                var lines = UsageErrors.Of(Parse([.. path, option.Name, "abc"]));
                lines.Should().ContainSingle($"{string.Join(' ', path)} {option.Name} abc")
                    .Which.Should().StartWith(option.Name).And.NotContain("System.");
                numbers++;
            }
        }

        numbers.Should().BeGreaterThan(20);
    }

    [Fact]
    public void Every_verb_that_needs_something_says_so_without_names_of_types()
    {
        foreach (var (path, command) in Verbs.All().Where(verb => NeedsSomething(verb.Command)))
        {
            UsageErrors.Of(Parse(path)).Should().NotBeEmpty()
                .And.OnlyContain(line => !line.Contains("System.") && !line.Contains('\n'), command.Name);
        }
    }

    private static bool NeedsSomething(Command command) =>
        command.Arguments.Any(argument => argument.Arity.MinimumNumberOfValues > 0);

    private static bool IsNumber(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is { IsPrimitive: true } primitive && primitive != typeof(bool);

    private static ParseResult Parse(string[] arguments) => CommandLineApp.Parse(arguments);
}
