using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu search</c>: what the catalogue page shows, at a terminal. Its options select tracks for other verbs too.
/// </summary>
internal sealed class Search
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly Option<DirectoryInfo?> data = CatalogueAccess.DataOption();
    private readonly Option<string> tenant = CatalogueAccess.TenantOption();

    private readonly Argument<string[]> words = new("words")
    {
        Description = "What to look for, as in the page's search box: words, \"phrases\", -words, title:word, D minor, "
            + "128 bpm, under 3 minutes. Where no track has every word, search shows those that mean the nearest.",
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
    private readonly Option<string[]> facets = new("--facet")
    {
        Description = "A value of a group, such as genre:jazz; genre:jazz|blues for any, -mood:sad for none. May be repeated.",
        HelpName = "FACET",
        DefaultValueFactory = _ => []
    };

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
        var counts = new Option<bool>("--facets") { Description = "Also how the tracks divide, on stderr." };
        var meaning = new Option<bool>("--meaning")
        {
            Description = "Put those first whose captions, descriptions, tags and themes mean the nearest to the words, as "
                + "for: warm sad piano for a film scene. Phrases, fields, facets and -words hold as ever."
        };
        var command = search.AddTo(
            new Command("search", "Finds tracks.") { search.words, limit, json, counts, meaning });
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(search.data), withStorage: false, cancel);
            var query = search.Query(parsed) with
            {
                PageSize = parsed.GetValue(limit),
                Relax = true,
                ByMeaning = parsed.GetValue(meaning),
                CountFacets = parsed.GetValue(counts),
            };
            if (query.ByMeaning) await ReadTextsAsync(access, cancel);
            var page = await access.Services.GetRequiredService<MeaningSearch>().FindAsync(
                parsed.GetRequiredValue(search.tenant), query, cancel);
            foreach (var track in page.Tracks)
                Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(track, Json) : Line(track));
            foreach (var phrase in page.Understood) Console.Error.WriteLine($"{phrase.Phrase}: {phrase.Means}");
            foreach (var note in page.Notes) Console.Error.WriteLine(note);
            if (parsed.GetValue(counts)) WriteFacets(page);
            Console.Error.WriteLine(
                $"{(page.CountsAll ? "" : "at least ")}{page.Total} found, {page.Tracks.Count} shown");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The tracks that are named by their numbers, else all that the words and options find.</summary>
    public TrackSelection Selection(ParseResult parsed)
    {
        var named = parsed.GetValue(words) ?? [];
        var ids = named.Select(word =>
            long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : (long?)null)
            .ToList();
        return named.Length > 0 && ids.TrueForAll(id => id is not null)
            ? TrackSelection.Of(ids.OfType<long>())
            : TrackSelection.Of(Query(parsed));
    }

    /// <summary>A command with all that selects tracks: numbers, or words and options.</summary>
    public Command AddSelectionTo(Command command)
    {
        words.Description = "Numbers of tracks; or words, every one of which must begin a word of file name, title, "
            + "artist, album, caption or tags.";
        command.Arguments.Add(words);
        return AddTo(command);
    }

    /// <summary>The folder that was named.</summary>
    internal DirectoryInfo? Data(ParseResult parsed) => parsed.GetValue(data);

    /// <summary>Whose library.</summary>
    internal string Tenant(ParseResult parsed) => parsed.GetRequiredValue(tenant);

    /// <summary>Gives a verb the options of a search; words are an argument of its own.</summary>
    internal Command AddTo(Command command)
    {
        foreach (var option in (Option[])
        [
            data, tenant, bpmFrom, bpmTo, lufsFrom, lufsTo, secondsFrom, secondsTo, key, neighbours, facets, state,
            sort, descending,
        ])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(key) is { } name && Music.MusicalKey.TryParse(name) is null)
                result.AddError($"There is no key '{name}': give one such as Am, C# minor or 8A.");
            foreach (var facet in result.GetValue(facets) ?? [])
            {
                if (FacetFilter.TryParse(facet) is not null) continue;
                result.AddError(
                    $"'{facet}' is no facet such as genre:jazz, genre:jazz|blues or -mood:sad. Groups are "
                        + $"{string.Join(", ", Facet.Groups)}, and declared fields as x.name.");
            }
        });
        return command;
    }

    /// <summary>Whether an option was given that tells some tracks from others.</summary>
    internal bool IsNarrowed(ParseResult parsed) =>
        ((Option[])[bpmFrom, bpmTo, lufsFrom, lufsTo, secondsFrom, secondsTo, key, facets, state])
        .Any(option => parsed.GetResult(option) is { Implicit: false });

    internal TrackQuery Query(ParseResult parsed) => new()
    {
        Text = string.Join(' ', parsed.GetValue(words) ?? []),
        BpmFrom = parsed.GetValue(bpmFrom),
        BpmTo = parsed.GetValue(bpmTo),
        LufsFrom = parsed.GetValue(lufsFrom),
        LufsTo = parsed.GetValue(lufsTo),
        SecondsFrom = parsed.GetValue(secondsFrom),
        SecondsTo = parsed.GetValue(secondsTo),
        Facets = [.. (parsed.GetValue(facets) ?? []).Select(FacetFilter.TryParse).OfType<FacetFilter>()],
        Key = parsed.GetValue(key),
        KeyNeighbours = parsed.GetValue(neighbours),
        State = parsed.GetValue(state) is { } named ? Enum.Parse<TrackState>(named) : null,
        Sort = parsed.GetValue(sort) is { } by ? Enum.Parse<TrackSort>(by) : default,
        Descending = parsed.GetValue(descending),
    };

    // What no worker has taken yet, as after an import at home; so many that nobody waits for hours.
    private static async Task ReadTextsAsync(CatalogueAccess access, CancellationToken cancel)
    {
        const int most = 2000;
        var embedder = access.Services.GetRequiredService<TextEmbedder>();
        var waiting = SentenceModel.IsCarried ? await embedder.CountAsync(most + 1, cancel) : 0;
        if (waiting == 0) return;
        Console.Error.WriteLine(waiting > most
            ? $"Reading the texts of {most} tracks; the others wait for a worker, or the next search."
            : $"Reading the texts of {VerbOutput.Count(waiting, "track")}.");
        try
        {
            long? last = 0;
            for (var read = 0; read < most && last is { } after; read += TextEmbedder.BatchSize)
                last = await embedder.TakeAsync(after, cancel);
        }
        catch (DbUpdateException e)
        {
            Console.Error.WriteLine($"Some could not be read: {(e.InnerException ?? e).Message.Split('\n')[0]}");
        }
    }

    private static void WriteFacets(TrackPage page)
    {
        foreach (var (group, values) in page.Facets)
            Console.Error.WriteLine($"{group}: {string.Join(", ", values.Select(value => $"{value.Value} {value.Count}"))}");
        if (!page.FacetsCountAll)
            Console.Error.WriteLine($"facets of the first {TrackQuery.MaxFaceted:N0} tracks that came");
    }

    // A line of a list is to be read; --json has all of a title.
    private const int MaxName = 200;

    private static string Line(TrackSummary track)
    {
        var name = ExchangeText.OneLine(
            track.Title is null ? track.FileName : $"{track.Artist ?? "?"} - {track.Title} ({track.FileName})");
        string?[] facts =
        [
            $"{track.Id}", name.Length <= MaxName ? name : name[..MaxName] + " ...", $"{track.State}", track.Reason,
            track.Bpm is { } bpm ? $"{Round(bpm)} BPM" : null,
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
