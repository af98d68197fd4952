using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using OpenMU.Catalogue.Requests;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// A POST with an <c>Idempotency-Key</c> is done once, however often it comes within a day: the same request again is
/// given the first one's answer, another request with the same key is refused (422), and one that comes while the first
/// still runs is asked to wait (409). What came to nothing, any answer but 2xx, may be sent again under its key. An
/// answer that shows a secret is shown that once: the same request again is given its status and address alone.
/// </summary>
internal sealed class IdempotencyKey(RequestDelegate next, KeyedRequests requests)
{
    public const string Header = "Idempotency-Key";
    public const string Replayed = "Idempotent-Replayed";

    private const int MemoryBytes = 1 << 20;
    private const string RetryAfterSeconds = "1";

    public async Task InvokeAsync(HttpContext context)
    {
        var keys = context.Request.Headers[Header];
        if (keys.Count == 0 || !HttpMethods.IsPost(context.Request.Method)
            || context.GetEndpoint() is not RouteEndpoint || !context.Request.Path.StartsWithSegments("/v1"))
        {
            await next(context);
            return;
        }

        var key = keys.ToString();
        if (key.Length is 0 or > KeyedRequest.MaxKeyLength || key.Any(c => c is < '!' or > '~'))
        {
            await AnswerAsync(
                context, StatusCodes.Status400BadRequest,
                $"An {Header} has 1 to {KeyedRequest.MaxKeyLength} characters of ASCII, without spaces.");
            return;
        }

        var tenant = (await CurrentTenant.BindAsync(context)).Name;
        switch (await requests.BeginAsync(tenant, key, context.RequestAborted))
        {
            case KeyAnswer.Begun { Runner: var runner }:
                await RunAsync(context, new KeyedRequest { Tenant = tenant, Key = key, Runner = runner });
                break;
            case KeyAnswer.Answered { Request: var earlier }:
                await ReplayAsync(context, earlier);
                break;
            default:
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
                await AnswerAsync(
                    context, StatusCodes.Status409Conflict, $"A request with this {Header} is still under way.");
                break;
        }
    }

    /// <summary>Says in the API's document that POSTs take a key.</summary>
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.HttpMethod != HttpMethods.Post) return Task.CompletedTask;
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = Header,
            In = ParameterLocation.Header,
            Description = "Any text of the sender's own. The same request with the same key within a day is done once "
                + $"and answered alike, with the header {Replayed}; another request with it is refused (422).",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = KeyedRequest.MaxKeyLength },
        });
        return Task.CompletedTask;
    }

    // The answer is kept before its first byte is sent.
    private async Task RunAsync(HttpContext context, KeyedRequest request)
    {
        var (response, body) = (context.Response, context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        var received = context.Request.Body;
        await using var hashed = new HashedBody(context.Request);
        await using var spool = new FileBufferingWriteStream(MemoryBytes);
        using var done = new CancellationTokenSource();
        var renewing = RenewAsync(request, done.Token);
        var isKept = false;
        try
        {
            context.Request.Body = hashed;
            response.Body = spool;
            await next(context);
            await context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
            if (response.StatusCode is >= 200 and < 300)
            {
                request.RequestHash = await hashed.FinishAsync(context.RequestAborted);
                var isSecret = context.GetEndpoint()!.Metadata.GetMetadata<ShowsASecret>() is not null;
                await KeepAsync(request, response, isSecret ? null : spool);
                isKept = true;
            }
        }
        finally
        {
            context.Features.Set(body);
            context.Request.Body = received;
            await done.CancelAsync();
            await renewing;
            if (!isKept) await requests.LetGoAsync(request.Tenant, request.Key, request.Runner, CancellationToken.None);
        }

        if (spool.Length == 0) return;
        response.ContentLength = spool.Length;
        await spool.DrainBufferAsync(body.Stream, context.RequestAborted);
    }

    private async Task KeepAsync(KeyedRequest request, HttpResponse response, FileBufferingWriteStream? spool)
    {
        request.Status = response.StatusCode;
        request.ContentType = response.ContentType;
        request.Location = response.Headers.Location;
        request.Body = null;
        if (spool?.Length <= KeyedRequest.MaxBodyBytes)
        {
            using var copy = new MemoryStream();
            await spool.DrainBufferAsync(copy, CancellationToken.None);
            request.Body = copy.ToArray();
            await spool.WriteAsync(request.Body);
        }

        await requests.KeepAsync(request, CancellationToken.None);
    }

    private async Task RenewAsync(KeyedRequest request, CancellationToken done)
    {
        using var timer = new PeriodicTimer(KeyedRequests.Lease / 3);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
                await requests.RenewAsync(request.Tenant, request.Key, request.Runner, done);
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
            // It is done.
        }
    }

    private static async Task ReplayAsync(HttpContext context, KeyedRequest earlier)
    {
        await using var hashed = new HashedBody(context.Request);
        if (context.GetEndpoint()!.Metadata.GetMetadata<PassesTheGate>() is not null)
        {
            // A file, which is read to its end and put nowhere.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = context.RequestServices.GetRequiredService<SiteSettings>().MaxUploadBytes;
            context.Features.Get<Deadline>()?.Lift();
        }

        if (await hashed.FinishAsync(context.RequestAborted) != earlier.RequestHash)
        {
            await AnswerAsync(
                context, StatusCodes.Status422UnprocessableEntity, $"This {Header} was another request's.");
            return;
        }

        context.Response.StatusCode = earlier.Status;
        context.Response.Headers[Replayed] = "true";
        if (earlier.Location is not null) context.Response.Headers.Location = earlier.Location;
        if (earlier.Body is not { Length: > 0 }) return;
        context.Response.ContentType = earlier.ContentType;
        context.Response.ContentLength = earlier.Body.Length;
        await context.Response.Body.WriteAsync(earlier.Body, context.RequestAborted);
    }

    private static Task AnswerAsync(HttpContext context, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);
}

/// <summary>Marks an endpoint whose answer holds a secret that is shown once and kept nowhere as it is.</summary>
internal sealed class ShowsASecret;
