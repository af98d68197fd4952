using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music.Grounding;
using OpenMU.Music.Questions;

namespace OpenMU.Catalogue.Questions;

/// <summary>
/// A question about one track or a few and, once a model has listened, its answer. Its job holds state, fence and
/// lease, as for an analysis.
/// </summary>
public sealed class Question
{
    /// <summary>Longest <see cref="Text"/>, in UTF-16 units.</summary>
    public const int MaxTextLength = 500;

    /// <summary>The most tracks that one question may be about.</summary>
    public const int MaxTracks = 8;

    public long Id { get; set; }

    /// <summary>The library that asks, and owns the track; every query filters on it.</summary>
    public required string Tenant { get; set; }

    public long TrackId { get; set; }

    public Track Track { get; set; } = null!;

    /// <summary>
    /// The tracks in the order in which the question was asked about them, <see cref="TrackId"/> the first; empty where
    /// it is about that one alone.
    /// </summary>
    public List<QuestionTrack> Selection { get; } = [];

    public long JobId { get; set; }

    public Job Job { get; set; } = null!;

    /// <summary>As asked: text from a stranger, for people to read and for the model to be given as data.</summary>
    public required string Text { get; set; }

    /// <summary>UTC.</summary>
    public DateTime AskedAt { get; set; }

    /// <summary>Null until the answer is committed, together with the job's state.</summary>
    public Answer? Answer { get; set; }

    /// <summary>Where the question stands: its job's state.</summary>
    /// <exception cref="InvalidOperationException">The job was not loaded.</exception>
    public JobState State =>
        (Job ?? throw new InvalidOperationException("The question was loaded without its job.")).State;
}

/// <summary>One of several tracks that a question is about.</summary>
public sealed class QuestionTrack
{
    public long QuestionId { get; set; }

    /// <summary>From 1; an answer cites the track by it, as in "[1]".</summary>
    public int Position { get; set; }

    public long TrackId { get; set; }

    public Track Track { get; set; } = null!;
}

/// <summary>What a model says to a question, and how far to trust it.</summary>
/// <param name="Text">Every number in it is backed by a tool.</param>
/// <param name="Outcome">Whether it answers, is not sure, or refuses what the model was not made to judge.</param>
/// <param name="DroppedSentences">Sentences that were left out because measurements or tags speak against them.</param>
/// <param name="ToolCalls">Measurements that it was written from, in the order in which they were asked for.</param>
/// <param name="ModelVersion">The model.</param>
/// <param name="PromptVersion">The words around the question, and the rules by which it is answered.</param>
/// <param name="LicenceClass">Of the model: <c>open</c>, <c>non-commercial</c> or <c>proprietary</c>.</param>
/// <param name="SecondsHeard">How much of the track the model has listened to.</param>
/// <param name="AnsweredAt">UTC.</param>
public sealed record Answer(
    string Text, AnswerOutcome Outcome, int DroppedSentences, IReadOnlyList<ToolCall> ToolCalls, string ModelVersion,
    string PromptVersion, string LicenceClass, double SecondsHeard, DateTime AnsweredAt)
{
    /// <summary>Longest <see cref="PromptVersion"/>.</summary>
    public const int MaxPromptVersionLength = 32;
}

/// <summary>A measurement that was asked for while an answer was written.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Value">Its result, of a long list the beginning.</param>
/// <param name="At">When it was asked for, UTC.</param>
public sealed record ToolCall(string Name, string Value, DateTime At)
{
    /// <summary>Longest <see cref="Value"/>, in UTF-16 units.</summary>
    public const int MaxValueLength = 1000;

    /// <summary>What is kept of a tool's result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="now">When it was asked for, where the result does not say so.</param>
    public static ToolCall From(ToolResult result, DateTime now) => new(
        result.Name,
        result.Value.Length <= MaxValueLength ? result.Value : $"{result.Value[..(MaxValueLength - 1)]}…",
        result.At ?? now);
}
