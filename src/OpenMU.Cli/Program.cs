using System.CommandLine;
using OpenMU.Cli;
using OpenMU.Mir.Audio;
using OpenMU.ServiceDefaults;
using Spectre.Console;

// Lines for files and pipes are not to be wrapped at the width of a terminal that is not there.
if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 1000;

var root = new RootCommand("OpenMU: measures, tags and describes music, and keeps a catalogue of it.")
{
    Up.Command(),
    Analyse.Command(),
    Ask.Command(),
    Redrive.Command(),
    Measure.Command(),
    TrainHarmony.ChordsCommand(),
    TrainHarmony.KeyCommand(),
    TrainBeats.Command(),
    Synthesise.Command(),
    Annotate.Command(),
    ConvertModel.Command(),
    InspectModel.Command(),
    RandomModel.Command(),
    Train.Command(),
    Evaluate.Command(),
    Studies.Command(),
};

try
{
    var parsed = root.Parse(args);
    var usage = parsed.Errors.Count > 0;
    var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20), Output = usage ? Console.Error : Console.Out });
    return usage ? 2 : code;
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception e) when (ServiceDefaultsExtensions.WrongSettings(e) is { } lines)
{
    foreach (var line in lines) await Console.Error.WriteLineAsync($"openmu: {line}");
    return 1;
}
catch (Exception e) when (e is InvalidOperationException or InvalidDataException or IOException
    or UnauthorizedAccessException or DecoderUnavailableException)
{
    // What a user can mend is said in one line; anything else is a defect and keeps its stack trace.
    await Console.Error.WriteLineAsync($"openmu: {e.Message}");
    return 1;
}
