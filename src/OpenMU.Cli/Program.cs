using System.CommandLine;
using OpenMU.Cli;

var root = new RootCommand("OpenMU: measures, tags and describes music, and keeps a catalogue of it.")
{
    Analyse.Command(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
{
    // What a user can mend is said in one line; anything else is a defect and keeps its stack trace.
    await Console.Error.WriteLineAsync($"openmu: {e.Message}");
    return 1;
}
