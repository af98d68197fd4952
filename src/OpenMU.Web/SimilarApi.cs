using Microsoft.AspNetCore.Http.HttpResults;
using OpenMU.Catalogue.Similarity;
using OpenMU.Web.Limits;
using OpenMU.Web.Pipeline;
using OpenMU.Web.Problems;

namespace OpenMU.Web;

/// <summary>Tracks like a track, and ways from one track to another.</summary>
internal static class SimilarApi
{
    public static void MapSimilar(this IEndpointRouteBuilder routes)
    {
        var similar = routes.MapGroup("/v1").WithTags("Similar")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        similar.MapGet("/tracks/{id:long}/similar", Similar)
            .WithName("findSimilarTracks")
            .WithMetadata(new IsHeavy())
            .WithSummary("Finds tracks like a track, with the reasons")
            .WithDescription("By the sound as the model hears it, tempo, key, moods and instruments, each with a "
                + "weight. Only tracks that the same version of the model has heard are compared. 409 where none has.");
        similar.MapGet("/path", Path)
            .WithName("findPath")
            .WithMetadata(new TakesItsTime())
            .WithSummary("Finds a way from one track to another, from like to like")
            .WithDescription("Each track has its likeness to the one before. 409 where no model, or not the same "
                + "version of it, has heard both ends.");
    }

    private static async Task<Results<Ok<SimilarList>, ValidationProblem, ProblemHttpResult>> Similar(
        long id, [AsParameters] SimilarParameters parameters, CurrentTenant tenant, SimilarTracks tracks,
        CancellationToken cancel)
    {
        if (parameters.Mistakes() is { Count: > 0 } mistakes) return TypedResults.ValidationProblem(mistakes);
        var answer = await tracks.FindAsync(
            tenant.Name, id, parameters.ToWeights(), parameters.Count ?? SimilarParameters.UsualCount, cancel);
        return answer.Outcome == SimilarOutcome.Done
            ? TypedResults.Ok(SimilarList.Of(answer))
            : Problem(answer.Outcome);
    }

    private static async Task<Results<Ok<SimilarList>, ValidationProblem, ProblemHttpResult>> Path(
        [AsParameters] PathParameters parameters, CurrentTenant tenant, SimilarTracks tracks, CancellationToken cancel)
    {
        var steps = parameters.Steps ?? PathParameters.UsualSteps;
        if (steps is < 0 or > SimilarTracks.MaxSteps)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                ["steps"] = [$"Give 0 to {SimilarTracks.MaxSteps}."],
            });
        }

        var answer = await tracks.PathAsync(tenant.Name, parameters.From, parameters.To, steps, cancel);
        return answer.Outcome == SimilarOutcome.Done
            ? TypedResults.Ok(SimilarList.Of(answer))
            : Problem(answer.Outcome);
    }

    private static ProblemHttpResult Problem(SimilarOutcome outcome) => outcome switch
    {
        SimilarOutcome.NoTrack => TypedResults.Problem(
            "There is no such track.", statusCode: StatusCodes.Status404NotFound),
        SimilarOutcome.NotHeard => ProblemType.NotComparable.Answer(
            "No model has heard this track, so it cannot be compared."),
        _ => ProblemType.NotComparable.Answer(
            "The two tracks were heard by different versions of the model, so they cannot be compared."),
    };
}

/// <summary>How tracks are to be compared.</summary>
internal sealed class SimilarParameters
{
    /// <summary>Tracks that are found without another wish.</summary>
    public const int UsualCount = 20;

    private static readonly SimilarityWeights Usual = new();

    /// <summary>What the sound counts, 0 to 1; 1 when left out.</summary>
    public double? Sound { get; init; }

    /// <summary>What the tempo counts, 0 to 1; half and double are the same. 0.2 when left out.</summary>
    public double? Tempo { get; init; }

    /// <summary>What the key counts, 0 to 1; neighbours on the Camelot wheel are near. 0.1 when left out.</summary>
    public double? Key { get; init; }

    /// <summary>What shared moods count, 0 to 1; 0.2 when left out.</summary>
    public double? Mood { get; init; }

    /// <summary>What shared instruments count, 0 to 1; 0.2 when left out.</summary>
    public double? Instruments { get; init; }

    /// <summary>Tracks to find, 1 to 200; 20 when left out.</summary>
    public int? Count { get; init; }

    public SimilarityWeights ToWeights() => new(
        Sound ?? Usual.Sound, Tempo ?? Usual.Tempo, Key ?? Usual.Key, Mood ?? Usual.Mood,
        Instruments ?? Usual.Instruments);

    /// <summary>What is wrong with the values, by parameter.</summary>
    public Dictionary<string, string[]> Mistakes()
    {
        var mistakes = new Dictionary<string, string[]>();
        foreach (var (name, weight) in ((string, double?)[])
            [("sound", Sound), ("tempo", Tempo), ("key", Key), ("mood", Mood), ("instruments", Instruments)])
        {
            if (weight is not (null or (>= 0 and <= 1))) mistakes[name] = ["Give a weight of 0 to 1."];
        }

        if (mistakes.Count == 0 && !ToWeights().AreUsable) mistakes["sound"] = ["One weight must be above 0."];
        if (Count is not (null or (>= 1 and <= SimilarTracks.MaxCount)))
            mistakes["count"] = [$"Give 1 to {SimilarTracks.MaxCount}."];
        return mistakes;
    }
}

/// <summary>Which way is to be found.</summary>
internal sealed class PathParameters
{
    /// <summary>Tracks between without another wish.</summary>
    public const int UsualSteps = 8;

    /// <summary>The track that it begins with.</summary>
    public long From { get; init; }

    /// <summary>The track that it ends with.</summary>
    public long To { get; init; }

    /// <summary>Tracks between the two, 0 to 100; 8 when left out. There may be fewer in the catalogue.</summary>
    public int? Steps { get; init; }
}

/// <summary>Tracks in an order, and what they were compared by.</summary>
/// <param name="Model">The version of the model.</param>
/// <param name="Tracks">The tracks.</param>
internal sealed record SimilarList(string Model, IReadOnlyList<SimilarTrack> Tracks)
{
    public static SimilarList Of(SimilarAnswer answer) => new(answer.ModelVersion!, answer.Tracks);
}
