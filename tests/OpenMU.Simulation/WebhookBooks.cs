using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Simulation;

/// <summary>What happened, what partners were told of it, and where the two do not agree.</summary>
internal static class WebhookBooks
{
    private static readonly string[] Urls = [Receivers.Steady, Receivers.Away];

    /// <summary>Adds the endpoints, and has the database itself note what was committed.</summary>
    public static async Task OpenAsync(CatalogueDbFactory catalogue)
    {
        await using var db = catalogue.CreateDbContext();
        db.AddRange(Urls.Select(url => new WebhookEndpoint
        {
            Tenant = Owner.Library,
            Url = url,
            Secret = WebhookEndpoint.NewSecret(),
        }));
        await db.SaveChangesAsync();
        await db.Database.ExecuteSqlRawAsync("""
            CREATE TABLE Happened(QuestionId INTEGER NOT NULL);
            CREATE TRIGGER NoteHappened AFTER UPDATE OF State ON Jobs
            WHEN new.Kind = 'Question' AND new.State IN ('Ready', 'Rejected', 'Failed', 'Cancelled', 'Expired') AND old.State <> new.State
            BEGIN INSERT INTO Happened SELECT Id FROM Questions WHERE JobId = new.Id; END;
            CREATE TABLE Removed(TrackId INTEGER NOT NULL);
            CREATE TRIGGER NoteRemoved AFTER DELETE ON Tracks BEGIN INSERT INTO Removed VALUES (old.Id); END;
            """);
    }

    /// <returns>What must not be, one line each.</returns>
    public static async Task<IReadOnlyList<string>> CloseAsync(
        CatalogueDbFactory catalogue, IReadOnlyList<Receipt> receipts, Action<string>? report)
    {
        await using var db = catalogue.CreateDbContext();
        var events = await db.WebhookEvents.AsNoTracking().OrderBy(e => e.Id).ToListAsync();
        var open = await db.WebhookDeliveries.CountAsync(d => d.State != WebhookDeliveryState.Delivered);
        report?.Invoke($"{events.Count} events, {receipts.Count} webhooks received");
        return
        [
            .. await OfQuestionsAsync(db, events),
            .. await OfTracksAsync(db, events),
            .. Urls.SelectMany(url => OfReceipts(url, [.. receipts.Where(receipt => receipt.Url == url)], events)),
            .. open == 0 ? Array.Empty<string>() : [$"{open} deliveries were not made"],
        ];
    }

    private static async Task<IReadOnlyList<string>> OfQuestionsAsync(CatalogueDb db, List<WebhookEvent> events)
    {
        var happened = (await db.Database.SqlQueryRaw<long>("SELECT QuestionId AS Value FROM Happened").ToListAsync())
            .CountBy(id => id).ToDictionary();
        var told = events.Where(e => e.Type.StartsWith("question.", StringComparison.Ordinal))
            .CountBy(e => System.Text.Json.JsonDocument.Parse(e.Body).RootElement.GetProperty("data")
                .GetProperty("questionId").GetInt64()).ToDictionary();
        return [.. happened.Keys.Union(told.Keys)
            .Where(id => happened.GetValueOrDefault(id) != told.GetValueOrDefault(id))
            .Select(id => $"question {id} ended {happened.GetValueOrDefault(id)} times, with "
                + $"{told.GetValueOrDefault(id)} events")];
    }

    // Whatever happened in between, the last that was told is how it stands.
    private static async Task<IReadOnlyList<string>> OfTracksAsync(CatalogueDb db, List<WebhookEvent> events)
    {
        var last = events.Where(e => e.Type.StartsWith("track.", StringComparison.Ordinal))
            .GroupBy(e => e.Subject).ToDictionary(group => group.Key, group => group.Last().Type);
        var tracks = await db.Tracks.AsNoTracking().Where(t => t.MissingSince == null)
            .Select(t => new { t.Id, t.Job.State }).ToListAsync();
        var removed = await db.Database.SqlQueryRaw<long>("SELECT TrackId AS Value FROM Removed").ToListAsync();
        return
        [
            .. from track in tracks
               let told = last.GetValueOrDefault(WebhookOutbox.OfTrack(track.Id))
               where told != Type(track.State)
               select $"track {track.Id} is {track.State}, and the last event of it is {told ?? "none"}",
            .. from id in removed
               let told = last.GetValueOrDefault(WebhookOutbox.OfTrack(id))
               where told != WebhookEventTypes.TrackDeleted
               select $"track {id} is removed, and the last event of it is {told ?? "none"}",
        ];
    }

    private static IEnumerable<string> OfReceipts(
        string url, IReadOnlyList<Receipt> receipts, List<WebhookEvent> events)
    {
        var known = events.ToDictionary(e => e.MessageId);
        foreach (var receipt in receipts.Where(receipt => !known.ContainsKey(receipt.Id)))
            yield return $"{url} was told {receipt.Id}, which did not happen: {receipt.Body}";
        // Receivers know by the id what they have had.
        var first = receipts.Select(receipt => receipt.Id).Where(known.ContainsKey).Distinct()
            .Select(id => known[id]).ToList();
        foreach (var lost in events.Except(first)) yield return $"{url} was not told {lost.Type} of {lost.Subject}";
        foreach (var subject in first.GroupBy(e => e.Subject))
        {
            var ids = subject.Select(e => e.Id).ToList();
            if (!ids.SequenceEqual(ids.Order())) yield return $"{url} was told the events of {subject.Key} out of order";
        }
    }

    private static string? Type(JobState state) => state switch
    {
        JobState.Ready => WebhookEventTypes.TrackReady,
        JobState.Failed => WebhookEventTypes.TrackFailed,
        JobState.Rejected => WebhookEventTypes.TrackRejected,
        _ => null,
    };
}
