using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>
/// The one way out to addresses that users name: to the public internet only. A name is resolved once, every address
/// that it has is checked, and the connection goes to the very address that was checked, so that a name that means
/// another address a moment later (DNS rebinding) leads nowhere. No proxy, no redirects, no cookies.
/// </summary>
public sealed class PublicAddresses
{
    private static readonly TimeSpan TimeToConnect = TimeSpan.FromSeconds(10);

    // What IANA's registry of special purposes calls not globally reachable, multicast, and the address by which Azure
    // talks to its machines, which is public by its number only.
    private static readonly IPNetwork[] Refused =
    [
        .. ((string[])
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ]).Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private readonly WebhookSettings settings;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve;
    private readonly Func<IPEndPoint, CancellationToken, Task<Stream>> dial;

    /// <param name="settings">What is allowed besides.</param>
    public PublicAddresses(WebhookSettings settings)
        : this(settings, Dns.GetHostAddressesAsync, DialAsync)
    {
    }

    internal PublicAddresses(
        WebhookSettings settings, Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        Func<IPEndPoint, CancellationToken, Task<Stream>> dial) =>
        (this.settings, this.resolve, this.dial) = (settings, resolve, dial);

    /// <summary>
    /// Why an address is not called, in one sentence for people; null where its name may be asked for.
    /// </summary>
    public string? Refusal(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
            return "The address must be a whole one, such as https://example.com/hook.";
        if (address.Scheme == Uri.UriSchemeHttp && !settings.AllowHttp) return "The address must begin with https://.";
        if (address.UserInfo.Length > 0) return "The address must hold no name and no password.";
        if (address.Fragment.Length > 0) return "The address must have no part after #.";
        if (IsAllowed(address.IdnHost, address.Port)) return null;
        var isPublic = IPAddress.TryParse(address.IdnHost, out var ip) ? IsPublic(ip) : !address.IsLoopback;
        return isPublic ? null : "The address is not a public one.";
    }

    /// <summary>Whether an address belongs to the public internet, in whichever way it is written.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork) return !Refused.Any(net => net.Contains(address));
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return false;
        if (address.IsIPv4MappedToIPv6) return IsPublic(address.MapToIPv4());
        // A network without IPv4 reaches it so; what stands for a private address is one.
        if (Nat64.Contains(address)) return IsPublic(new IPAddress(address.GetAddressBytes().AsSpan(12)));
        return address.ScopeId == 0 && GlobalUnicast.Contains(address) && !Refused.Any(net => net.Contains(address));
    }

    /// <summary>What sends requests by this way, and by no other.</summary>
    /// <returns>One for a client to keep; it keeps connections for two minutes.</returns>
    public SocketsHttpHandler Handler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        Credentials = null,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeToConnect,
        MaxResponseHeadersLength = 32,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        // Nobody outside needs to know our traces.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        ConnectCallback = async (context, cancel) =>
            await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancel),
    };

    private async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancel)
    {
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancel);
        }
        catch (SocketException unknown)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, "The name does not resolve.", unknown);
        }

        // One address of ours among public ones is a trick, and not somebody's receiver.
        if (!IsAllowed(host, port) && !addresses.All(IsPublic)) throw new RefusedAddressException();
        Exception? last = null;
        foreach (var address in addresses)
        {
            try
            {
                return await dial(new IPEndPoint(address, port), cancel);
            }
            catch (SocketException e)
            {
                last = e;
            }
        }

        throw new HttpRequestException(HttpRequestError.ConnectionError, "No connection.", last);
    }

    private bool IsAllowed(string host, int port) =>
        settings.Allowed.Contains(FormattableString.Invariant($"{host}:{port}").ToLowerInvariant());

    private static async Task<Stream> DialAsync(IPEndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>An address that is not called, because it is not public.</summary>
public sealed class RefusedAddressException() : IOException("The address is not a public one.");
