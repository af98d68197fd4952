using System.Globalization;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// Answers 503 with Retry-After where storage or database is away, whichever way a handler learns of it, and where no
/// answer comes in time. A request whose client has gone ends, and what it had begun ends with it.
/// </summary>
internal sealed class OutageAnswer(RequestDelegate next, ILogger<OutageAnswer> log)
{
    private const int RetryAfterSeconds = 5;

    // Storage and database that hang are away too.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public async Task InvokeAsync(HttpContext context)
    {
        var client = context.RequestAborted;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(client);
        deadline.CancelAfter(context.GetEndpoint()?.Metadata.GetMetadata<TakesItsTime>() is null
            ? Patience
            : Timeout.InfiniteTimeSpan);
        context.Features.Set(new Deadline(deadline));
        context.RequestAborted = deadline.Token;
        try
        {
            await next(context);
        }
        catch (Exception e) when (client.IsCancellationRequested && Outage.IsCancellation(e))
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception e) when (!context.Response.HasStarted && IsOutage(e))
        {
            log.LogWarning(e, "{Path} cannot be answered at present", context.Request.Path);
            await AnswerAsync(context, e);
        }
        catch (InsufficientMemoryException e) when (!context.Response.HasStarted)
        {
            // It will be no better in some seconds, so there is no Retry-After.
            log.LogError(e, "{Path} needs more memory than it may take", context.Request.Path);
            context.Response.Clear();
            await Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
        }
        finally
        {
            context.RequestAborted = client;
        }
    }

    private static bool IsOutage(Exception e) =>
        e is not BadHttpRequestException && (Outage.Is(e) || Outage.IsCancellation(e));

    private static Task AnswerAsync(HttpContext context, Exception e)
    {
        var (what, verb) = Outage.IsCatalogue(e) ? ("database", "is busy or away")
            : Outage.IsStorage(e) ? ("storage", "does not answer")
            : ("storage or the database", "does not answer in time");
        context.Response.Clear();
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Results.Problem(
            $"The {what} {verb} at present. Nothing is wrong with the request: send it again in some seconds.",
            statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
    }
}

/// <summary>How long a request may take yet; a feature of every request.</summary>
internal sealed class Deadline(CancellationTokenSource source)
{
    /// <summary>
    /// From here on the client decides how long it takes: it sends, or takes, as much as it likes.
    /// </summary>
    public void Lift() => source.CancelAfter(Timeout.InfiniteTimeSpan);
}

/// <summary>Marks an endpoint that reads or writes much, and is not ended for being slow.</summary>
internal sealed class TakesItsTime;
