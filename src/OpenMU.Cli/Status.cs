using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Cli;

/// <summary><c>openmu status</c>: closes the books and names what is open.</summary>
internal static class Status
{
    private const int MostNamed = 10;

    public static Command Command()
    {
        var data = CatalogueAccess.DataOption();
        var quick = new Option<bool>("--quick")
        {
            Description = "Do not list the files of the storage, which takes a call for every 5,000."
        };
        var command = new Command(
            "status",
            "Counts files, tracks, jobs and messages by state and age, holds them against each other, and names what "
                + "is open. Exit code 1 if something is wrong: work that failed, lost its message or stands on a "
                + "poison queue, or files and tracks that do not match.")
        {
            data, quick
        };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(data), parsed.GetValue(quick), Console.Out, cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        DirectoryInfo? data, bool quick, TextWriter output, CancellationToken cancel)
    {
        await using var access = await CatalogueAccess.OpenAsync(data, withStorage: true, cancel);
        var books = new CatalogueBooks(
            access.Catalogue, access.Services.GetRequiredService<MusicStorage>(),
            access.Services.GetRequiredService<JobQueues>(), TimeProvider.System, MostNamed);
        await output.WriteLineAsync($"Catalogue  {access.Where}");
        foreach (var tenant in await books.TracksAsync(cancel)) await output.WriteLineAsync($"Tracks     {tenant}");
        foreach (var line in await books.JobsAsync(cancel)) await output.WriteLineAsync($"Jobs       {line}");
        foreach (var queue in await books.QueuesAsync(cancel))
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"Messages   {queue.Name}: about {queue.Messages}{Age(queue.Oldest)}"));
        }

        await books.FindUnknownPrefixesAsync(cancel);
        if (!quick)
        {
            var files = await books.FilesAsync(cancel);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"Files      {files.Listed}, tracks that have one {files.Tracks}"));
        }

        foreach (var open in books.Open) await output.WriteLineAsync($"Open       {open}");
        foreach (var wrong in books.Wrong) await output.WriteLineAsync($"Wrong      {wrong}");
        await output.WriteLineAsync(
            books.Wrong.Count > 0 ? "The books do not close."
            : books.Open.Count > 0 ? "The books close; work is under way." : "The books close; nothing is open.");
        return books.Wrong.Count > 0 ? ExitCode.NotDone : ExitCode.Done;
    }

    private static string Age(TimeSpan? oldest) =>
        oldest is { } age ? $", the oldest in front {CatalogueBooks.Say(age)} old" : "";
}
