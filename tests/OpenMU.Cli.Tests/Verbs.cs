using System.CommandLine;

namespace OpenMU.Cli.Tests;

/// <summary>Every verb of the program, found by walking its command line.</summary>
internal static class Verbs
{
    /// <summary>The root first; each with the words that call it.</summary>
    public static IEnumerable<(string[] Path, Command Command)> All() => Below([], CommandLineApp.Root());

    private static IEnumerable<(string[] Path, Command Command)> Below(string[] path, Command command) =>
        command.Subcommands.SelectMany(sub => Below([.. path, sub.Name], sub)).Prepend((path, command));
}
