using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace OpenMU.Catalogue.Storage.Sqlite;

/// <summary>
/// Repeats what another writer's lock has kept from beginning, up to a minute. Between the rounds no thread is held,
/// and whoever cancels is let go.
/// </summary>
internal sealed class WaitForWriters(DbContext context) : IExecutionStrategy
{
    private const int Busy = 5, Locked = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// False, or every result would be held in memory whole. A statement that has begun is never repeated: it has
    /// its lock.
    /// </summary>
    public bool RetriesOnFailure => false;

    /// <inheritdoc/>
    public TResult Execute<TState, TResult>(
        TState state, Func<DbContext, TState, TResult> operation,
        Func<DbContext, TState, ExecutionResult<TResult>>? verifySucceeded)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return operation(context, state);
            }
            catch (Exception e) when (MayWait(e, started))
            {
                Thread.Sleep(Pause);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<TResult> ExecuteAsync<TState, TResult>(
        TState state, Func<DbContext, TState, CancellationToken, Task<TResult>> operation,
        Func<DbContext, TState, CancellationToken, Task<ExecutionResult<TResult>>>? verifySucceeded,
        CancellationToken cancellationToken = default)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await operation(context, state, cancellationToken);
            }
            catch (Exception e) when (MayWait(e, started))
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    private static bool MayWait(Exception e, long started) =>
        (e is DbUpdateException { InnerException: { } inner } ? inner : e)
            is Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: Busy or Locked }
        && TimeProvider.System.GetElapsedTime(started) < Patience;
}
