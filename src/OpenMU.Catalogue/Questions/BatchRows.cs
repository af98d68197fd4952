using System.Text.Json;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Questions;

/// <summary>
/// Writes a batch's questions with their jobs, two statements for each thousand: 10,000 inserts of one row would take
/// seconds, in which nobody else could write.
/// </summary>
internal sealed class BatchRows(CatalogueDb db, QuestionBatch batch)
{
    private const int AtOnce = 1000;

    /// <summary>Adds each text about each track, in the caller's transaction.</summary>
    public async Task AddAsync(
        IReadOnlyList<string> texts, IReadOnlyList<NamedTrack> tracks, CancellationToken cancel)
    {
        // Ids of their own, by which the rows of jobs and of questions find each other.
        var content = $"question:{Guid.NewGuid():N}"[..^8];
        var position = 0;
        var rows =
            from track in tracks
            from text in texts
            select new BatchRow(
                position, $"{content}{position++:x8}", text.Trim(), track.TrackId, track.FileName,
                track.FileName is { } name ? TrackBlob.Key($"{batch.Tenant}/{name}") : null,
                (track.IsReady ? JobState.Queued : JobState.Waiting).ToString());
        foreach (var some in rows.Chunk(AtOnce))
            await db.AddQuestionsAsync(batch, JsonSerializer.Serialize(some, JsonSerializerOptions.Default), cancel);
    }
}

/// <summary>A question as the statements read it.</summary>
internal sealed record BatchRow(
    int Position, string ContentId, string Text, long? TrackId, string? FileName, string? BlobKey, string State);
