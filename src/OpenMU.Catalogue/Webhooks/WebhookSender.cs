using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>Sends one message to one endpoint, signed, and says what came back.</summary>
public sealed class WebhookSender : IDisposable
{
    private const int MaxAnswerBytes = 64 << 10;

    private readonly HttpMessageInvoker http;
    private readonly WebhookSettings settings;
    private readonly TimeProvider time;

    /// <param name="addresses">The way out.</param>
    /// <param name="settings">How long to wait.</param>
    /// <param name="time">Signs with its time.</param>
    public WebhookSender(PublicAddresses addresses, WebhookSettings settings, TimeProvider time)
        : this(addresses.Handler(), settings, time)
    {
    }

    internal WebhookSender(HttpMessageHandler handler, WebhookSettings settings, TimeProvider time) =>
        (http, this.settings, this.time) = (new HttpMessageInvoker(handler), settings, time);

    /// <summary>Sends a message.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="messageId">The same for every try.</param>
    /// <param name="body">JSON, to the letter.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>What came back, whatever it is: only being cancelled throws.</returns>
    public async Task<WebhookAnswer> SendAsync(
        WebhookEndpoint endpoint, string messageId, string body, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(settings.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            using var request = Request(endpoint, messageId, body);
            using var response = await http.SendAsync(request, both.Token);
            var text = await TextAsync(response, both.Token);
            return new WebhookAnswer((int)response.StatusCode, text, RetryAfter(response.Headers.RetryAfter));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && Problem(e) is { } problem)
        {
            return new WebhookAnswer(null, problem, null);
        }
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(WebhookEndpoint endpoint, string messageId, string body)
    {
        var now = time.GetUtcNow();
        var seconds = now.ToUnixTimeSeconds();
        var signature = WebhookSignature.Sign(endpoint.SecretsAt(now.UtcDateTime), messageId, seconds, body);
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, messageId);
        request.Headers.Add(WebhookSignature.TimestampHeader, seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, signature);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("OpenMU-Webhooks", "1"));
        return request;
    }

    // An answer without an end is not read to it.
    private static async Task<string> TextAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var bytes = new byte[MaxAnswerBytes];
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        var text = Encoding.UTF8.GetString(bytes, 0, Math.Min(read, 4 * WebhookDelivery.MaxAnswerLength));
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        return line.Length <= WebhookDelivery.MaxAnswerLength ? line : line[..WebhookDelivery.MaxAnswerLength];
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);

    // Nothing of it tells where a name leads or what listens there.
    private string? Problem(Exception e) => e switch
    {
        _ when Find<RefusedAddressException>(e) is { } refused => refused.Message,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "The name does not resolve.",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            "No secure connection: the certificate is not trusted, or there is none.",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "No connection.",
        OperationCanceledException => string.Create(
            CultureInfo.InvariantCulture, $"No answer within {settings.Timeout.TotalSeconds:0} seconds."),
        HttpRequestException or IOException => "The answer broke off, or was none of HTTP.",
        _ when Outage.Is(e) => "No connection.",
        _ => null,
    };

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is T found) return found;
        }

        return null;
    }
}

/// <summary>What came back of a message.</summary>
/// <param name="Status">Of HTTP; null where no answer came.</param>
/// <param name="Text">The beginning of the answer, or why none came.</param>
/// <param name="RetryAfter">How long the receiver asks for.</param>
public sealed record WebhookAnswer(int? Status, string Text, TimeSpan? RetryAfter)
{
    private const int GoneStatus = 410;

    /// <summary>The receiver has it.</summary>
    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>The receiver wants nothing any more.</summary>
    public bool IsGone => Status == GoneStatus;
}
