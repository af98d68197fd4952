using System.Data.Common;
using Azure;
using Microsoft.EntityFrameworkCore;

namespace OpenMU.Cli.Home;

/// <summary>Failures of storage or catalogue, which pass by: the emulator was killed, the disk is full.</summary>
internal static class Outage
{
    /// <summary>Whether a failure is one of these and no defect. The caller rules out its own cancellation.</summary>
    // The client's own time limits show as cancellations, and tries that it gave up as an aggregate.
    public static bool Is(Exception e) => IsStorage(e) || IsCatalogue(e)
        || e is HttpRequestException or IOException or TimeoutException or OperationCanceledException;

    /// <summary>Whether the storage client gave up.</summary>
    public static bool IsStorage(Exception e) => e is RequestFailedException
        || (e is AggregateException several && several.InnerExceptions.All(Is));

    /// <summary>Whether the database could not be used.</summary>
    public static bool IsCatalogue(Exception e) => e is DbException or DbUpdateException;

    /// <summary>What happened, in one line.</summary>
    public static string FirstLine(Exception e)
    {
        // What the client says over several tries is one text each; the last says it all.
        var cause = e is AggregateException { InnerExceptions: [.., var last] } ? last : e;
        if (cause is DbUpdateException { InnerException: { } database }) cause = database;
        return cause.Message.Split('\n')[0].Trim();
    }
}
