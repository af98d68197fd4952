using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace OpenMU.Web.Tests;

public sealed class UploadsApiTests(Site site)
{
    [Fact]
    public async Task An_upload_lies_in_the_container_under_its_tenant_and_its_address_says_so()
    {
        using var response = await PostAsync("album one/Søng №1 & more.wav", site.Audio);

        response.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var blob = site.Storage.Tracks.GetBlobClient("default/album one/Søng №1 & more.wav");
        (await blob.DownloadContentAsync()).Value.Content.ToArray().Should().Equal(site.Audio);

        var upload = await site.GetJsonAsync(response.Headers.Location!.ToString());
        upload.GetProperty("fileName").GetString().Should().Be("album one/Søng №1 & more.wav");
        upload.GetProperty("state").GetString().Should().Be("Received");
        upload.GetProperty("trackId").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_upload_that_has_become_a_track_names_it()
    {
        var id = await site.AddNamedAsync("taken in.wav", new BinaryData(site.Audio));

        var upload = await site.LooseClient.GetFromJsonAsync<JsonElement>("/v1/uploads/taken%20in.wav");

        upload.GetProperty("state").GetString().Should().Be("Catalogued");
        upload.GetProperty("trackId").GetInt64().Should().Be(id);
    }

    [Fact]
    public async Task A_name_in_use_is_kept_unless_replacing_is_asked_for()
    {
        (await PostAsync("twice.wav", [1, 2, 3])).StatusCode.Should().Be(HttpStatusCode.Accepted);

        using var again = await PostAsync("twice.wav", [4, 5]);
        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await BytesAsync("twice.wav")).Should().Equal(1, 2, 3);

        (await PostAsync("twice.wav", [4, 5], replace: true)).StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await BytesAsync("twice.wav")).Should().Equal(4, 5);
    }

    [Fact]
    public async Task A_file_put_straight_into_the_storage_is_an_upload_like_any_other()
    {
        var address = await AddressAsync("straight/Søng.wav");

        using var put = await PutAsync(address, site.Audio);
        put.StatusCode.Should().Be(HttpStatusCode.Created);
        (await BytesAsync("straight/Søng.wav")).Should().Equal(site.Audio);
        var upload = await site.GetJsonAsync(address.GetProperty("location").GetString()!);
        upload.GetProperty("state").GetString().Should().Be("Received");

        // The address is for a new file of this name only, for an hour.
        using var again = await PutAsync(address, [1]);
        again.IsSuccessStatusCode.Should().BeFalse();
        (await BytesAsync("straight/Søng.wav")).Should().Equal(site.Audio);
        using var asked = await AskAddressAsync("straight/Søng.wav");
        asked.StatusCode.Should().Be(HttpStatusCode.Conflict);
        using var replaced = await PutAsync(await AddressAsync("straight/Søng.wav", "&replace=true"), [1, 2]);
        replaced.StatusCode.Should().Be(HttpStatusCode.Created);
        (await BytesAsync("straight/Søng.wav")).Should().Equal(1, 2);
        var left = address.GetProperty("expiresAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        left.Should().BePositive().And.BeLessThan(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task An_address_lets_nobody_put_or_read_anything_else()
    {
        var address = await AddressAsync("mine.wav");
        var url = address.GetProperty("url").GetString()!;
        using var client = new HttpClient();

        using var other = await PutAsync(address, [1], url.Replace("mine.wav", "yours.wav"));
        other.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await PutAsync(address, [1])).Dispose();
        using var read = await client.GetAsync(url);
        read.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        using var deleted = await client.DeleteAsync(url);
        deleted.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await BytesAsync("mine.wav")).Should().Equal(1);
    }

    [Theory]
    [InlineData("../other/evil.wav", "", HttpStatusCode.BadRequest)]
    [InlineData("", "", HttpStatusCode.BadRequest)]
    [InlineData("large.wav", "&sizeBytes=100000000", HttpStatusCode.RequestEntityTooLarge)]
    public async Task No_address_is_given_for_what_would_not_be_taken(
        string fileName, string more, HttpStatusCode expected)
    {
        using var response = await AskAddressAsync(fileName, more);

        response.StatusCode.Should().Be(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("../other/evil.wav")]
    [InlineData("a/../../evil.wav")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b.wav")]
    [InlineData("..")]
    [InlineData("a\\b.wav")]
    [InlineData("ends with dot.")]
    [InlineData("new\nline.wav")]
    [InlineData("nul\0.wav")]
    public async Task A_hostile_file_name_is_refused_with_a_reason(string fileName)
    {
        using var response = await PostAsync(fileName, [1]);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("errors").GetProperty("fileName")[0].GetString().Should().NotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_file_name_that_is_too_long_is_refused()
    {
        using var response = await PostAsync(new string('a', 600) + ".wav", [1]);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_before_it_is_read()
    {
        using var response = await PostAsync("announced.wav", new byte[Site.MaxUploadBytes + 1]);

        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await site.Storage.Tracks.GetBlobClient("default/announced.wav").ExistsAsync()).Value.Should().BeFalse();
    }

    [Fact]
    public async Task A_file_that_does_not_say_its_size_is_cut_off_at_the_bound_and_leaves_nothing()
    {
        using var content = new StreamContent(new MemoryStream(new byte[Site.MaxUploadBytes + 1]));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var request =
            new HttpRequestMessage(HttpMethod.Post, "/v1/tracks?fileName=endless.wav") { Content = content };
        request.Headers.TransferEncodingChunked = true;

        using var response = await site.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        (await site.Storage.Tracks.GetBlobClient("default/endless.wav").ExistsAsync()).Value.Should().BeFalse();
    }

    [Fact]
    public async Task A_file_of_several_blocks_arrives_whole()
    {
        var large = new byte[Site.MaxUploadBytes];
        new Random(1).NextBytes(large);

        (await PostAsync("large.wav", large)).StatusCode.Should().Be(HttpStatusCode.Accepted);

        (await BytesAsync("large.wav")).Should().Equal(large);
    }

    [Theory]
    [InlineData("fileName=slip.wav&overwrite=true", "overwrite")]
    [InlineData("filename=slip.wav&replace=yes", "replace")]
    [InlineData("fileNme=slip.wav", "fileNme")]
    public async Task A_query_with_a_slip_stores_nothing(string query, string parameter)
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");

        using var response = await site.Client.PostAsync($"/v1/tracks?{query}", content);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject()
            .Should().ContainSingle().Which.Name.Should().Be(parameter);
        (await site.Storage.Tracks.GetBlobClient("default/slip.wav").ExistsAsync()).Value.Should().BeFalse();
    }

    [Theory]
    [InlineData("/v1/uploads/folders/100%25/x.wav")]
    [InlineData("/v1/uploads/folders%2F100%25%2fx.wav")]
    public async Task A_name_may_be_asked_for_with_its_slashes_escaped_or_not(string address)
    {
        (await PostAsync("folders/100%/x.wav", [1, 2, 3])).Dispose();
        (await site.GetJsonAsync(address)).GetProperty("fileName").GetString().Should().Be("folders/100%/x.wav");
    }

    [Fact]
    public async Task An_empty_file_is_refused()
    {
        using var response = await PostAsync("empty.wav", []);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    public async Task What_a_form_can_send_is_refused(string contentType)
    {
        using var response = await PostAsync("form.wav", [1], contentType);

        response.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task An_upload_that_never_came_is_not_found()
    {
        using var response = await site.Client.GetAsync("/v1/uploads/never.wav");

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private async Task<HttpResponseMessage> PostAsync(
        string fileName, byte[] bytes, string contentType = "application/octet-stream", bool replace = false)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return await site.Client.PostAsync(
            $"/v1/tracks?fileName={Uri.EscapeDataString(fileName)}&replace={replace}", content);
    }

    private async Task<byte[]> BytesAsync(string fileName) =>
        (await site.Storage.Tracks.GetBlobClient($"default/{fileName}").DownloadContentAsync()).Value.Content.ToArray();

    private Task<HttpResponseMessage> AskAddressAsync(string fileName, string more = "") =>
        site.Client.PostAsync($"/v1/uploads?fileName={Uri.EscapeDataString(fileName)}{more}", content: null);

    private async Task<JsonElement> AddressAsync(string fileName, string more = "")
    {
        using var response = await AskAddressAsync(fileName, more);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<HttpResponseMessage> PutAsync(JsonElement address, byte[] bytes, string? url = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, url ?? address.GetProperty("url").GetString()!);
        request.Content = new ByteArrayContent(bytes);
        foreach (var header in address.GetProperty("headers").EnumerateObject())
            request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
        return await client.SendAsync(request);
    }
}
