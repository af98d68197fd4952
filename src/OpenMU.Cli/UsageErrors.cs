using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Cli;

/// <summary>
/// What is wrong with a command line, in lines for people: no names of types, and typing errors are told as such.
/// </summary>
internal static class UsageErrors
{
    /// <summary>One line for each error; none if the command line is right.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string[] lines =
        [
            .. UnknownCommand(parsed, command), .. UnknownOptions(parsed, command), .. NoNumbers(parsed.CommandResult)
        ];
        // The parser's words follow from these where there are any, and name types.
        return lines.Length > 0 ? lines : [.. parsed.Errors.Select(error => OneLine(error.Message)).Distinct()];
    }

    /// <summary>How a command is called on the command line, such as <c>openmu study noise</c>.</summary>
    public static string NameOf(Command command) => string.Join(' ', Names(command).Reverse());

    private static IEnumerable<string> Names(Command command)
    {
        for (var at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
            yield return at is RootCommand ? "openmu" : at.Name;
    }

    private static IEnumerable<string> UnknownCommand(ParseResult parsed, Command command)
    {
        if (command.Subcommands.Count == 0) return [];
        if (parsed.UnmatchedTokens is not [var name, ..])
            return [$"A command is needed: {string.Join(", ", command.Subcommands.Select(other => other.Name))}."];
        if (name.StartsWith('-')) return [];
        return [$"There is no command '{name}'{Nearest(name, command.Subcommands.Select(other => other.Name))}"];
    }

    // The parser takes an option that it does not know for an argument: a file of that name. Such a file can still be
    // named, as ./--name or after a lone --.
    private static IEnumerable<string> UnknownOptions(ParseResult parsed, Command command)
    {
        var known = Names(command, parsed.RootCommandResult.Command);
        var ownValues = parsed.CommandResult.Children.OfType<OptionResult>()
            .SelectMany(option => option.Tokens).Where(token => !token.Value.StartsWith("--", StringComparison.Ordinal))
            .ToList();
        var mayBeSigned = command.Arguments.Any(argument => argument is SignedWords);
        foreach (var token in parsed.Tokens)
        {
            if (token.Type == TokenType.DoubleDash) yield break;
            var isOption = token.Type == TokenType.Argument && token.Value is ['-', _, ..]
                && !IsNumber(token.Value, typeof(double)) && !(mayBeSigned && token.Value[1] != '-');
            if (isOption && !ownValues.Exists(value => ReferenceEquals(value, token)))
                yield return $"There is no option {token.Value}{Nearest(token.Value, known)}";
        }
    }

    private static List<string> Names(Command command, Command root) =>
        [.. command.Options.Concat(root.Options.Where(option => option.Recursive))
            .SelectMany(option => option.Aliases.Prepend(option.Name))];

    private static IEnumerable<string> NoNumbers(CommandResult command) =>
        from result in command.Children
        let of = result switch
        {
            OptionResult option => (option.Option.Name, Type: option.Option.ValueType),
            ArgumentResult argument => (Name: $"<{argument.Argument.Name}>", Type: argument.Argument.ValueType),
            _ => (Name: "", Type: typeof(string)),
        }
        let type = Nullable.GetUnderlyingType(of.Type) ?? of.Type
        from token in result.Tokens
        where !IsNumber(token.Value, type)
        select $"{of.Name} must be a {(type == typeof(double) ? "" : "whole ")}number, not '{token.Value}'.";

    /// <summary>Whether a text is a number of a type; true for every text where the type is none of numbers.</summary>
    private static bool IsNumber(string text, Type type) =>
        type == typeof(int) ? int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
        : type == typeof(long) ? long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
        : type != typeof(double) || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string Nearest(string typed, IEnumerable<string> names) =>
        NearestName.Of(typed, names) is { } nearest ? $"; did you mean {nearest}?" : ".";

    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
