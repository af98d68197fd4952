using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpenMU.Simulation;

/// <summary>Commits what happened before its event is written, as a program without an outbox does.</summary>
internal static class OutboxBreak
{
    /// <summary>What begins to write an event, as Entity Framework writes it.</summary>
    public const string Insert = "INSERT INTO \"WebhookEvents\"";

    private const double KilledBetween = 0.05;

    public static async Task BreakAsync(SqliteConnection connection, SimulatedProcess process, Mischief mischief)
    {
        // The savepoint is Entity Framework's, which releases it afterwards.
        raw.sqlite3_exec(connection.Handle, "COMMIT; BEGIN IMMEDIATE; SAVEPOINT \"__EFSavePoint\"");
        if (!mischief.Does("killed between what happened and its event", KilledBetween)) return;
        raw.sqlite3_exec(connection.Handle, "ROLLBACK");
        process.Kill();
        await new TaskCompletionSource().Task;
    }
}
