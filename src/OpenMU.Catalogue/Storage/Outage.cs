using System.Data.Common;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues.Models;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OpenMU.Catalogue.Storage.Sqlite;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// Tells failures of storage and database, which pass by, from answers and from defects. Whoever meets an outage tries
/// again later, or asks the caller to; nothing that was asked of the system is at fault.
/// </summary>
public static class Outage
{
    // SQLite's result codes: busy, locked, out of memory, read only, input or output, disk full, cannot open, protocol.
    private static readonly HashSet<int> SqliteCodes = [5, 6, 7, 8, 10, 13, 14, 15];

    // SQL Server: timeout, victim of a deadlock, database or login not there at present. What ends the connection, and
    // what lacks resources, has a severity of 17 and more.
    private static readonly HashSet<int> SqlServerNumbers = [-2, 1205, 4060, 18456];
    private const int SqlServerResources = 17;

    /// <summary>
    /// Whether storage or database is away or busy. Time limits of the clients show as cancellations: the caller rules
    /// out its own first.
    /// </summary>
    public static bool Is(Exception e) => IsStorage(e) || IsCatalogue(e) || e switch
    {
        HttpRequestException or SocketException or IOException => true,
        TimeoutException or OperationCanceledException => true,
        // Tries that were used up, one failure each.
        AggregateException several => several.InnerExceptions is { Count: > 0 } failures && failures.All(Is),
        _ => false,
    };

    /// <summary>Whether the storage account does not answer, or answers that it cannot work at present.</summary>
    public static bool IsStorage(Exception e) => e switch
    {
        RequestFailedException failed => IsAway(failed),
        AuthenticationFailedException => true,
        AggregateException several => several.InnerExceptions is { Count: > 0 } failures
            && failures.All(failure => Is(failure) && !IsCatalogue(failure)),
        _ => false,
    };

    /// <summary>Whether the database cannot be reached or written at present.</summary>
    public static bool IsCatalogue(Exception e) => e switch
    {
        SqliteException sqlite => SqliteCodes.Contains(sqlite.SqliteErrorCode),
        SqlException server => server.Class >= SqlServerResources || SqlServerNumbers.Contains(server.Number),
        RetryLimitExceededException => true,
        DbException other => other.IsTransient,
        DbUpdateException { InnerException: { } inner } => IsCatalogue(inner),
        _ => false,
    };

    /// <summary>Whether something ended because it was cancelled, as each of the clients says it.</summary>
    public static bool IsCancellation(Exception e) => e switch
    {
        OperationCanceledException or SqliteException { SqliteErrorCode: StopOnCancel.Interrupted } => true,
        // "Operation cancelled by user": the server has no number for it.
        SqlException { Number: 0 } => true,
        DbUpdateException { InnerException: { } inner } => IsCancellation(inner),
        _ => false,
    };

    /// <summary>What happened, in one line.</summary>
    public static string FirstLine(Exception e)
    {
        // What the client says over several tries is one text each; the last says it all.
        var cause = e is AggregateException { InnerExceptions: [.., var last] } ? last : e;
        if (cause is DbUpdateException { InnerException: { } database }) cause = database;
        return cause.Message.Split('\n')[0].Trim();
    }

    // 0: no answer at all. An account that lets nobody in is as good as away; so is one whose container or queues are
    // not there, because they are made before anything is asked of them.
    private static bool IsAway(RequestFailedException failed) =>
        failed.Status is 0 or 401 or 403 or 408 or 429 or 500 or (>= 502 and <= 504)
        || failed.ErrorCode == BlobErrorCode.ContainerNotFound
        || failed.ErrorCode == BlobErrorCode.ContainerBeingDeleted
        || failed.ErrorCode == QueueErrorCode.QueueNotFound
        || failed.ErrorCode == QueueErrorCode.QueueBeingDeleted;
}
