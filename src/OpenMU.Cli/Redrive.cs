using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Jobs;

namespace OpenMU.Cli;

/// <summary><c>openmu redrive</c>: gives tracks and questions that ended badly all their tries again.</summary>
internal static class Redrive
{
    public static Command Command()
    {
        var data = CatalogueAccess.DataOption();
        var rejected = new Option<bool>("--rejected")
        {
            Description = "Rejected ones instead of failed ones, as after a decoder that did not work. Files that "
                + "were never read stay rejected."
        };
        var reason = new Option<string?>("--reason")
        {
            Description = "With --rejected: only those with this text in their reason, in any case.",
            HelpName = "TEXT"
        };
        var withoutWords = new Option<bool>("--without-words")
        {
            Description = "Tracks that are ready but lack the model's words because it failed on them."
        };
        var command = new Command(
            "redrive",
            "Sends every failed track and question back to its queue, where the workers, or the next `openmu up`, try "
                + "them again.")
        {
            data, rejected, reason, withoutWords
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(rejected) && result.GetValue(withoutWords))
                result.AddError("--rejected and --without-words exclude each other.");
            if (result.GetResult(reason) is not null && !result.GetValue(rejected))
                result.AddError("--reason goes with --rejected.");
        });
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(data),
            parsed.GetValue(withoutWords) ? queue => queue.RedriveWithoutWordsAsync(tenant: null, cancel)
                : parsed.GetValue(rejected)
                    ? queue => queue.RedriveRejectedAsync(tenant: null, parsed.GetValue(reason), cancel)
                : queue => queue.RedriveAsync(tenant: null, cancel),
            cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        DirectoryInfo? data, Func<JobQueue, Task<int>> redrive, CancellationToken cancel)
    {
        await using var access = await CatalogueAccess.OpenAsync(data, withStorage: true, cancel);
        var count = 0;
        foreach (var queue in access.Services.GetRequiredService<JobQueues>().All) count += await redrive(queue);
        Console.WriteLine(
            count == 0 ? "There are no such tracks and questions."
            : count == 1 ? "1 track or question is queued again."
            : $"{count} tracks and questions are queued again.");
        return ExitCode.Done;
    }
}
