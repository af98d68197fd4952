using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace OpenMU.Web.Tests.Pipeline;

public sealed class ConditionalGetTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Documents => new(
        "/v1/tracks?sort=Title", "/v1/tracks.csv?sort=Title", "/v1/tracks.jsonl?sort=Title", "/openapi/v1.json");

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
    public async Task Every_read_in_the_document_has_a_tag_and_is_not_sent_again()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync("tagged") };
        var track = await site.AddHeardAsync("tagged", "tagged");
        using var asked = await client.PostAsJsonAsync(
            $"/v1/tracks/{track}/questions", new { text = "Which key?" }, Cancel);
        var question = (await asked.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetInt64();
        using var sung = await client.PutAsJsonAsync($"/v1/tracks/{track}/lyrics", new { text = "la la" }, Cancel);
        var paths = (await site.GetJsonAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/v1/", StringComparison.Ordinal)
                && path.Value.TryGetProperty("get", out _));
        var read = 0;
        foreach (var path in paths)
        {
            var address = path.Name
                .Replace("/questions/{id}", $"/questions/{question}", StringComparison.Ordinal)
                .Replace("{id}", $"{track}", StringComparison.Ordinal)
                .Replace("{fileName}", "tagged.wav", StringComparison.Ordinal)
                .Replace("/diff", "/diff?version=0", StringComparison.Ordinal);
            using var first = await client.GetAsync(address, Cancel);
            // Some need more than is there: another track, a model's analyses that are held back.
            if (first.StatusCode != HttpStatusCode.OK) continue;
            first.Headers.ETag.Should().NotBeNull(address);
            using var again = new HttpRequestMessage(HttpMethod.Get, address);
            again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using var second = await client.SendAsync(again, Cancel);
            second.StatusCode.Should().Be(HttpStatusCode.NotModified, address);
            read++;
        }

        read.Should().BeGreaterThan(25);
    }

    [Fact]
    public async Task Another_answer_has_another_tag_and_an_error_has_none()
    {
        var track = await site.AddHeardAsync("tagged");
        using var before = await site.LooseClient.GetAsync("/v1/tracks.csv", Cancel);
        await site.AddHeardAsync("tagged too");
        using var after = await site.LooseClient.GetAsync("/v1/tracks.csv", Cancel);
        after.Headers.ETag.Should().NotBe(before.Headers.ETag);

        using var error = await site.LooseClient.GetAsync($"/v1/tracks/{track + 1_000_000}", Cancel);
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
            await SendAsync($"/v1/tracks/{site.Ids["Battle Epic"]}/audio", noneMatch: null, "br, gzip");

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
