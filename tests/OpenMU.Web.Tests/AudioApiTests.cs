using System.Net;
using System.Net.Http.Headers;

namespace OpenMU.Web.Tests;

public sealed class AudioApiTests(Site site)
{
    [Fact]
    public async Task The_whole_file_comes_back_as_it_was_uploaded()
    {
        using var response = await site.Client.GetAsync(Address("Battle Epic"));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync()).Should().Equal(site.Audio);
        response.Content.Headers.ContentType!.MediaType.Should().Be("audio/wav");
        response.Content.Headers.ContentDisposition!.DispositionType.Should().Be("inline");
        response.Headers.AcceptRanges.Should().Equal("bytes");
        response.Headers.ETag.Should().NotBeNull();
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
    }

    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(0L, 99L)]
    [InlineData(1000L, 50_000L)]
    [InlineData(63_000L, null)]
    [InlineData(null, 10L)]
    [InlineData(100L, 9_999_999L)]
    public async Task A_range_request_brings_these_bytes_and_no_others(long? from, long? to)
    {
        using var response = await SendAsync(
            "Battle Epic", request => request.Headers.Range = new RangeHeaderValue(from, to));

        var expected = from is null
            ? site.Audio[^(int)to!.Value..]
            : site.Audio[(int)from..(int)Math.Min((to ?? long.MaxValue - 1) + 1, site.Audio.Length)];
        response.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        (await response.Content.ReadAsByteArrayAsync()).Should().Equal(expected);
        response.Content.Headers.ContentRange!.Length.Should().Be(site.Audio.Length);
    }

    [Fact]
    public async Task A_range_past_the_end_cannot_be_satisfied()
    {
        using var response = await SendAsync(
            "Battle Epic", request => request.Headers.Range = new RangeHeaderValue(site.Audio.Length, null));

        response.StatusCode.Should().Be(HttpStatusCode.RequestedRangeNotSatisfiable);
        response.Content.Headers.ContentRange!.ToString().Should().Be($"bytes */{site.Audio.Length}");
    }

    [Fact]
    public async Task If_Range_with_the_current_etag_gives_the_range_and_with_an_old_one_the_whole_file()
    {
        using var head = await SendAsync("Battle Epic", request => request.Method = HttpMethod.Head);
        head.Content.Headers.ContentLength.Should().Be(site.Audio.Length);

        using var current = await SendAsync("Battle Epic", request =>
        {
            request.Headers.Range = new RangeHeaderValue(0, 9);
            request.Headers.IfRange = new RangeConditionHeaderValue(head.Headers.ETag!);
        });
        current.StatusCode.Should().Be(HttpStatusCode.PartialContent);

        using var old = await SendAsync("Battle Epic", request =>
        {
            request.Headers.Range = new RangeHeaderValue(0, 9);
            request.Headers.IfRange = new RangeConditionHeaderValue("\"0x0\"");
        });
        old.StatusCode.Should().Be(HttpStatusCode.OK);
        old.Content.Headers.ContentLength.Should().Be(site.Audio.Length);
    }

    [Fact]
    public async Task An_unchanged_file_is_not_sent_again()
    {
        using var first = await site.Client.GetAsync(Address("Quiet River"));
        using var second = await SendAsync(
            "Quiet River", request => request.Headers.IfNoneMatch.Add(first.Headers.ETag!));

        second.StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task A_file_that_is_not_named_like_audio_comes_as_a_download_and_never_as_a_page()
    {
        var id = await site.AddNamedAsync("page.html", BinaryData.FromString("<script>alert(1)</script>"));

        using var response = await site.LooseClient.GetAsync($"/v1/tracks/{id}/audio");

        response.Content.Headers.ContentType!.MediaType.Should().Be("application/octet-stream");
        response.Content.Headers.ContentDisposition!.DispositionType.Should().Be("attachment");
    }

    [Fact]
    public async Task A_track_whose_blob_is_gone_says_so()
    {
        var id = await site.AddNamedAsync("gone.wav", content: null);

        using var response = await site.LooseClient.GetAsync($"/v1/tracks/{id}/audio");

        response.StatusCode.Should().Be(HttpStatusCode.Gone);
        (await response.Content.ReadAsStringAsync()).Should().Contain("The file of this track was deleted.");
    }

    [Fact]
    public async Task Audio_of_another_tenant_is_not_found()
    {
        using var response = await site.Client.GetAsync(Address("Secret Song"));

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private string Address(string title) => $"/v1/tracks/{site.Ids[title]}/audio";

    private async Task<HttpResponseMessage> SendAsync(string title, Action<HttpRequestMessage> prepare)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(title));
        prepare(request);
        return await site.Client.SendAsync(request);
    }
}
