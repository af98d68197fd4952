using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenMU.Web.Tests;

public sealed class TracksApiTests(Site site)
{
    [Theory]
    [InlineData("text=battle", "Battle Epic")]
    [InlineData("text=noren", "Battle Epic,Night Train")]
    [InlineData("text=walking bass", "Night Train")]
    [InlineData("bpmFrom=110", "Battle Epic,Night Train")]
    [InlineData("bpmFrom=70&bpmTo=100", $"{Site.HostileTitle},Quiet River")]
    [InlineData("key=A minor", "Battle Epic")]
    [InlineData("key=A minor&keyNeighbours=true", $"{Site.HostileTitle},Battle Epic,Quiet River")]
    [InlineData("lufsFrom=-13&lufsTo=-9", "Battle Epic,Night Train")]
    [InlineData("secondsFrom=200&secondsTo=600", "Night Train,Quiet River")]
    [InlineData("text=noren&bpmTo=125", "Night Train")]
    [InlineData("text=secret", "")]
    public async Task A_facet_finds_the_tracks_that_have_it(string query, string titles)
    {
        var found =
            await site.TitlesAsync($"{Uri.EscapeDataString(query).Replace("%3D", "=").Replace("%26", "&")}&sort=Title");

        found.Should().BeEquivalentTo(titles.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_state_finds_its_tracks_with_their_reasons()
    {
        var rejected = (await site.GetJsonAsync("/v1/tracks?state=Rejected")).GetProperty("tracks")
            .EnumerateArray().Single();

        rejected.GetProperty("fileName").GetString().Should().Be("music/Broken File.wav");
        rejected.GetProperty("state").GetString().Should().Be("Rejected");
        rejected.GetProperty("reason").GetString().Should().Be("The file holds no audio.");
    }

    [Fact]
    public async Task Pages_follow_one_another_without_gap_or_overlap()
    {
        var whole = (await site.GetJsonAsync("/v1/tracks?sort=Bpm")).GetProperty("tracks")
            .EnumerateArray().Select(Id).ToList();
        var pages = new List<long>();
        var found = await site.GetJsonAsync("/v1/tracks?sort=Bpm&pageSize=2");
        found.GetProperty("previous").ValueKind.Should().Be(JsonValueKind.Null);
        while (true)
        {
            found.GetProperty("total").GetInt32().Should().Be(7);
            found.GetProperty("countsAll").GetBoolean().Should().BeTrue();
            found.GetProperty("first").GetInt64().Should().Be(pages.Count + 1);
            pages.AddRange(found.GetProperty("tracks").EnumerateArray().Select(Id));
            if (found.GetProperty("next").GetString() is not { } next) break;
            found = await site.GetJsonAsync($"/v1/tracks?sort=Bpm&pageSize=2&after={next}");
        }

        whole.Should().HaveCount(7);
        pages.Should().Equal(whole);
        var previous = found.GetProperty("previous").GetString();
        (await site.GetJsonAsync($"/v1/tracks?sort=Bpm&pageSize=2&before={previous}")).GetProperty("tracks")
            .EnumerateArray().Select(Id).Should().Equal(whole[4..6]);
        using var other = await site.Client.GetAsync($"/v1/tracks?sort=Title&after={previous}");
        other.StatusCode.Should().Be(HttpStatusCode.BadRequest, "a place in another order is none in this one");
    }

    [Theory]
    [InlineData("Title")]
    [InlineData("Bpm")]
    [InlineData("Key")]
    [InlineData("Lufs")]
    [InlineData("Seconds")]
    [InlineData("UploadedAt")]
    [InlineData("FileName")]
    public async Task Every_order_can_be_turned_round(string sort)
    {
        var up = await site.TitlesAsync($"state=Ready&sort={sort}");
        var down = await site.TitlesAsync($"state=Ready&sort={sort}&descending=true");

        up.Should().HaveCount(4);
        down.Should().Equal(Enumerable.Reverse(up));
    }

    [Theory]
    [InlineData("bpmFrom=fast", "bpmFrom")]
    [InlineData("bpmFrom=120,5", "bpmFrom")]
    [InlineData("bpmFrom=1,205", "bpmFrom")]
    [InlineData("bpmFrom=%20120", "bpmFrom")]
    [InlineData("bpmFrom=0x78", "bpmFrom")]
    [InlineData("lufsTo=-9.5.1", "lufsTo")]
    [InlineData("lufsTo=−9", "lufsTo")]
    [InlineData("lufsTo=(9)", "lufsTo")]
    [InlineData("secondsFrom=٣", "secondsFrom")]
    [InlineData("bpmFrom=NaN", "bpmFrom")]
    [InlineData("bpmFrom=Infinity", "bpmFrom")]
    [InlineData("bpmFrom=100&bpmFrom=120", "bpmFrom")]
    [InlineData("secondsTo=1e999", "secondsTo")]
    [InlineData("bpmFrom=130&bpmTo=120", "bpmFrom")]
    [InlineData("state=Lost", "state")]
    [InlineData("state=17", "state")]
    [InlineData("state=Ready,Failed", "state")]
    [InlineData("state=%20Ready", "state")]
    [InlineData("state=ready", "state")]
    [InlineData("bpmTo=", "bpmTo")]
    [InlineData("sort=Colour", "sort")]
    [InlineData("pageSize=0", "pageSize")]
    [InlineData("pageSize=2.5", "pageSize")]
    [InlineData("pageSize=1,0", "pageSize")]
    [InlineData("pageSize=1e1", "pageSize")]
    [InlineData("pageSize=4294967297", "pageSize")]
    [InlineData("pageSize=100000", "pageSize")]
    [InlineData("after=2", "after")]
    [InlineData("before=WzBd", "before")]
    [InlineData("key=H minor", "key")]
    [InlineData("descending=maybe", "descending")]
    [InlineData("descending=1", "descending")]
    [InlineData("descending=true%20", "descending")]
    public async Task A_search_that_cannot_be_done_names_the_parameter(string query, string parameter)
    {
        using var response = await site.Client.GetAsync($"/v1/tracks?{query}");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        errors.EnumerateObject().Select(error => error.Name).Should().Equal(parameter);
    }

    [Fact]
    public async Task All_mistakes_are_named_at_once()
    {
        var response = await site.Client.GetAsync("/v1/tracks?bpmFrom=fast&pageSize=first&tempo=120");

        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        errors.EnumerateObject().Select(error => error.Name).Should().BeEquivalentTo("bpmFrom", "pageSize", "tempo");
    }

    [Theory]
    [InlineData("/v1/tracks?bpm=120&text=battle")]
    [InlineData("/v1/tracks.csv?bpm=120")]
    [InlineData("/v1/tracks.jsonl?bpm")]
    public async Task A_parameter_that_does_not_exist_is_named_with_those_that_do(string address)
    {
        using var response = await site.Client.GetAsync(address);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        errors.EnumerateObject().Should().ContainSingle().Which.Name.Should().Be("bpm");
        // Exports have "bom" too.
        errors.GetProperty("bpm")[0].GetString().Should().MatchRegex(
            @"^There is no parameter 'bpm'\. Did you mean (bpmTo|bom)\? Those that exist are text, relax, meaning, facet, bpmFrom, "
            + "bpmTo, key, keyNeighbours, lufsFrom, lufsTo, secondsFrom, secondsTo, state, sort, descending, ");
    }

    [Theory]
    [InlineData("bpmFrom=120.5", "Battle Epic,Night Train")]
    [InlineData("bpmFrom=1.2e2&bpmTo=%2B125", "Night Train")]
    [InlineData("lufsFrom=-13&lufsTo=-9&pageSize=9&state=Ready&descending=FALSE", "Battle Epic,Night Train")]
    [InlineData("text=&bpmFrom=125", "Battle Epic")]
    public async Task What_is_spelled_rightly_is_read(string query, string titles) =>
        (await site.TitlesAsync($"{query}&sort=Title")).Should().Equal(titles.Split(','));

    [Fact]
    public async Task Parameters_may_be_written_in_upper_and_lower_case()
        => (await site.TitlesAsync("BPMFROM=110&Text=battle")).Should().Equal("Battle Epic");

    [Fact]
    public async Task The_page_sends_only_parameters_that_exist()
    {
        var script = await site.Client.GetStringAsync("/search.js");
        var names = Regex.Matches(Regex.Match(script, @"names = \[(.*?)\]").Groups[1].Value, "\"(\\w+)\"")
            .Select(match => match.Groups[1].Value).ToList();
        names.Should().Contain(["text", "bpmFrom", "after", "before"]);

        using var response =
            await site.Client.GetAsync($"/v1/tracks?{string.Join('&', names.Select(name => $"{name}=?"))}&pageSize=?");

        (await response.Content.ReadAsStringAsync())
            .Should().Contain("is not a number").And.NotContain("There is no parameter");
    }

    [Theory]
    [InlineData("text=%22")]
    [InlineData("text=a%22 OR b*")]
    [InlineData("text=%25_[")]
    [InlineData("text='%3B DROP TABLE Tracks%3B--")]
    [InlineData("text=%00")]
    [InlineData("text=%F0%9F%8E%B5")]
    public async Task Words_of_any_kind_are_only_words(string query)
    {
        using var response = await site.Client.GetAsync($"/v1/tracks?{query}");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_track_comes_with_everything_known_about_it()
    {
        var track = await site.GetJsonAsync($"/v1/tracks/{site.Ids["Night Train"]}");

        var analysis = track.GetProperty("analysis");
        analysis.GetProperty("bpm").GetDouble().Should().Be(124);
        analysis.GetProperty("bpmAlternatives")[0].GetProperty("bpm").GetDouble().Should().Be(62);
        analysis.GetProperty("beats")[0].GetProperty("number").GetInt32().Should().Be(1);
        analysis.GetProperty("chords")[0].GetProperty("label").GetString().Should().Be("A:min7");
        analysis.GetProperty("caption").GetString().Should().Be("A driving track with a walking bass.");
        analysis.GetProperty("sources")[0].GetProperty("source").GetString().Should().Be("mir.tempo");
        track.GetProperty("summary").GetProperty("uploadedAt").GetString().Should().EndWith("Z");
    }

    [Fact]
    public async Task A_track_of_another_tenant_and_a_track_that_never_was_look_the_same()
    {
        using var other = await site.Client.GetAsync($"/v1/tracks/{site.Ids["Secret Song"]}");
        using var never = await site.Client.GetAsync("/v1/tracks/999999");

        other.StatusCode.Should().Be(HttpStatusCode.NotFound);
        never.StatusCode.Should().Be(HttpStatusCode.NotFound);
        other.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
    }

    [Fact]
    public async Task The_export_holds_every_track_of_the_search_and_no_other_tenants()
    {
        using var csv = await site.Client.GetAsync("/v1/tracks.csv?pageSize=1");
        var lines = (await csv.Content.ReadAsStringAsync()).Trim().Split("\r\n");
        csv.Content.Headers.ContentType!.MediaType.Should().Be("text/csv");
        csv.Content.Headers.ContentDisposition!.FileName.Should().Be("tracks.csv");
        lines.Should().HaveCount(8);
        lines.Should().NotContain(line => line.Contains("Secret Song"));

        using var json = await site.Client.GetAsync("/v1/tracks.jsonl?text=noren");
        json.Content.Headers.ContentType!.MediaType.Should().Be("application/jsonl");
        (await json.Content.ReadAsStringAsync()).Trim().Split('\n').Select(line => JsonDocument.Parse(line))
            .Should().HaveCount(2);
    }

    private static long Id(JsonElement track) => track.GetProperty("id").GetInt64();
}
