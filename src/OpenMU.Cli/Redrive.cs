using System.CommandLine;
using OpenMU.Cli.Home;

namespace OpenMU.Cli;

/// <summary><c>openmu redrive</c>: gives failed tracks and questions all their tries again.</summary>
internal static class Redrive
{
    public static Command Command()
    {
        var data = Up.DataOption();
        var command = new Command("redrive", "Sends every failed track and question back to its queue; the next `openmu up` tries them again.") { data };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var system = await HomeSystem.OpenAsync(parsed.GetRequiredValue(data), cancel);
            var count = await system.RedriveAsync(cancel);
            Console.WriteLine(count == 0 ? "No track and no question has failed." : $"{count} failed tracks and questions are queued again.");
            return 0;
        });
        return command;
    }
}
