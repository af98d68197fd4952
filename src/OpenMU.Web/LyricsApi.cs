using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music.Lyrics;

namespace OpenMU.Web;

/// <summary>The words of a track: looked at, set right, taken away as LRC.</summary>
internal static partial class LyricsApi
{
    private const string Route = "/v1/tracks/{id:long}/lyrics";
    private const string NoLyrics = "No lyrics are known for this track.";
    private const string Owner = "page or API";

    // Text of the longest lyrics, escaped as JSON may.
    private const int MaxBodyBytes = 2 << 20;

    public static void MapLyrics(this IEndpointRouteBuilder routes)
    {
        var lyrics = routes.MapGroup("").WithTags("Lyrics");
        lyrics.MapGet(Route, Get)
            .WithName("getLyrics")
            .WithSummary("Shows a track's lyrics")
            .WithDescription("Of several sources the most trusted one: an owner's, a file beside the track, its tags, "
                + "a model that listened. The ETag is what a change must name.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        lyrics.MapGet(Route + ".lrc", GetLrc)
            .WithName("getLyricsAsLrc")
            .WithSummary("Exports a track's lyrics as an LRC file")
            .WithDescription("Lines without times where none are known.")
            .Produces<Stream>(StatusCodes.Status200OK, "text/plain")
            .ProducesProblem(StatusCodes.Status404NotFound);
        lyrics.MapPut(Route, Put)
            .WithName("putLyrics")
            .WithSummary("Sets a track's lyrics, plain or as LRC")
            .WithDescription("They stand above those of files, tags and models. Where there are an owner's already, "
                + "If-Match must have the ETag of the lyrics to replace, or *.")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status428PreconditionRequired);
        lyrics.MapDelete(Route, Delete)
            .WithName("deleteLyrics")
            .WithSummary("Removes an owner's lyrics")
            .WithDescription("Those of another source are shown again. If-Match must have the ETag, or *.")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status428PreconditionRequired);
    }

    private static async Task<Results<Ok<LyricsView>, ProblemHttpResult>> Get(
        long id, CurrentTenant tenant, LyricsStore store, HttpResponse response, CancellationToken cancel)
    {
        var found = await store.GetAsync(tenant.Name, id, cancel);
        return found.Lyrics is { } lyrics ? Shown(lyrics, response) : Problem(found);
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetLrc(
        long id, CurrentTenant tenant, LyricsStore store, CancellationToken cancel)
    {
        var found = await store.GetAsync(tenant.Name, id, cancel);
        if (found.Lyrics is not { } lyrics) return Problem(found);
        return TypedResults.Bytes(Encoding.UTF8.GetBytes(lyrics.ToSong().ToLrc()), "text/plain; charset=utf-8", $"{id}.lrc");
    }

    private static async Task<Results<Ok<LyricsView>, ValidationProblem, ProblemHttpResult>> Put(
        long id, NewLyrics body, [FromHeader(Name = "If-Match")] string? ifMatch, CurrentTenant tenant,
        CurrentPerson person, LyricsStore store, HttpResponse response, CancellationToken cancel)
    {
        if (body.Language is { } language && !LanguageCode().IsMatch(language))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                ["language"] = ["It must be a code of ISO 639-1, such as en."],
            });
        }

        try
        {
            var changed = await store.PutAsync(
                tenant.Name, id, SongLyrics.Parse(body.Text), new LyricsClaims(Owner, body.Language, body.Explicit),
                Tags(ifMatch), person.Author, cancel);
            return changed.Outcome == LyricsOutcome.Done
                ? Shown(changed.Lyrics!, response)
                : Problem(changed);
        }
        catch (UnusableLyricsException unusable)
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["text"] = [unusable.Message] });
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        long id, [FromHeader(Name = "If-Match")] string? ifMatch, CurrentTenant tenant,
        CurrentPerson person, LyricsStore store, CancellationToken cancel)
    {
        var changed = await store.DeleteAsync(tenant.Name, id, Tags(ifMatch), person.Author, cancel);
        return changed.Outcome == LyricsOutcome.Done ? TypedResults.NoContent() : Problem(changed);
    }

    private static Ok<LyricsView> Shown(StoredLyrics lyrics, HttpResponse response)
    {
        response.Headers.ETag = lyrics.ETag;
        return TypedResults.Ok(new LyricsView(lyrics));
    }

    private static ProblemHttpResult Problem(LyricsChange change)
    {
        var (status, detail) = change.Outcome switch
        {
            LyricsOutcome.Locked => (StatusCodes.Status409Conflict,
                $"{change.LockedBy} has locked this track's data: unlock it to change it."),
            LyricsOutcome.NoTrack => (StatusCodes.Status404NotFound, "There is no such track."),
            LyricsOutcome.NothingToDo =>
                (StatusCodes.Status404NotFound, "Nobody has set lyrics for this track, so there are none to remove."),
            LyricsOutcome.NeedsCondition => (StatusCodes.Status428PreconditionRequired,
                "The track has lyrics that somebody has set: send their ETag in If-Match to change them."),
            LyricsOutcome.Changed => (StatusCodes.Status412PreconditionFailed,
                "The lyrics are not those that If-Match names: look at them again."),
            _ => (StatusCodes.Status404NotFound, NoLyrics),
        };
        return TypedResults.Problem(detail, statusCode: status);
    }

    // A proxy that compresses makes tags weak; their text still names the version.
    private static string[]? Tags(string? ifMatch) => ifMatch?
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(tag => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).ToArray();

    [GeneratedRegex("^[a-z]{2}$", RegexOptions.CultureInvariant)]
    private static partial Regex LanguageCode();
}

/// <summary>Lyrics as an owner gives them.</summary>
/// <param name="Text">Plain lines, or LRC.</param>
/// <param name="Language">A code of ISO 639-1, such as en; null to find out.</param>
/// <param name="Explicit">Whether they have strong language; null to find out.</param>
internal sealed record NewLyrics(string Text, string? Language = null, bool? Explicit = null);

/// <summary>A track's lyrics as the API shows them.</summary>
internal sealed class LyricsView(StoredLyrics lyrics)
{
    /// <summary>The words alone, a line each.</summary>
    public string Text => lyrics.Text;

    /// <summary>Lines with their times, where they have any.</summary>
    public IReadOnlyList<LyricLine> Lines => lyrics.Lines;

    /// <summary>Where they come from.</summary>
    public LyricsSource Source => lyrics.Source;

    /// <summary>Who or what within the source: a file, a kind of tag, a model.</summary>
    public string Origin => lyrics.Origin;

    /// <summary>ISO 639-1; null where no language is plain.</summary>
    public string? Language => lyrics.Language;

    /// <summary>Whether they have strong language, by a list of words or as the owner says; null where nobody can
    /// tell.</summary>
    public bool? Explicit => lyrics.IsExplicit;

    /// <summary>What they are about; empty where that is not plain.</summary>
    public IReadOnlyList<string> Themes => lyrics.Themes?.Split(", ") ?? [];

    /// <summary>What they say in short, by the model that has read them; null where it does not say.</summary>
    public string? Summary => lyrics.Summary;

    /// <summary>The model that has read them; null where none has.</summary>
    public string? ReadBy => lyrics.ReadBy;

    /// <summary>From 1; each change makes one more.</summary>
    public int Version => lyrics.Version;

    /// <summary>When this version came, UTC.</summary>
    public DateTime At => lyrics.At;

    /// <summary>What a change must name in If-Match.</summary>
    public string Etag => lyrics.ETag;
}
