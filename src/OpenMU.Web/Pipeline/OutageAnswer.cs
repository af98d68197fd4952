using System.Globalization;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// Answers 503 with Retry-After where storage or database is away, whichever way a handler learns of it, and where no
/// answer comes in time. A request whose client has gone ends, and what it had begun ends with it.
/// </summary>
internal sealed class OutageAnswer(RequestDelegate next, SiteSettings settings, ILogger<OutageAnswer> log)
{
    private const int RetryAfterSeconds = 5;

    public async Task InvokeAsync(HttpContext context)
    {
        var client = context.RequestAborted;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(client);
        deadline.CancelAfter(context.GetEndpoint()?.Metadata.GetMetadata<TakesItsTime>() is null
            ? TimeSpan.FromSeconds(settings.AnswerSeconds)
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
            await AnswerAsync(context, Reason(e, deadline.IsCancellationRequested));
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

    // Where our own time was up, nobody knows what for: the storage, the database, or a processor.
    private string Reason(Exception e, bool isTimeUp) =>
        Outage.IsCatalogue(e) ? "The database is busy or away at present."
        : Outage.IsStorage(e) ? "The storage does not answer at present."
        : isTimeUp ? $"No answer came within {settings.AnswerSeconds} seconds: the storage, the database or this server "
            + "is away or has too much to do."
        : "The storage or another service does not answer at present.";

    private static Task AnswerAsync(HttpContext context, string reason)
    {
        context.Response.Clear();
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Results.Problem(
            $"{reason} Nothing is wrong with the request: send it again in some seconds.",
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
