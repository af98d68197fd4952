using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace OpenMU.Simulation;

/// <summary>
/// The way of one process to the database. Between two commands others run; inside a transaction nobody does, but the
/// process may be killed there, or after the commit.
/// </summary>
internal sealed class DatabaseMischief(SimulatedProcess process, Mischief mischief, Guard missing)
    : DbCommandInterceptor, IDbTransactionInterceptor
{
    private const int InputOutput = 10;

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        await BeginAsync(command);
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result,
        CancellationToken cancellationToken = default)
    {
        await BeginAsync(command);
        return result;
    }

    public override async ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result,
        CancellationToken cancellationToken = default)
    {
        if (command.Transaction is null) await CommittedAsync();
        return result;
    }

    public async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default)
    {
        await AskAsync();
        return result;
    }

    public async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result,
        CancellationToken cancellationToken = default)
    {
        await UnlessKilledAsync(transaction.Connection);
        return result;
    }

    public Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        CommittedAsync();

    private async Task BeginAsync(DbCommand command)
    {
        if (command.Transaction is null) await AskAsync();
        else await UnlessKilledAsync(command.Connection);
        if (missing == Guard.Outbox && command.CommandText.Contains(OutboxBreak.Insert, StringComparison.Ordinal))
            await OutboxBreak.BreakAsync((SqliteConnection)command.Connection!, process, mischief);
        command.CommandText = Weaken(command.CommandText);
    }

    private async Task AskAsync()
    {
        await mischief.WaitAsync(process);
        if (mischief.Does("database away", mischief.Faults.Database)) throw Away();
    }

    private async Task CommittedAsync()
    {
        await mischief.WaitAsync(process);
        if (mischief.Does("commit's reply lost", mischief.Faults.LostCommit)) throw Away();
    }

    // What a killed process has not committed is rolled back by the database.
    private async Task UnlessKilledAsync(DbConnection? connection)
    {
        if (!mischief.Kills(process)) return;
        raw.sqlite3_exec(((SqliteConnection)connection!).Handle, "ROLLBACK");
        await new TaskCompletionSource().Task;
    }

    // An outage, as the programs call it. "Busy" would be waited for by the provider's own clock.
    private static SqliteException Away() => new("The database does not answer.", InputOutput);

    private string Weaken(string sql)
    {
        foreach (var condition in Conditions(missing))
        {
            if (!sql.Contains(condition, StringComparison.Ordinal)) continue;
            mischief.Does("condition taken away", 1);
            sql = sql.Replace(condition, missing is Guard.Dedupe or Guard.Order ? "0" : "1", StringComparison.Ordinal);
        }

        return sql;
    }

    // As Entity Framework writes them.
    private static string[] Conditions(Guard guard) => guard switch
    {
        Guard.Fence => ["\"j\".\"Fence\" = @claim_Fence"],
        Guard.Dedupe => ["\"j\".\"ContentId\" = @contentId AND \"j\".\"Kind\" = 'Analysis'"],
        Guard.Age => ["\"j\".\"EnqueuedAt\" <= @passed", "\"j\".\"CreatedAt\" <= @before"],
        Guard.Order => ["\"w0\".\"Id\" < \"w\".\"Id\""],
        _ => [],
    };
}
