using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Cli;

/// <summary><c>openmu export</c>: tracks in the forms that other programs read.</summary>
internal sealed class Export
{
    private const int TracksBetweenLines = 10_000;

    private readonly Search search = new();

    private readonly Option<string[]> formats = new("--format")
    {
        Description = $"One of {string.Join(", ", CatalogueExport.Formats.Select(format => format.Name))} "
            + "(default: csv). May be given several times, with an --output for each.",
        HelpName = "FORMAT",
    };

    private readonly Option<string[]> outputs = new("--output")
    {
        Description = "File to write (default: the terminal). It is there when it is whole.",
        HelpName = "FILE"
    };

    private readonly Option<bool?> mark = new("--bom")
    {
        Description = "Whether tables begin with a byte order mark (default: only csv-semicolon).",
        HelpName = "true|false"
    };

    private readonly Option<DirectoryInfo?> music = new("--music")
    {
        Description = "Folder of the music: m3u8, rekordbox and traktor name its files there.",
        HelpName = "DIR"
    };

    public static Command Command()
    {
        var export = new Export();
        export.formats.AcceptOnlyFromAmong([.. CatalogueExport.Formats.Select(format => format.Name)]);
        var command = export.search.AddSelectionTo(
            new Command("export", "Writes all tracks that are selected, whatever their number.")
            {
                export.formats, export.outputs, export.mark, export.music
            });
        command.SetAction(export.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        string[] names = parsed.GetValue(formats) is { Length: > 0 } given ? given : ["csv"];
        var files = parsed.GetValue(outputs) ?? [];
        if (files.Length > 0 ? files.Length != names.Length : names.Length > 1)
        {
            throw new UsageException(
                $"{names.Length} formats need {names.Length} files: give each --format an --output.");
        }
        await using var access = await CatalogueAccess.OpenAsync(search.Data(parsed), withStorage: false, cancel);
        await TrackChoice.RequireAsync(access, search.Tenant(parsed), search.Selection(parsed), cancel);
        var reader = new ExportReader(access.Catalogue, search.Tenant(parsed));
        var options = new ExportOptions(
            await reader.DeclaredAsync(cancel), parsed.GetValue(mark), parsed.GetValue(music)?.FullName);
        foreach (var (at, name) in names.Index())
        {
            var format = CatalogueExport.Find(name)!;
            await access.Services.GetRequiredService<AuditLog>().NoteAsync(
                search.Tenant(parsed), new CorrectionAuthor(Environment.UserName, "cli"), AuditActions.Exported,
                $"tracks.{format.Name}", detail: null, cancel);
            var tracks = CountedAsync(
                reader.ReadAsync(search.Selection(parsed), options.Declared, format.NeedsTimes, cancel)
                    .Where(format.Takes),
                files.ElementAtOrDefault(at) ?? "the terminal");
            if (files.Length > 0) await WriteFileAsync(format, tracks, files[at], options, cancel);
            else await WriteOutputAsync(format, tracks, options, cancel);
        }

        return ExitCode.Done;
    }

    private static async Task WriteOutputAsync(
        ExportFormat format, IAsyncEnumerable<ExportedTrack> tracks, ExportOptions options, CancellationToken cancel)
    {
        if (!Console.IsOutputRedirected && (format.Name == "parquet" || format.ContentType == "application/zip"))
        {
            throw new UsageException($"{format.Name} is nothing for a terminal: name a file with --output.");
        }

        await using var output = Console.OpenStandardOutput();
        await format.WriteAsync(tracks, output, options, cancel);
    }

    // Written beside its place and moved there, so that nobody finds half a file, and a failure leaves the one before.
    private static async Task WriteFileAsync(
        ExportFormat format, IAsyncEnumerable<ExportedTrack> tracks, string file, ExportOptions options,
        CancellationToken cancel)
    {
        var path = Path.GetFullPath(file);
        if (Directory.Exists(path)) throw new UsageException($"{file} is a folder: name a file.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = $"{path}.{Path.GetRandomFileName()}.part";
        try
        {
            await using (var output = new FileStream(part, FileMode.CreateNew, FileAccess.ReadWrite))
                await format.WriteAsync(tracks, output, options, cancel);
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static async IAsyncEnumerable<ExportedTrack> CountedAsync(
        IAsyncEnumerable<ExportedTrack> tracks, string where)
    {
        var count = 0;
        await foreach (var track in tracks)
        {
            yield return track;
            if (++count % TracksBetweenLines == 0) await SayAsync("so far");
        }

        await SayAsync("written");

        Task SayAsync(string what) => Console.Error.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"{VerbOutput.Count(count, "track")} {what} to {where}"));
    }
}
