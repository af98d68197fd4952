using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Simulation;

/// <summary>What was asked, what became of it, and where the two do not agree.</summary>
/// <param name="Asked">Questions that were stored and are still there.</param>
/// <param name="Answered">That have an answer.</param>
/// <param name="Wrong">What must not be, one line each.</param>
internal sealed record QuestionBooks(int Asked, int Answered, IReadOnlyList<string> Wrong)
{
    internal static async Task OpenAsync(CatalogueDb db) => await db.Database.ExecuteSqlRawAsync("""
        CREATE TABLE Ended(JobId INTEGER NOT NULL);
        CREATE TRIGGER NoteEnded AFTER UPDATE OF State ON Jobs
        WHEN new.Kind = 'Question' AND new.State IN ('Ready', 'Rejected')
        BEGIN INSERT INTO Ended VALUES (new.Id); END;
        """);

    internal static async Task<QuestionBooks> CloseAsync(CatalogueDb db, StorageAccount account, Askers askers)
    {
        var questions = await db.Questions.AsNoTracking().Include(q => q.Job).ToListAsync();
        var endedTwice = await db.Database.SqlQueryRaw<long>(
            "SELECT JobId AS Value FROM Ended GROUP BY JobId HAVING COUNT(*) > 1").ToListAsync();
        var orphans = await db.Jobs.Where(j => j.Kind == JobKind.Question && !db.Questions.Any(q => q.JobId == j.Id))
            .Select(j => j.Id).ToListAsync();
        var rows = questions.ToLookup(question => question.Text);
        return new QuestionBooks(
            questions.Count, questions.Count(question => question.Answer is not null),
            [
                .. endedTwice.Select(job => $"job {job}: its question was ended twice"),
                .. orphans.Select(job => $"job {job}: it has no question"),
                .. askers.Asked.SelectMany(question => Of(question, [.. rows[question.Text]], account)
                    .Select(wrong => $"'{question.Text}': {wrong}")),
            ]);
    }

    private static IEnumerable<string> Of(AskedQuestion asked, IReadOnlyList<Question> rows, StorageAccount account)
    {
        // What was asked about and stayed as it was must be answered; else it depends on what was there when.
        var isFirm = asked.Tracks.All(track => track.IsReady && account.Tracks.Version(track.Name) == track.Version);
        if (rows.Count > 1) yield return $"{rows.Count} rows";
        else if (rows.Count == 1 && Of(rows[0]) is { } wrong) yield return wrong;
        else if (rows.Count == 1 && isFirm && OfFirm(asked, rows[0], account) is { } infirm) yield return infirm;
        else if (rows.Count == 0 && isFirm && asked.IsTaken) yield return "it is gone, and its tracks are not";
    }

    private static string? Of(Question row)
    {
        if (row.State is JobState.Queued or JobState.Analysing) return $"still {row.State}";
        if (row.State == JobState.Ready != row.Answer is not null)
            return $"{row.State} with{(row.Answer is null ? "out" : "")} an answer";
        return row.Answer is null || row.Answer.Text.StartsWith($"{row.Text}: ", StringComparison.Ordinal)
            ? null
            : $"answered with '{row.Answer.Text}'";
    }

    private static string? OfFirm(AskedQuestion asked, Question row, StorageAccount account)
    {
        var end = asked.Text.StartsWith(SimulatedListener.Poison, StringComparison.Ordinal) ? JobState.Failed
            : asked.Text.StartsWith(SimulatedListener.Long, StringComparison.Ordinal) ? JobState.Rejected
            : JobState.Ready;
        if (row.State != end) return $"{row.State} instead of {end}: {row.Job.Reason}";
        if (end != JobState.Ready) return null;
        var answer = SimulatedListener.Answer(
            asked.Text, asked.Tracks.Select(track => Encoding.UTF8.GetString(account.Tracks.Find(track.Name)!)));
        return row.Answer!.Text == answer ? null : $"answered with '{row.Answer.Text}' instead of '{answer}'";
    }
}
