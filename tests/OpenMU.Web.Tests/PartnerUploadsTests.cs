using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace OpenMU.Web.Tests;

/// <summary>Uploads with a sum, as forms, and by an address.</summary>
public sealed class PartnerUploadsTests(Site site)
{
    private static readonly byte[] Song = [1, 2, 3, 4];
    private static readonly string Right = Convert.ToHexStringLower(SHA256.HashData(Song)), Wrong = new('a', 64);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_with_the_sum_that_was_given_are_stored_and_others_are_not()
    {
        using var right = await PostAsync("sum right.wav", Right.ToUpperInvariant());
        right.StatusCode.Should().Be(HttpStatusCode.Accepted);
        using var wrong = await PostAsync("sum wrong.wav", Wrong);
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await MistakeAsync(wrong, "sha256")).Should().Contain(Right).And.Contain(Wrong);
        using var none = await PostAsync("sum none.wav", "abc");
        (await MistakeAsync(none, "sha256")).Should().Contain("64 hexadecimal digits");

        (await ExistsAsync("sum right.wav")).Should().BeTrue();
        (await ExistsAsync("sum wrong.wav")).Should().BeFalse();
    }

    [Fact]
    public async Task An_address_to_put_to_takes_the_sum_along()
    {
        using var response = await site.Client.PostAsync($"/v1/uploads?fileName=put.wav&sha256={Right}", null, Cancel);

        (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("headers")
            .GetProperty("x-ms-meta-sha256").GetString().Should().Be(Right);
    }

    [Fact]
    public async Task An_upload_in_parts_that_broke_off_goes_on_where_it_was()
    {
        const string ask = "/v1/uploads?fileName=parts/whole.wav&inParts=true";
        string[] ids = [Convert.ToBase64String("part-1"u8), Convert.ToBase64String("part-2"u8)];
        using (var put = new HttpClient())
        {
            var first = await AddressAsync(ask);
            first.GetProperty("parts").GetArrayLength().Should().Be(0);
            using var sent = await put.PutAsync(
                $"{first.GetProperty("url")}&comp=block&blockid={Uri.EscapeDataString(ids[0])}",
                new ByteArrayContent(Song[..3]), Cancel);
            sent.StatusCode.Should().Be(HttpStatusCode.Created);
        }

        using var next = new HttpClient();
        var again = await AddressAsync(ask);
        again.GetProperty("parts").EnumerateArray().Should().ContainSingle().Which.GetRawText()
            .Should().Be($$"""{"id":"{{ids[0]}}","size":3}""");
        using var rest = await next.PutAsync(
            $"{again.GetProperty("url")}&comp=block&blockid={Uri.EscapeDataString(ids[1])}",
            new ByteArrayContent(Song[3..]), Cancel);
        rest.StatusCode.Should().Be(HttpStatusCode.Created);
        var list = $"<BlockList>{string.Concat(ids.Select(id => $"<Latest>{id}</Latest>"))}</BlockList>";
        foreach (var expected in (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.Conflict])
        {
            using var end = new HttpRequestMessage(HttpMethod.Put, $"{again.GetProperty("url")}&comp=blocklist");
            end.Content = new StringContent(list);
            foreach (var header in again.GetProperty("headers").EnumerateObject())
                end.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
            using var ended = await next.SendAsync(end, Cancel);
            ended.StatusCode.Should().Be(expected);
        }

        (await site.Storage.Tracks.GetBlobClient("default/parts/whole.wav").DownloadContentAsync(Cancel)).Value.Content
            .ToArray().Should().Equal(Song);
    }

    private async Task<JsonElement> AddressAsync(string ask)
    {
        using var response = await site.Client.PostAsync(ask, null, Cancel);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    [Fact]
    public async Task A_form_brings_a_file_with_its_fields()
    {
        using var right = await FormAsync(("fileName", "forms/one.wav"), ("sha256", Right));
        right.StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await site.Storage.Tracks.GetBlobClient("default/forms/one.wav").DownloadContentAsync(Cancel)).Value.Content
            .ToArray().Should().Equal(Song);
        using var again = await FormAsync(("fileName", "forms/one.wav"));
        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
        using var replaced = await FormAsync(("fileName", "forms/one.wav"), ("replace", "true"));
        replaced.StatusCode.Should().Be(HttpStatusCode.Accepted);
        using var damaged = await FormAsync(("fileName", "forms/two.wav"), ("sha256", Wrong));
        damaged.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var named = await FormAsync();
        named.StatusCode.Should().Be(HttpStatusCode.Accepted, "the part has a name");
        using var unknown = await FormAsync(("colour", "blue"));
        unknown.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var raw = new ByteArrayContent(Song);
        using var none = await site.Client.PostAsync("/v1/tracks/multipart", raw, Cancel);
        none.IsSuccessStatusCode.Should().BeFalse();

        (await ExistsAsync("forms/two.wav")).Should().BeFalse();
    }

    [Fact]
    public async Task An_address_is_taken_in_and_says_how_far_it_is()
    {
        using var taken = await PullAsync(new { url = "https://example.com/song.wav", fileName = "pulls/a.wav" });
        taken.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var status = await site.GetJsonAsync(taken.Headers.Location!.ToString());
        status.GetProperty("state").GetString().Should().Be("Waiting");
        status.GetProperty("upload").GetString().Should().Be("/v1/uploads/pulls/a.wav");
        using var foreign = await site.LooseClient.GetAsync(taken.Headers.Location, Cancel);
        foreign.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("https://10.0.0.1/a.wav", "a.wav", "url")]
    [InlineData("http://example.com/a.wav", "a.wav", "url")]
    [InlineData("https://example.com/a.wav", "../a.wav", "fileName")]
    public async Task An_address_or_a_name_that_is_not_taken_is_refused_at_once(
        string url, string fileName, string field)
    {
        using var response = await PullAsync(new { url, fileName });

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await MistakeAsync(response, field)).Should().NotBeEmpty();
    }

    private Task<HttpResponseMessage> PullAsync(object body) =>
        site.Client.PostAsJsonAsync("/v1/tracks/by-url", body, Cancel);

    private async Task<HttpResponseMessage> PostAsync(string fileName, string sha256)
    {
        using var content = new ByteArrayContent(Song);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return await site.Client.PostAsync(
            $"/v1/tracks?fileName={Uri.EscapeDataString(fileName)}&sha256={sha256}", content, Cancel);
    }

    private async Task<HttpResponseMessage> FormAsync(params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
        form.Add(new ByteArrayContent(Song), "file", "part.wav");
        return await site.Client.PostAsync("/v1/tracks/multipart", form, Cancel);
    }

    private async Task<bool> ExistsAsync(string fileName) =>
        (await site.Storage.Tracks.GetBlobClient($"default/{fileName}").ExistsAsync(Cancel)).Value;

    private static async Task<string> MistakeAsync(HttpResponseMessage response, string field) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors").GetProperty(field)[0]
            .GetString()!;
}
