using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Catalogue.Tests.Webhooks;

public sealed class PublicAddressesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::8.8.8.8")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0:10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b:1::10.0.0.1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:2::1")]
    [InlineData("2001:10::1")]
    [InlineData("2001:20::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:0a00:0001::1")]
    [InlineData("2002:0808:0808::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void An_address_that_is_not_public_is_known_in_every_form(string address) =>
        PublicAddresses.IsPublic(IPAddress.Parse(address)).Should().BeFalse();

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:80b::200e")]
    public void A_public_address_is_one(string address) =>
        PublicAddresses.IsPublic(IPAddress.Parse(address)).Should().BeTrue();

    [Fact]
    public void However_an_address_of_IPv4_is_wrapped_it_is_no_more_public_than_it_is() =>
        Gen.Byte.Array[4].Sample(bytes =>
        {
            var plain = new IPAddress(bytes);
            var isPublic = PublicAddresses.IsPublic(plain);
            PublicAddresses.IsPublic(plain.MapToIPv6()).Should().Be(isPublic);
            PublicAddresses.IsPublic(Wrapped("0064ff9b0000000000000000", bytes)).Should().Be(isPublic);
            foreach (var prefix in (string[])["000000000000000000000000", "0000000000000000ffff0000"])
                PublicAddresses.IsPublic(Wrapped(prefix, bytes)).Should().BeFalse();
            PublicAddresses.IsPublic(IPAddress.Parse(
                $"2002:{bytes[0]:x2}{bytes[1]:x2}:{bytes[2]:x2}{bytes[3]:x2}::1")).Should().BeFalse();
        });

    [Theory]
    [InlineData("http://example.com/", "The address must begin with https://.")]
    [InlineData("ftp://example.com/", "The address must be a whole one, such as https://example.com/hook.")]
    [InlineData("file:///etc/passwd", "The address must be a whole one, such as https://example.com/hook.")]
    [InlineData("/hook", "The address must be a whole one, such as https://example.com/hook.")]
    [InlineData("", "The address must be a whole one, such as https://example.com/hook.")]
    [InlineData("https://user:word@example.com/", "The address must hold no name and no password.")]
    [InlineData("https://example.com/#part", "The address must have no part after #.")]
    [InlineData("https://127.0.0.1/", "The address is not a public one.")]
    [InlineData("https://127.1/", "The address is not a public one.")]
    [InlineData("https://localhost:8799/h", "The address is not a public one.")]
    [InlineData("https://2130706433/", "The address is not a public one.")]
    [InlineData("https://0x7f000001/", "The address is not a public one.")]
    [InlineData("https://017700000001/", "The address is not a public one.")]
    [InlineData("https://0/", "The address is not a public one.")]
    [InlineData("https://[::1]/", "The address is not a public one.")]
    [InlineData("https://[::ffff:127.0.0.1]/", "The address is not a public one.")]
    [InlineData("https://[64:ff9b::a9fe:a9fe]/", "The address is not a public one.")]
    [InlineData("https://①②⑦.⓪.⓪.①/", "The address is not a public one.")]
    public void An_address_that_cannot_be_is_refused_before_anybody_asks_for_its_name(string url, string reason) =>
        new PublicAddresses(new WebhookSettings()).Refusal(url).Should().Be(reason);

    [Theory]
    [InlineData("https://example.com/hook?key=1")]
    [InlineData("https://bücher.example:8443/")]
    public void An_address_that_may_be_public_is_not_refused(string url) =>
        new PublicAddresses(new WebhookSettings()).Refusal(url).Should().BeNull();

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("8.8.8.8", "127.0.0.1")]
    [InlineData("2606:4700:4700::1111", "::1")]
    public async Task A_name_with_one_address_that_is_not_public_is_not_called(params string[] addresses)
    {
        var dialled = new List<IPEndPoint>();
        using var client = Client(_ => [.. addresses.Select(IPAddress.Parse)], dialled);

        var call = () => client.GetAsync("http://trick.example/", Cancel);

        (await call.Should().ThrowAsync<HttpRequestException>()).WithInnerException<RefusedAddressException>();
        dialled.Should().BeEmpty();
    }

    [Fact]
    public async Task A_name_that_means_another_address_a_moment_later_leads_only_where_was_looked()
    {
        var answers = new Queue<string>(["8.8.8.8", "127.0.0.1"]);
        var dialled = new List<IPEndPoint>();
        using var client = Client(_ => [IPAddress.Parse(answers.Dequeue())], dialled);

        (await client.GetStringAsync("http://rebound.example/", Cancel)).Should().Be("ok");
        var again = () => client.GetAsync("http://rebound.example/", Cancel);

        (await again.Should().ThrowAsync<HttpRequestException>()).WithInnerException<RefusedAddressException>();
        dialled.Should().ContainSingle().Which.Should().Be(new IPEndPoint(IPAddress.Parse("8.8.8.8"), 80));
        answers.Should().BeEmpty("each connection asks once");
    }

    [Fact]
    public async Task A_host_that_is_allowed_is_called_by_its_port_alone()
    {
        var dialled = new List<IPEndPoint>();
        using var client = Client(
            _ => [IPAddress.Loopback], dialled, new WebhookSettings { AllowedHosts = "Receiver.internal:8080" });

        (await client.GetStringAsync("http://receiver.internal:8080/", Cancel)).Should().Be("ok");
        var other = () => client.GetAsync("http://receiver.internal:8081/", Cancel);

        await other.Should().ThrowAsync<HttpRequestException>();
        dialled.Should().ContainSingle().Which.Port.Should().Be(8080);
    }

    [Fact]
    public async Task The_next_address_is_tried_where_one_does_not_answer()
    {
        var tried = 0;
        var addresses = new PublicAddresses(
            new WebhookSettings(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("1.1.1.1"), IPAddress.Parse("8.8.8.8")]),
            (_, _) => tried++ == 0 ? throw new SocketException() : Task.FromResult<Stream>(new Answer()));
        using var client = new HttpClient(addresses.Handler());

        (await client.GetStringAsync("http://two.example/", Cancel)).Should().Be("ok");
    }

    private static HttpClient Client(
        Func<string, IPAddress[]> resolve, List<IPEndPoint> dialled, WebhookSettings? settings = null) => new(
        new PublicAddresses(
            settings ?? new WebhookSettings(), (name, _) => Task.FromResult(resolve(name)),
            (endpoint, _) =>
            {
                dialled.Add(endpoint);
                return Task.FromResult<Stream>(new Answer());
            }).Handler());

    private static IPAddress Wrapped(string prefix, byte[] bytes) => new([.. Convert.FromHexString(prefix), .. bytes]);

    /// <summary>A connection to somebody who says ok, and hangs up.</summary>
    private sealed class Answer()
        : MemoryStream(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"))
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
