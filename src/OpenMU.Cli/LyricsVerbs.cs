using System.CommandLine;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music.Lyrics;
using OpenMU.Training.Data;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary><c>openmu lyrics</c>: brings lyrics into the catalogue at home, and takes them out again.</summary>
internal static class LyricsVerbs
{
    private const string Tenant = TrackBlob.DefaultTenant;

    private static readonly string[] FileColumns = ["file", "filename", "file name", "path"];

    public static Command Command() => new("lyrics", "Brings lyrics into the catalogue, and takes them out.")
    {
        ImportCommand(), ExportCommand(),
    };

    private static Command ImportCommand()
    {
        var table = new Argument<FileInfo>("file")
        {
            Description = "A CSV file with a header: the column lyrics (plain or LRC), and file (a path of the catalogue, "
                + "or its end) or id (a track's, as exports have it). The columns language (such as en) and explicit "
                + "(true or false) may be there."
        };
        var replace = new Option<bool>("--replace") { Description = "Replace lyrics that somebody has set before." };
        var data = Up.DataOption();
        var command = new Command(
            "import", "Sets the lyrics of many tracks from a CSV file; `openmu up` may run meanwhile.")
        {
            table, data, replace
        };
        command.SetAction((parsed, cancel) => ImportAsync(
            parsed.GetRequiredValue(table), parsed.GetRequiredValue(data), parsed.GetValue(replace), cancel));
        return command;
    }

    private static Command ExportCommand()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Where the files go; made where missing." };
        var data = Up.DataOption();
        var command = new Command("export", "Writes the lyrics of every track as an LRC file, in the folders of the music.")
        {
            folder, data
        };
        command.SetAction((parsed, cancel) => ExportAsync(
            parsed.GetRequiredValue(folder), parsed.GetRequiredValue(data), cancel));
        return command;
    }

    private static async Task<int> ImportAsync(
        FileInfo table, DirectoryInfo data, bool replace, CancellationToken cancel)
    {
        if (!table.Exists) throw new UsageException($"There is no file {table}.");
        var catalogue = Open(data);
        var rows = CsvFile.Read(table.FullName)
            .Select(row => row.ToDictionary(
                field => field.Key.Trim('\uFEFF', ' ').ToLowerInvariant(), field => field.Value))
            .ToList();
        var isTable = rows.TrueForAll(row => row.ContainsKey("lyrics")
            && (row.ContainsKey("id") || FileColumns.Any(row.ContainsKey)));
        if (!isTable)
        {
            throw new UsageException($"{table} needs the column lyrics, and file or id; it has "
                + $"{string.Join(", ", rows[0].Keys)}.");
        }

        var tracks = await TracksAsync(catalogue, cancel);
        var store = new LyricsStore(catalogue, TimeProvider.System);
        var (done, failed) = (0, 0);
        await ProgressAsync(rows, async (row, number) =>
        {
            cancel.ThrowIfCancellationRequested();
            if (row["lyrics"].Trim().Length == 0) return;
            if (await ImportAsync(row, tracks, store, table.Name, replace, cancel) is not { } problem)
            {
                done++;
                return;
            }

            failed++;
            await Console.Error.WriteLineAsync($"openmu: {table.Name}, row {number}: {problem}");
        });
        Console.WriteLine($"{done} lyrics imported, {failed} not.");
        return failed == 0 ? ExitCode.Done : ExitCode.NotDone;
    }

    // Null where it was done, else what is wrong with the row.
    private static async Task<string?> ImportAsync(
        Dictionary<string, string> row, ILookup<string, (long Id, string FileName)> tracks, LyricsStore store,
        string origin, bool replace, CancellationToken cancel)
    {
        var (id, problem) = Find(row, tracks);
        if (id is null) return problem;
        try
        {
            var claims = new LyricsClaims(
                origin.Length <= StoredLyrics.MaxOriginLength ? origin : origin[^StoredLyrics.MaxOriginLength..],
                row.GetValueOrDefault("language") is { Length: 2 } language ? language.ToLowerInvariant() : null,
                bool.TryParse(row.GetValueOrDefault("explicit"), out var isExplicit) ? isExplicit : null);
            var song = SongLyrics.Parse(row["lyrics"]);
            var author = new CorrectionAuthor(Environment.UserName, "import");
            var changed = await store.PutAsync(Tenant, id.Value, song, claims, null, author, cancel);
            if (changed.Outcome == LyricsOutcome.NeedsCondition && replace)
                changed = await store.PutAsync(Tenant, id.Value, song, claims, ["*"], author, cancel);
            return changed.Outcome switch
            {
                LyricsOutcome.Done => null,
                LyricsOutcome.NeedsCondition => "somebody has set lyrics for this track: --replace replaces them.",
                LyricsOutcome.Locked => $"{changed.LockedBy} has locked this track's data: unlock it to change it.",
                LyricsOutcome.Changed => "somebody has changed the lyrics just now: try again.",
                _ => "there is no such track.",
            };
        }
        catch (UnusableLyricsException unusable)
        {
            return unusable.Message;
        }
    }

    private static (long? Id, string Problem) Find(
        Dictionary<string, string> row, ILookup<string, (long Id, string FileName)> tracks)
    {
        if (long.TryParse(row.GetValueOrDefault("id"), out var id)) return (id, "");
        var column = FileColumns.FirstOrDefault(row.ContainsKey);
        var file = column is null ? "" : row[column].Trim().Replace('\\', '/');
        if (file.Length == 0) return (null, "there is neither a file nor an id.");
        var alike = tracks[NameOf(file)].ToList();
        var exact = alike.FindAll(track => track.FileName == file);
        if (exact.Count == 0)
            exact = alike.FindAll(track => $"/{track.FileName}".EndsWith($"/{file}", StringComparison.OrdinalIgnoreCase));
        return exact.Count switch
        {
            1 => (exact[0].Id, ""),
            0 => (null, $"no track is named {file}."),
            _ => (null, $"{exact.Count} tracks are named {file}: give more of the path, or the id."),
        };
    }

    private static async Task<int> ExportAsync(DirectoryInfo folder, DirectoryInfo data, CancellationToken cancel)
    {
        var catalogue = Open(data);
        var store = new LyricsStore(catalogue, TimeProvider.System);
        var (done, kept) = (0, 0);
        var tracks = (await TracksAsync(catalogue, cancel)).SelectMany(alike => alike).ToList();
        await ProgressAsync(tracks, async (track, _) =>
        {
            if ((await store.GetAsync(Tenant, track.Id, cancel)).Lyrics is not { } lyrics) return;
            // A name that climbs out of the folder loses the steps.
            var parts = track.FileName.Split('/').Where(part => part is not ("" or "." or ".."));
            var path = Path.Combine(folder.FullName, LyricsFile.Stem(Path.Combine([.. parts])) + ".lrc");
            if (File.Exists(path))
            {
                kept++;
                return;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, lyrics.ToSong().ToLrc(), new UTF8Encoding(false), cancel);
            done++;
        });
        var there = kept > 0
            ? $", {VerbOutput.Count(kept, "file")} {(kept == 1 ? "was" : "were")} there already"
            : "";
        Console.WriteLine($"{done} lyrics written{there}.");
        return ExitCode.Done;
    }

    private static CatalogueDbFactory Open(DirectoryInfo data)
    {
        if (!HomeSystem.Exists(data))
        {
            throw new UsageException(
                $"There is no catalogue in {data.FullName}: name the folder that `openmu up` was given with --data.");
        }

        return CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));
    }

    private static async Task<ILookup<string, (long Id, string FileName)>> TracksAsync(
        CatalogueDbFactory catalogue, CancellationToken cancel)
    {
        await catalogue.MigrateAsync(cancel);
        await using var db = catalogue.CreateDbContext();
        var tracks = await db.Tracks.AsNoTracking().Where(t => t.Tenant == Tenant)
            .OrderBy(t => t.Id).Select(t => new { t.Id, t.FileName }).ToListAsync(cancel);
        return tracks.ToLookup(track => NameOf(track.FileName), track => (track.Id, track.FileName));
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..].ToLowerInvariant();

    private static async Task ProgressAsync<T>(List<T> rows, Func<T, int, Task> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var progress = console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn());
        if (!console.Profile.Capabilities.Interactive) await AllAsync(null);
        else await progress.StartAsync(context => AllAsync(context.AddTask("lyrics", maxValue: rows.Count)));

        async Task AllAsync(ProgressTask? bar)
        {
            // The header is the first row.
            for (var i = 0; i < rows.Count; i++)
            {
                await work(rows[i], i + 2);
                bar?.Increment(1);
            }
        }
    }
}
