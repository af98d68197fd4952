using System.Runtime.CompilerServices;
using System.Text;

namespace OpenMU.Cli.Tests;

/// <summary>
/// The program's verbs in the tests' own process, through its parser and to its exit code: a process for each of some
/// hundred calls would only start over and over. What a process adds is shown with <see cref="OpenMuProgram"/>.
/// </summary>
internal static class OpenMuVerb
{
    private static readonly AsyncLocal<(TextWriter Output, TextWriter Error)?> Current = new();

    /// <summary>Runs a command line to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        // These write bytes to where the process does, not lines.
        if (arguments[0] is "export" or "audit") return await OpenMuProgram.RunAsync(arguments);
        var (output, error) = (new StringWriter(), new StringWriter());
        Current.Value = (TextWriter.Synchronized(output), TextWriter.Synchronized(error));
        try
        {
            var code = await CommandLineApp.RunAsync(arguments);
            return (code, output.ToString(), error.ToString());
        }
        finally
        {
            Current.Value = null;
        }
    }

    // Before anything of the program has looked at the console.
    [ModuleInitializer]
    internal static void Listen()
    {
        Console.SetOut(new Routed(Console.Out, () => Current.Value?.Output));
        Console.SetError(new Routed(Console.Error, () => Current.Value?.Error));
    }

    /// <summary>Writes to whoever called, and to the console outside of a call.</summary>
    private sealed class Routed(TextWriter console, Func<TextWriter?> caller) : TextWriter
    {
        public override Encoding Encoding => console.Encoding;

        private TextWriter Target => caller() ?? console;

        public override void Write(char value) => Target.Write(value);

        public override void Write(string? value) => Target.Write(value);

        public override void Write(char[] buffer, int index, int count) => Target.Write(buffer, index, count);

        public override void Flush() => Target.Flush();
    }
}
