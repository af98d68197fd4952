using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu search</c> and <c>openmu export</c>: what the catalogue page shows, at a terminal and in files.
/// </summary>
internal sealed class Search
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly Option<DirectoryInfo?> data = CatalogueAccess.DataOption();
    private readonly Option<string> tenant = new("--tenant")
    {
        Description = "Whose library.",
        HelpName = "NAME",
        DefaultValueFactory = _ => TrackBlob.DefaultTenant
    };

    private readonly Argument<string[]> words = new("words")
    {
        Description = "Every one must begin a word of file name, title, artist, album, caption or tags.",
        Arity = ArgumentArity.ZeroOrMore
    };

    private readonly Option<double?> bpmFrom = Number("--bpm-from", "Slowest tempo.");
    private readonly Option<double?> bpmTo = Number("--bpm-to", "Fastest tempo.");
    private readonly Option<double?> lufsFrom = Number("--lufs-from", "Softest loudness, such as -20.");
    private readonly Option<double?> lufsTo = Number("--lufs-to", "Loudest loudness.");
    private readonly Option<double?> secondsFrom = Number("--seconds-from", "Shortest length.");
    private readonly Option<double?> secondsTo = Number("--seconds-to", "Longest length.");
    private readonly Option<string?> key = new("--key") { Description = "Such as Am or 8A.", HelpName = "KEY" };
    private readonly Option<bool> neighbours = new("--neighbours") { Description = "Also keys that mix with it." };
    private readonly Option<string?> state = Names<TrackState>("--state", "Only tracks in this state.");
    private readonly Option<string?> sort = Names<TrackSort>("--sort", "What to order by.");
    private readonly Option<bool> descending = new("--descending") { Description = "From the highest to the lowest." };

    /// <summary><c>openmu search</c>.</summary>
    public static Command Command()
    {
        var search = new Search();
        var limit = new Option<int>("--limit")
        {
            Description = "Tracks shown.",
            HelpName = "N",
            DefaultValueFactory = _ => 50
        }.Between(1, TrackQuery.MaxPageSize);
        var json = new Option<bool>("--json") { Description = "A JSON object a line." };
        var command = search.AddTo(new Command("search", "Finds tracks.") { search.words, limit, json });
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(search.data), withStorage: false, cancel);
            await using var db = access.Catalogue.CreateDbContext();
            var page = await new TrackSearch(db).FindAsync(
                parsed.GetRequiredValue(search.tenant), search.Query(parsed) with { PageSize = parsed.GetValue(limit) },
                cancel);
            foreach (var track in page.Tracks)
                Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(track, Json) : Line(track));
            Console.Error.WriteLine(
                $"{(page.CountsAll ? "" : "at least ")}{page.Total} found, {page.Tracks.Count} shown");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>openmu export</c>.</summary>
    public static Command ExportCommand()
    {
        var search = new Search();
        var format = new Option<string>("--format")
        {
            Description = "csv or jsonl.",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => "csv"
        }.AcceptOnlyFromAmong("csv", "jsonl");
        var file = new Option<FileInfo?>("--output")
        {
            Description = "Where to (default: the terminal).",
            HelpName = "FILE"
        };
        var command = search.AddTo(
            new Command("export", "Writes all tracks that a search finds, whatever their number.")
            {
                search.words, format, file
            });
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(search.data), withStorage: false, cancel);
            await using var db = access.Catalogue.CreateDbContext();
            var tracks = new TrackSearch(db).AllAsync(parsed.GetRequiredValue(search.tenant), search.Query(parsed));
            await using var writer = parsed.GetValue(file) is { } path ? path.CreateText() : Console.Out;
            if (parsed.GetValue(format) == "csv") await CatalogueExport.WriteCsvAsync(tracks, writer, cancel);
            else await CatalogueExport.WriteJsonLinesAsync(tracks, writer, cancel);
            return ExitCode.Done;
        });
        return command;
    }

    private Command AddTo(Command command)
    {
        foreach (var option in (Option[])
        [
            data, tenant, bpmFrom, bpmTo, lufsFrom, lufsTo, secondsFrom, secondsTo, key, neighbours, state, sort,
            descending,
        ])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(key) is { } name && Music.MusicalKey.TryParse(name) is null)
                result.AddError($"There is no key '{name}': give one such as Am, C# minor or 8A.");
        });
        return command;
    }

    private TrackQuery Query(ParseResult parsed) => new()
    {
        Text = string.Join(' ', parsed.GetValue(words) ?? []),
        BpmFrom = parsed.GetValue(bpmFrom),
        BpmTo = parsed.GetValue(bpmTo),
        LufsFrom = parsed.GetValue(lufsFrom),
        LufsTo = parsed.GetValue(lufsTo),
        SecondsFrom = parsed.GetValue(secondsFrom),
        SecondsTo = parsed.GetValue(secondsTo),
        Key = parsed.GetValue(key),
        KeyNeighbours = parsed.GetValue(neighbours),
        State = parsed.GetValue(state) is { } named ? Enum.Parse<TrackState>(named) : null,
        Sort = parsed.GetValue(sort) is { } by ? Enum.Parse<TrackSort>(by) : default,
        Descending = parsed.GetValue(descending),
    };

    private static string Line(TrackSummary track)
    {
        var name = track.Title is null ? track.FileName : $"{track.Artist ?? "?"} - {track.Title} ({track.FileName})";
        string?[] facts =
        [
            $"{track.Id}", name, $"{track.State}", track.Reason, track.Bpm is { } bpm ? $"{Round(bpm)} BPM" : null,
            track.Key, track.Lufs is { } lufs ? $"{Round(lufs)} LUFS" : null,
            track.Seconds is { } seconds ? $"{Round(seconds)} s" : null,
        ];
        return string.Join("  ", facts.Where(fact => fact is not null));
    }

    private static string Round(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static Option<double?> Number(string name, string what) =>
        new(name) { Description = what, HelpName = "N" };

    private static Option<string?> Names<T>(string name, string what)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        return new Option<string?>(name)
        {
            Description = $"{what} One of {string.Join(", ", names)}.",
            HelpName = "NAME"
        }.AcceptOnlyFromAmong(names);
    }
}
