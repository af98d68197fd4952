using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;

namespace OpenMU.Cli;

/// <summary><c>openmu take-down TRACK</c>: removes a recording and remembers that it was.</summary>
internal static class TakeDownTrack
{
    public static Command Command()
    {
        var track = new Argument<long>("track") { Description = "The track's number, as the page and exports show it." };
        var (data, by) = (CatalogueAccess.DataOption(), SetFields.ByOption());
        var reason = new Option<string>("--reason")
        {
            Description = "Why, such as the number of the demand; it is kept, and told when the file comes again.",
            HelpName = "TEXT",
            Required = true
        };
        var command = new Command(
            "take-down",
            "Deletes a recording: its files in the storage under all names, its tracks, and all that is known, asked or "
                + "corrected about it. What stays is its digest, so that the same file is rejected when it comes again. "
                + "The folder that it came from is yours and is left alone.")
        {
            track, data, reason, by
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(reason) is { } text && (text.Trim().Length == 0 || text.Length > 500))
                result.AddError("--reason must have 1 to 500 characters.");
        });
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(data), parsed.GetRequiredValue(track), parsed.GetRequiredValue(reason),
            new CorrectionAuthor(parsed.GetRequiredValue(by), "cli"), cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        DirectoryInfo? data, long track, string reason, CorrectionAuthor author, CancellationToken cancel)
    {
        await using var access = await CatalogueAccess.OpenAsync(data, withStorage: true, cancel);
        var takeDown = new TakeDown(
            access.Catalogue, access.Services.GetRequiredService<MusicStorage>(), TimeProvider.System,
            access.Services.GetRequiredService<ILogger<TakeDown>>());
        var files = await takeDown.RunAsync(TrackBlob.DefaultTenant, track, reason, author, cancel)
            ?? throw new UsageException($"There is no track {track} in {access.Where}.");
        foreach (var file in files) Console.WriteLine($"Deleted {file}");
        Console.WriteLine("Taken down. The same file is rejected from now on.");
        return ExitCode.Done;
    }
}
