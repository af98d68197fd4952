using System.CommandLine;

namespace OpenMU.Cli;

/// <summary><c>openmu redrive</c>: gives failed tracks another five tries.</summary>
internal static class Redrive
{
    public static Command Command()
    {
        var data = Up.DataOption();
        var command = new Command("redrive", "Sends every failed track back to the queue; the next `openmu up` analyses them again.") { data };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var system = await HomeSystem.OpenAsync(parsed.GetRequiredValue(data), cancel);
            var count = await system.RedriveAsync(cancel);
            Console.WriteLine(count == 0 ? "No track has failed." : $"{count} failed tracks are queued again.");
            return 0;
        });
        return command;
    }
}
