using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Questions;

/// <summary>
/// A question about one track and, once a model has listened, its answer. Its job holds state, fence and
/// lease, as for an analysis.
/// </summary>
public sealed class Question
{
    /// <summary>Longest <see cref="Text"/>, in UTF-16 units.</summary>
    public const int MaxTextLength = 500;

    public long Id { get; set; }

    /// <summary>The library that asks, and owns the track; every query filters on it.</summary>
    public required string Tenant { get; set; }

    public long TrackId { get; set; }

    public Track Track { get; set; } = null!;

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

/// <summary>What a model says to a question, and how far to trust it.</summary>
/// <param name="Text">Every number in it is backed by a tool; empty where nothing else was said.</param>
/// <param name="DroppedSentences">Sentences that were left out because no tool backs a number in them.</param>
/// <param name="ToolCalls">Calls of measuring tools whose results stand in the text.</param>
/// <param name="ModelVersion">The model.</param>
/// <param name="LicenceClass">Of the model: <c>open</c>, <c>non-commercial</c> or <c>proprietary</c>.</param>
/// <param name="SecondsHeard">How much of the track the model has listened to.</param>
/// <param name="AnsweredAt">UTC.</param>
public sealed record Answer(
    string Text, int DroppedSentences, int ToolCalls, string ModelVersion, string LicenceClass, double SecondsHeard,
    DateTime AnsweredAt);
