using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
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

    /// <summary>Null while the file whose name was given is not in the catalogue, or once it has gone.</summary>
    public long? TrackId { get; set; }

    public Track? Track { get; set; }

    /// <summary>The batch that it was asked in; null where it was asked alone.</summary>
    public long? BatchId { get; set; }

    /// <summary>
    /// Where it stands in its batch, from 0: all questions about the first track, then all about the next.
    /// </summary>
    public int Position { get; set; }

    /// <summary>The track as it was named, where a file's name was given; null where the track itself was.</summary>
    public string? FileName { get; set; }

    /// <summary><see cref="TrackBlob.Key"/> of the blob that such a file has.</summary>
    public string? BlobKey { get; set; }

    /// <summary>
    /// Which of its batch's ends this one was, by <see cref="QuestionBatch.Ends"/>; null while it is open. What ended
    /// at once has the same.
    /// </summary>
    public long? EndedAs { get; set; }

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

    /// <summary>Why a text is no question, in one sentence for people; null where it is one.</summary>
    /// <param name="text">Without spaces around it.</param>
    public static string? Refusal(string text)
    {
        if (text.Length == 0) return "Ask something.";
        if (text.Length > MaxTextLength) return $"The question has more than {MaxTextLength} characters.";
        return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
            ? "The question has characters that are no text."
            : null;
    }

    // Most of what a call may say is nothing.
    private static readonly JsonSerializerOptions Stored =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    internal sealed class Configuration : IEntityTypeConfiguration<Question>
    {
        public void Configure(EntityTypeBuilder<Question> question)
        {
            question.Property(q => q.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            question.Property(q => q.Text).HasMaxLength(MaxTextLength);
            question.Property(q => q.FileName).HasMaxLength(TrackBlob.MaxPathLength);
            question.Property(q => q.BlobKey).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            question.Ignore(q => q.State);
            question.ComplexProperty(q => q.Answer, answer =>
            {
                answer.Property(a => a.Outcome).HasConversion<string>().HasMaxLength(16);
                answer.Property(a => a.ToolCalls).HasConversion<ToolCallsConverter, ToolCallsComparer>();
                answer.Property(a => a.ModelVersion).HasMaxLength(Job.MaxModelVersionLength);
                answer.Property(a => a.PromptVersion).HasMaxLength(Answer.MaxPromptVersionLength);
                answer.Property(a => a.LicenceClass).HasMaxLength(32);
            });
            question.HasOne(q => q.Track).WithMany().HasForeignKey(q => q.TrackId).OnDelete(DeleteBehavior.Cascade);
            question.HasOne(q => q.Job)
                .WithOne(j => j.Question).HasForeignKey<Question>(q => q.JobId).OnDelete(DeleteBehavior.Restrict);
            // What a partner asks of a batch: which have ended since, and whether all have.
            question.HasOne<QuestionBatch>().WithMany().HasForeignKey(q => q.BatchId).OnDelete(DeleteBehavior.Restrict);
            question.HasIndex(q => new { q.BatchId, q.EndedAs, q.Id });
        }
    }

    private sealed class ToolCallsConverter() : ValueConverter<IReadOnlyList<ToolCall>, string>(
        calls => JsonSerializer.Serialize(calls, Stored),
        json => JsonSerializer.Deserialize<ToolCall[]>(json, Stored)!);

    private sealed class ToolCallsComparer() : ValueComparer<IReadOnlyList<ToolCall>>(
        (a, b) => ReferenceEquals(a, b) || (a != null && b != null && a.SequenceEqual(b)),
        calls => calls.Count,
        calls => calls);
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
/// <param name="Reading">Its result as values for programs; null where it is text alone.</param>
public sealed record ToolCall(string Name, string Value, DateTime At, ToolReading? Reading = null)
{
    /// <summary>Longest <see cref="Value"/>, in UTF-16 units.</summary>
    public const int MaxValueLength = 1000;

    /// <summary>What is kept of a tool's result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="now">When it was asked for, where the result does not say so.</param>
    public static ToolCall From(ToolResult result, DateTime now) => new(
        result.Name,
        result.Value.Length <= MaxValueLength ? result.Value : $"{result.Value[..(MaxValueLength - 1)]}…",
        result.At ?? now,
        result.Reading);
}
