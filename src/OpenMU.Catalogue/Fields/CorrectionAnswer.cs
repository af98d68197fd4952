namespace OpenMU.Catalogue.Fields;

/// <summary>Who changes something, and by which way; every change is kept with it.</summary>
/// <param name="By">The person's name.</param>
/// <param name="Via"><c>page</c>, <c>api</c>, <c>cli</c> or <c>import</c>.</param>
public sealed record CorrectionAuthor(string By, string Via)
{
    /// <summary>A new name for changes that are made at once.</summary>
    public static string NewBatch() => Guid.NewGuid().ToString("N");
}

/// <summary>What came of a change of one track's data.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Reason">In one sentence for people; null where all was done.</param>
/// <param name="Version">The correction's version now; 0 where nobody has put anything right.</param>
/// <param name="Batch">Names the change, to undo it; null where nothing was changed.</param>
public sealed record CorrectionAnswer(
    CorrectionOutcome Outcome, string? Reason = null, int Version = 0, string? Batch = null);

/// <summary>What came of a change.</summary>
public enum CorrectionOutcome
{
    Done,

    /// <summary>All was so already.</summary>
    NothingToDo,

    /// <summary>The tenant has no such track.</summary>
    NoTrack,

    /// <summary>Somebody else was faster: the correction is not the one that was to be changed.</summary>
    Stale,

    /// <summary>Somebody has locked the track's data.</summary>
    Locked,

    /// <summary>What was to be undone was changed again since; other fields of the track may be as before.</summary>
    LaterChange,
}

/// <summary>What came of a change of many tracks' data.</summary>
public sealed record CorrectionSummary
{
    /// <summary>So many refusals are told; the others are only counted.</summary>
    public const int MaxRefusals = 1000;

    /// <summary>Names the change, to go on with it or to undo it; null where nothing was changed.</summary>
    public string? Batch { get; init; }

    /// <summary>Tracks that were looked at.</summary>
    public int Tracks { get; init; }

    /// <summary>Those whose data are changed.</summary>
    public int Changed { get; init; }

    /// <summary>Those of which all was so already.</summary>
    public int Unchanged { get; init; }

    /// <summary>Those of which something could not be changed; of some of these other fields are.</summary>
    public int Refused { get; init; }

    /// <summary>Why, for the first <see cref="MaxRefusals"/> of them.</summary>
    public IReadOnlyList<CorrectionRefusal> Refusals { get; init; } = [];

    /// <summary>Where to go on; null where all is done.</summary>
    public string? Next { get; init; }

    /// <summary>Tracks in all, where that is known.</summary>
    public int? Total { get; init; }

    internal CorrectionSummary With(IReadOnlyList<(long Track, CorrectionAnswer Answer)> page)
    {
        var refused = page
            .Where(one => one.Answer.Outcome is not (CorrectionOutcome.Done or CorrectionOutcome.NothingToDo))
            .Select(one => new CorrectionRefusal(one.Track, one.Answer.Reason!)).ToList();
        return this with
        {
            Tracks = Tracks + page.Count,
            Changed = Changed + page.Count(one =>
                one.Answer is { Outcome: CorrectionOutcome.Done } or { Outcome: CorrectionOutcome.LaterChange, Batch: not null }),
            Unchanged = Unchanged + page.Count(one => one.Answer.Outcome == CorrectionOutcome.NothingToDo),
            Refused = Refused + refused.Count,
            Refusals = [.. Refusals.Concat(refused).Take(MaxRefusals)],
        };
    }
}

/// <summary>A track that could not be changed.</summary>
/// <param name="TrackId">The track.</param>
/// <param name="Reason">In one sentence for people.</param>
public sealed record CorrectionRefusal(long TrackId, string Reason);
