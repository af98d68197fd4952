using System.Net;
using System.Net.Http.Headers;

namespace OpenMU.Cli.Hub;

/// <summary>One answer of a hub, its redirects followed; the caller disposes it.</summary>
/// <param name="Response">The last response, with its body unread.</param>
/// <param name="LinkedETag">
/// What the hub itself said of the file before it redirected: the SHA-256 of a large file, the git hash of a small one.
/// </param>
internal sealed record HubAnswer(HttpResponseMessage Response, string? LinkedETag) : IDisposable
{
    public void Dispose() => Response.Dispose();
}

/// <summary>
/// Requests to a hub. Redirects are followed here and not by the handler, because the token is for the hub's own host
/// and must not reach the hosts that it sends its visitors to. Proxies are those of HTTPS_PROXY and NO_PROXY.
/// </summary>
internal sealed class HubConnection : IDisposable
{
    private const int MaximumRedirects = 10;
    private readonly HubSettings settings;
    private readonly HttpClient client;
    private bool hasAnswered;

    public HubConnection(HubSettings settings)
    {
        this.settings = settings;
        client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = Timeout.InfiniteTimeSpan
        };
        client.DefaultRequestHeaders.UserAgent.Add(new("openmu", "1.0"));
        client.DefaultRequestHeaders.AcceptEncoding.Add(new("identity"));
    }

    public HubSettings Settings => settings;

    private string Host => settings.Endpoint.Authority;

    public void Dispose() => client.Dispose();

    /// <summary>The address of a path below the endpoint.</summary>
    public Uri AddressOf(string path) => new($"{settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    /// <summary>GETs an address, with a range from a byte on where <paramref name="from"/> is not 0.</summary>
    /// <returns>200, 206 or 416.</returns>
    /// <exception cref="HubException">Any other answer, or none.</exception>
    /// <exception cref="UsageException">The hub has no such thing.</exception>
    public async Task<HubAnswer> GetAsync(
        Uri address, string what, CancellationToken cancel, long from = 0, EntityTagHeaderValue? ifRange = null)
    {
        string? linked = null;
        for (var redirects = 0; redirects <= MaximumRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (from > 0)
            {
                request.Headers.Range = new(from, null);
                if (ifRange is not null) request.Headers.IfRange = new(ifRange);
            }
            if (MayHaveToken(address)) request.Headers.Authorization = new("Bearer", settings.Token);
            var response = await SendAsync(request, cancel);
            if (IsHub(address)) linked = HeaderOf(response, "X-Linked-Etag") ?? response.Headers.ETag?.Tag ?? linked;
            if (!IsRedirect(response.StatusCode))
            {
                var isGiven = response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent
                    or HttpStatusCode.RequestedRangeNotSatisfiable;
                if (isGiven) return new(response, linked?.Trim().Trim('"'));
                using (response) throw Refusal(response, address, what);
            }
            using (response) address = Next(address, response);
        }
        throw new HubException($"{Host} redirects more than {MaximumRedirects} times for {what}.");
    }

    /// <summary>Turns every way in which a connection can end into one exception.</summary>
    public async Task<T> ReadAsync<T>(Func<CancellationToken, Task<T>> read, string host, CancellationToken cancel)
    {
        using var silence = new CancellationTokenSource(settings.Silence, settings.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);
        try
        {
            return await read(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new HubException($"{host} said nothing for {settings.Silence.TotalSeconds:0} s.")
            {
                IsTransient = true
            };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            var isSettled = e is HttpRequestException
            {
                HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                    or HttpRequestError.ProxyTunnelError
            };
            var reason = e.Message.TrimEnd('.');
            throw new HubException(hasAnswered && !isSettled
                ? $"The connection to {host} broke: {reason}."
                : $"{host} cannot be reached: {reason}; check the network, HTTPS_PROXY and NO_PROXY, or name a mirror with "
                    + "--endpoint.")
            {
                IsTransient = hasAnswered && !isSettled
            };
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var response = await ReadAsync(
            token => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token),
            request.RequestUri!.Authority, cancel);
        hasAnswered = true;
        return response;
    }

    private bool IsHub(Uri address) =>
        Uri.Compare(
            address, settings.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped,
            StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>A token goes to the hub only, and over http only where it stays on this machine.</summary>
    private bool MayHaveToken(Uri address) =>
        settings.Token is not null && IsHub(address) && (address.Scheme == "https" || address.IsLoopback);

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static Uri Next(Uri from, HttpResponseMessage response)
    {
        if (response.Headers.Location is not { } location)
            throw new HubException($"{from.Authority} redirects without saying where to.");
        var next = new Uri(from, location);
        if (next.Scheme is not ("http" or "https") || (from.Scheme == "https" && next.Scheme == "http"))
            throw new HubException($"{from.Authority} redirects to {next.Scheme}, which is refused.");
        return next;
    }

    private static string? HeaderOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    // The address may be a signed one: of an address that the hub redirects to, only the host is shown.
    private Exception Refusal(HttpResponseMessage response, Uri address, string what)
    {
        var status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone =>
                new UsageException($"{address.Authority} has no {what}: check its name and revision (status {status})."),
            HttpStatusCode.Unauthorized when settings.Token is null => new HubException(
                $"{what}: {Host} does not have it, or wants to know who asks (status 401); set {HubSettings.TokenVariable} to a "
                + "token that may read it."),
            HttpStatusCode.Unauthorized => new HubException(
                $"{what}: {Host} does not accept the token of {HubSettings.TokenVariable} (status 401); make a new one."),
            HttpStatusCode.Forbidden => new HubException(
                $"{what} is gated (status 403): accept its terms on its page at {Host}, then set "
                + $"{HubSettings.TokenVariable} to a token of that account."),
            HttpStatusCode.TooManyRequests => new HubException($"{Host} has too many requests (status 429).")
            {
                IsTransient = true,
                RetryAfter = RetryAfter(response)
            },
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => new HubException(
                $"{address.Authority} cannot give {what} now (status {status}).")
            {
                IsTransient = true,
                RetryAfter = RetryAfter(response)
            },
            _ => new HubException($"{address.Authority} answers with status {status} for {what}.")
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var said = response.Headers.RetryAfter;
        var wait = said?.Delta ?? said?.Date - settings.Clock.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
