using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace OpenMU.Catalogue.Storage.Sqlite;

/// <summary>
/// Ends a statement whose caller has cancelled. The driver computes on the caller's thread and looks at the token only
/// before it begins, so SQLite itself asks, every few thousand steps; it then ends with <see cref="Interrupted"/>.
/// </summary>
internal sealed class StopOnCancel : DbCommandInterceptor
{
    /// <summary>SQLite's result code of a statement that was told to end.</summary>
    public const int Interrupted = 9;

    // Of SQLite's own machine: well under a millisecond.
    private const int Steps = 4000;

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default) => Begin(command, result, cancellationToken);

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result,
        CancellationToken cancellationToken = default) => Begin(command, result, cancellationToken);

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result,
        CancellationToken cancellationToken = default) => Begin(command, result, cancellationToken);

    // Rows are computed one by one while they are read: a reader is at work until it is disposed of.
    public override ValueTask<InterceptionResult> DataReaderClosingAsync(
        DbCommand command, DataReaderClosingEventData eventData, InterceptionResult result)
    {
        Clear(command.Connection);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult DataReaderDisposing(
        DbCommand command, DataReaderDisposingEventData eventData, InterceptionResult result)
    {
        Clear(command.Connection);
        return result;
    }

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result,
        CancellationToken cancellationToken = default) => End(command, result);

    public override ValueTask<object?> ScalarExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, object? result,
        CancellationToken cancellationToken = default) => End(command, result);

    public override Task CommandFailedAsync(
        DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Clear(command.Connection);
        return Task.CompletedTask;
    }

    public override Task CommandCanceledAsync(
        DbCommand command, CommandEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Clear(command.Connection);
        return Task.CompletedTask;
    }

    /// <summary>Forgets whatever statement was watched on a connection.</summary>
    public static void Clear(DbConnection? connection)
    {
        if (connection is SqliteConnection { Handle: { } database })
            raw.sqlite3_progress_handler(database, 0, null, null);
    }

    private static ValueTask<T> Begin<T>(DbCommand command, T result, CancellationToken cancel)
    {
        if (cancel.CanBeCanceled && command.Connection is SqliteConnection { Handle: { } database })
            raw.sqlite3_progress_handler(database, Steps, _ => cancel.IsCancellationRequested ? 1 : 0, null);
        return ValueTask.FromResult(result);
    }

    private static ValueTask<T> End<T>(DbCommand command, T result)
    {
        Clear(command.Connection);
        return ValueTask.FromResult(result);
    }
}
