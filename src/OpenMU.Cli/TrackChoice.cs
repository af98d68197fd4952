using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Search;

namespace OpenMU.Cli;

/// <summary>The tracks that a verb works on: by their ids as arguments, or by the options of a search.</summary>
internal sealed class TrackChoice
{
    private const int AtOnce = 100, MostNamed = 5;

    private readonly Search search = new();
    private readonly Option<string?> text = new("--text")
    {
        Description = "Every word must begin a word of file name, title, artist, album, caption or tags.",
        HelpName = "WORDS"
    };

    private readonly Option<bool> all = new("--all") { Description = "All tracks of the library." };

    /// <summary>Gives a verb the options.</summary>
    public Command AddTo(Command command)
    {
        search.AddTo(command).Options.Add(text);
        command.Options.Add(all);
        return command;
    }

    /// <summary>Whose library.</summary>
    public string Tenant(ParseResult parsed) => search.Tenant(parsed);

    /// <summary>Opens the catalogue that the verb works on.</summary>
    public Task<CatalogueAccess> OpenAsync(ParseResult parsed, bool withStorage, CancellationToken cancel) =>
        CatalogueAccess.OpenAsync(search.Data(parsed), withStorage, cancel);

    /// <summary>The tracks that are meant.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="ids">Those that are named.</param>
    /// <exception cref="UsageException">None are named, or by both ways.</exception>
    public TrackSelection Of(ParseResult parsed, IReadOnlyList<long> ids)
    {
        var isSearch = search.IsNarrowed(parsed) || parsed.GetValue(text) is not null || parsed.GetValue(all);
        if (isSearch && ids.Count > 0) throw new UsageException("Name tracks by their ids or by a search, not both.");
        if (ids.Count > 0) return TrackSelection.Of(ids);
        return isSearch
            ? TrackSelection.Of(search.Query(parsed) with { Text = parsed.GetValue(text) })
            : throw new UsageException(
                "Name tracks by their ids, or by the options of `openmu search` with --text WORDS; --all means all.");
    }

    /// <summary>As <see cref="Of(ParseResult, Argument{string[]})"/>; all tracks where none are named.</summary>
    public TrackSelection OrAll(ParseResult parsed, Argument<string[]> ids) =>
        parsed.GetValue(ids) is not { Length: > 0 } && !search.IsNarrowed(parsed) && parsed.GetValue(text) is null
            ? TrackSelection.Of(new TrackQuery())
            : Of(parsed, ids);

    /// <summary>Whether an argument is a track's id.</summary>
    public static bool IsId(string argument, out long id) =>
        long.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    /// <summary>As <see cref="Of(ParseResult, IReadOnlyList{long})"/>, of an argument that takes nothing but ids.</summary>
    public TrackSelection Of(ParseResult parsed, Argument<string[]> ids) => Of(
        parsed,
        [.. (parsed.GetValue(ids) ?? []).Select(word => IsId(word, out var id)
            ? id
            : throw new UsageException($"{word} is not the id of a track."))]);

    /// <summary>Holds that the tracks which a selection names are there, before anything is done to them.</summary>
    /// <exception cref="UsageException">Some are not.</exception>
    public static async Task RequireAsync(
        CatalogueAccess access, string tenant, TrackSelection selection, CancellationToken cancel)
    {
        if (selection.Ids is not { } ids) return;
        await using var db = access.Catalogue.CreateDbContext();
        var known = new HashSet<long>();
        foreach (var some in ids.Chunk(AtOnce))
        {
            known.UnionWith(await db.Tracks.Where(track => track.Tenant == tenant && some.Contains(track.Id))
                .Select(track => track.Id).ToListAsync(cancel));
        }

        var unknown = ids.Where(id => !known.Contains(id)).ToList();
        if (unknown.Count == 0) return;
        var named = string.Join(", ", unknown.Take(MostNamed)) + (unknown.Count > MostNamed ? " ..." : "");
        throw new UsageException(
            $"{(unknown.Count == 1 ? "There is no track" : "There are no tracks")} {named}. Nothing was done.");
    }

    /// <summary>An argument that takes nothing but ids.</summary>
    public static Argument<string[]> Ids() => new("ids")
    {
        Description = "Tracks, as lists and exports number them.",
        Arity = ArgumentArity.ZeroOrMore
    };

    /// <summary>The ids of chosen tracks, page by page.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<long>> PagesAsync(
        CatalogueAccess access, string tenant, TrackSelection selection,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        string? after = null;
        do
        {
            await using var db = access.Catalogue.CreateDbContext();
            var page = await selection.PageAsync(db, tenant, after, AtOnce, cancel);
            yield return page.Ids;
            after = page.Next;
        }
        while (after is not null);
    }
}
