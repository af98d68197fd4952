using System.IO.Compression;
using System.Net;
using System.Text;

namespace OpenMU.Web.Tests.Pipeline;

public sealed class ConditionalGetTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Documents => new(
        "/api/tracks?sort=Title", "/api/tracks.csv?sort=Title", "/api/tracks.jsonl?sort=Title", "/openapi/v1.json");

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task What_a_client_has_is_not_sent_again(string address)
    {
        using var first = await site.Client.GetAsync(address, Cancel);
        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Headers.ETag.Should().NotBeNull();
        first.Headers.CacheControl!.NoStore.Should().BeFalse();

        using var again = await SendAsync(address, $"\"other\", {first.Headers.ETag}");
        again.StatusCode.Should().Be(HttpStatusCode.NotModified);
        again.Headers.ETag.Should().Be(first.Headers.ETag);
        (await again.Content.ReadAsByteArrayAsync(Cancel)).Should().BeEmpty();

        using var old = await SendAsync(address, "W/\"old\"");
        old.StatusCode.Should().Be(HttpStatusCode.OK);
        (await old.Content.ReadAsStringAsync(Cancel)).Should().Be(await first.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Another_answer_has_another_tag_and_an_error_has_none()
    {
        var track = await site.AddHeardAsync("tagged");
        using var before = await site.LooseClient.GetAsync("/api/tracks.csv", Cancel);
        await site.AddHeardAsync("tagged too");
        using var after = await site.LooseClient.GetAsync("/api/tracks.csv", Cancel);
        after.Headers.ETag.Should().NotBe(before.Headers.ETag);

        using var error = await site.LooseClient.GetAsync($"/api/tracks/{track + 1_000_000}", Cancel);
        error.Headers.ETag.Should().BeNull();
        error.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Documents_are_compressed_for_clients_that_take_it(string address)
    {
        var plain = await site.Client.GetByteArrayAsync(address, Cancel);
        foreach (var encoding in (string[])["br", "gzip"])
        {
            using var response = await SendAsync(address, noneMatch: null, encoding);

            response.Content.Headers.ContentEncoding.Should().Equal(encoding);
            response.Headers.Vary.Should().Contain("Accept-Encoding");
            await using var packed = await response.Content.ReadAsStreamAsync(Cancel);
            await using Stream unpacked = encoding == "br"
                ? new BrotliStream(packed, CompressionMode.Decompress)
                : new GZipStream(packed, CompressionMode.Decompress);
            using var reader = new StreamReader(unpacked, Encoding.UTF8);
            (await reader.ReadToEndAsync(Cancel)).Should().Be(Encoding.UTF8.GetString(plain));
        }
    }

    [Fact]
    public async Task Audio_is_never_compressed()
    {
        using var response =
            await SendAsync($"/api/tracks/{site.Ids["Battle Epic"]}/audio", noneMatch: null, "br, gzip");

        response.Content.Headers.ContentEncoding.Should().BeEmpty();
        (await response.Content.ReadAsByteArrayAsync(Cancel)).Should().Equal(site.Audio);
    }

    private async Task<HttpResponseMessage> SendAsync(string address, string? noneMatch, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (noneMatch is not null) request.Headers.TryAddWithoutValidation("If-None-Match", noneMatch);
        if (encoding is not null) request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        return await site.Client.SendAsync(request, Cancel);
    }
}
