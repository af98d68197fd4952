using System.Net;
using System.Text.Json;
using OpenMU.Catalogue.Exchange;

namespace OpenMU.Web.Tests;

public sealed class ExportsApiTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> FormatNames => [.. CatalogueExport.Formats.Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task Every_format_is_an_answer_with_a_type_and_a_file_name(string name)
    {
        var format = CatalogueExport.Find(name)!;
        using var answer = await site.Client.GetAsync($"/v1/tracks.{name}?text=noren", Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().Be(format.ContentType);
        answer.Content.Headers.ContentDisposition!.FileName.Should().Be($"tracks.{format.FileEnding}");
        (await answer.Content.ReadAsByteArrayAsync(Cancel)).Should().NotBeEmpty();
    }

    [Fact]
    public async Task Tracks_are_taken_by_their_numbers_in_that_order()
    {
        var all = (await site.GetJsonAsync("/v1/tracks")).GetProperty("tracks").EnumerateArray()
            .Select(track => track.GetProperty("id").GetInt64()).ToList();
        var lines = await site.Client.GetStringAsync($"/v1/tracks.jsonl?ids={all[1]},{all[0]}", Cancel);
        lines.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt64())
            .Should().Equal(all[1], all[0]);
    }

    [Theory]
    [InlineData("ids=1;2", "ids")]
    [InlineData("ids=,", "ids")]
    [InlineData("bom=maybe", "bom")]
    [InlineData("bpmFrom=3&bpmTo=2", "bpmFrom")]
    public async Task What_makes_no_sense_is_refused_by_name(string query, string parameter)
    {
        using var answer = await site.Client.GetAsync($"/v1/tracks.csv?{query}", Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Should().Equal(parameter);
    }

    [Fact]
    public async Task A_byte_order_mark_comes_where_it_is_asked_for()
    {
        (await site.Client.GetByteArrayAsync("/v1/tracks.csv?bom=true", Cancel))[..3].Should().Equal(0xEF, 0xBB, 0xBF);
        (await site.Client.GetByteArrayAsync("/v1/tracks.csv", Cancel))[0].Should().Be((byte)'i');
    }
}
