using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OpenMU.Testing;

/// <summary>
/// A partner's receiver on loopback, which checks signatures by its own code and answers as a test wants.
/// </summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private WebhookReceiver(WebApplication app) => this.app = app;

    /// <summary>What came, in its order.</summary>
    public ConcurrentQueue<ReceivedWebhook> Received { get; } = new();

    /// <summary>Where it listens, as an allow-list names it.</summary>
    public string Host => new Uri(app.Urls.Single()).Authority;

    /// <summary>Its address.</summary>
    public string Url => $"{app.Urls.Single()}/hook";

    /// <summary>What it answers; 204 unless a test says otherwise.</summary>
    public Func<ReceivedWebhook, HttpContext, Task> Answer { get; set; } = (_, context) =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(builder.Build());
        receiver.app.Run(receiver.ReceiveAsync);
        await receiver.app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>Waits until so many have come; fails after five minutes, so that a busy machine has its time.</summary>
    public async Task<IReadOnlyList<ReceivedWebhook>> UntilAsync(int count, CancellationToken cancel)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (Received.Count < count)
        {
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMinutes(5))
                throw new TimeoutException($"{Received.Count} of {count} webhooks came.");
            await Task.Delay(25, cancel);
        }

        return [.. Received];
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var received = new ReceivedWebhook(
            context.Request.Method + " " + context.Request.Path,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync());
        Received.Enqueue(received);
        await Answer(received, context);
    }
}

/// <summary>One request that a receiver got.</summary>
public sealed record ReceivedWebhook(string Line, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Type => Json.GetProperty("type").GetString()!;

    /// <summary>Whether one of its signatures is by this secret and its time is within five minutes of now.</summary>
    public bool IsSignedBy(string secret)
    {
        var seconds = long.Parse(Headers["webhook-timestamp"], CultureInfo.InvariantCulture);
        if (Math.Abs(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - seconds) > 300) return false;
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret.Split('_', 2)[1]));
        var expected = hmac.ComputeHash(Encoding.UTF8.GetBytes($"{Id}.{Headers["webhook-timestamp"]}.{Body}"));
        return Headers["webhook-signature"].Split(' ').Any(signature => signature.Split(',', 2) is ["v1", var text]
            && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(text), expected));
    }
}
