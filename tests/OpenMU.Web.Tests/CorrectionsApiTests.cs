using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Web.Tests;

public sealed class CorrectionsApiTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_track_shows_every_field_with_who_says_it_and_what_others_say()
    {
        var track = await site.AddHeardAsync("fields of many");
        await using (var db = site.Catalogue.CreateDbContext())
        {
            db.OwnerRecords.Add(new OwnerRecord
            {
                TrackId = track,
                Tenant = "loose",
                By = "import",
                Fields = FieldSet.Empty.With("isrc", ["DEAB12345678"]).With("bpm", ["63"]).With("moods", ["calm"]),
            });
            await db.SaveChangesAsync(Cancel);
        }

        var fields = await FieldsAsync(track);

        fields["isrc"].GetProperty("origin").GetString().Should().Be("Owner");
        var bpm = fields["bpm"];
        bpm.GetProperty("values")[0].GetString().Should().Be("126");
        bpm.GetProperty("origin").GetString().Should().Be("Found");
        var difference = bpm.GetProperty("differences").EnumerateArray().Should().ContainSingle().Subject;
        (difference.GetProperty("origin").GetString(), difference.GetProperty("kind").GetString())
            .Should().Be(("Owner", "Octave"));
        bpm.GetProperty("claims").EnumerateArray().Select(claim => claim.GetProperty("origin").GetString())
            .Should().Equal("Found", "Owner");
        fields["moods"].GetProperty("values")[0].GetString().Should().Be("calm");
        fields["key"].GetProperty("differences").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task Fields_are_set_emptied_and_withdrawn_with_the_version_that_was_seen()
    {
        var track = await site.AddHeardAsync("patched");
        var etag = await ETagAsync(track);

        var set = await PatchAsync(
            track, etag, """{"bpm": 63.5, "genres": ["Fado", "Jazz"], "moods": [], "explicit": true, "key": "8A"}""");

        set.StatusCode.Should().Be(HttpStatusCode.OK, await set.Content.ReadAsStringAsync(Cancel));
        var corrected = await set.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        var shown = corrected.GetProperty("track");
        shown.GetProperty("summary").GetProperty("bpm").GetDouble().Should().Be(63.5);
        shown.GetProperty("correction").GetProperty("by").GetString().Should().Be("somebody by the API");
        var fields = await FieldsAsync(track);
        fields["moods"].GetProperty("values").GetArrayLength().Should().Be(0);
        fields["key"].GetProperty("values")[0].GetString().Should().Be("A minor");
        fields["explicit"].GetProperty("values")[0].GetString().Should().Be("true");

        (await PatchAsync(track, set.Headers.ETag!.ToString(), """{"moods": null, "bpm": null}"""))
            .StatusCode.Should().Be(HttpStatusCode.OK, "the tag of an answer is the next change's condition");
        (await FieldsAsync(track))["bpm"].GetProperty("origin").GetString().Should().Be("Found");
        (await FieldsAsync(track))["moods"].GetProperty("values")[0].GetString().Should().Be("night");
        (await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}/history", Cancel))
            .EnumerateArray().Select(change => change.GetProperty("field").GetString()).Should()
            .Equal("bpm", "moods", "key", "explicit", "moods", "genres", "bpm");
    }

    [Fact]
    public async Task A_stale_a_missing_and_any_version_are_told_apart_and_nothing_is_lost()
    {
        var track = await site.AddHeardAsync("of two people");
        var seen = await ETagAsync(track);
        (await PatchAsync(track, seen, """{"title": "Theirs"}""")).StatusCode.Should().Be(HttpStatusCode.OK);

        await FailsAsync(await PatchAsync(track, seen, """{"title": "Mine"}"""), HttpStatusCode.PreconditionFailed,
            "Somebody has changed this track's data meanwhile: look at it again.");
        await FailsAsync(await PatchAsync(track, null, """{"title": "Mine"}"""), HttpStatusCode.PreconditionRequired,
            "Send the track's ETag in If-Match, so that nobody's change is overwritten unseen; or *.");
        (await PatchAsync(track, "\"nonsense\"", """{"title": "Mine"}""")).StatusCode.Should()
            .Be(HttpStatusCode.PreconditionFailed);
        (await FieldsAsync(track))["title"].GetProperty("values")[0].GetString().Should().Be("Theirs");
        (await PatchAsync(track, "*", """{"title": "Mine"}""")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_etag_of_a_track_changes_with_everything_that_it_shows()
    {
        var track = await site.AddHeardAsync("cached");
        var before = await ETagAsync(track);
        await site.LooseClient.PutAsJsonAsync($"/v1/tracks/{track}/lyrics", new { text = "la la" }, Cancel);

        (await ETagAsync(track)).Should().NotBe(before, "a cached copy would lack the lyrics");
        (await PatchAsync(track, before, """{"title": "Still the same correction"}""")).StatusCode.Should()
            .Be(HttpStatusCode.OK, "nobody has changed a field");
    }

    [Fact]
    public async Task What_a_change_says_wrongly_is_told_by_its_field()
    {
        var track = await site.AddHeardAsync("wrong words");

        var refused = await PatchAsync(
            track, "*", """{"gendres": ["x"], "key": "H", "isrc": "1", "bpm": {"a": 1}, "year": "soon", "title": ["a", "b"]}""");

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var errors = (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors");
        errors.EnumerateObject().Select(error => (error.Name, error.Value[0].GetString())).Should().Equal(
            ("gendres", "There is no field 'gendres'; did you mean genres?"),
            ("key", "There is no key 'H': give one such as Am, C# minor or 8A."),
            ("isrc", "'1' is no ISRC: two letters, three letters or digits, seven digits."),
            ("bpm", "Its value must be a text, a number, true or false, or an array of them."),
            ("year", "Year 'soon' is no whole number."), ("title", "Title has one value, not 2."));
        (await PatchAsync(track, "*", """{"bpm": 1, "BPM": 2}""")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await PatchAsync(999_999, "*", """{"bpm": 1}""")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await FieldsAsync(track))["title"].GetProperty("origin").GetString()
            .Should().Be("File", "what was right was not taken without the rest");
    }

    [Fact]
    public async Task What_is_locked_is_refused_and_an_approval_ends_with_a_change()
    {
        var track = await site.AddHeardAsync("locked");
        (await site.LooseClient.PutAsync($"/v1/tracks/{track}/approval", null, Cancel)).EnsureSuccessStatusCode();
        (await CorrectionAsync(track)).GetProperty("approvedBy").GetString().Should().Be("somebody by the API");
        (await site.LooseClient.PutAsync($"/v1/tracks/{track}/lock", null, Cancel)).EnsureSuccessStatusCode();

        await FailsAsync(await PatchAsync(track, "*", """{"title": "x"}"""), HttpStatusCode.Conflict,
            "somebody by the API has locked this track's data: unlock it to change it.");
        (await site.LooseClient.DeleteAsync($"/v1/tracks/{track}/lock", Cancel)).EnsureSuccessStatusCode();
        (await PatchAsync(track, "*", """{"title": "x"}""")).EnsureSuccessStatusCode();
        (await CorrectionAsync(track)).GetProperty("approvedBy").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_selection_is_changed_at_once_and_taken_back_at_once()
    {
        long[] tracks = [await site.AddHeardAsync("bulk zebra 1"), await site.AddHeardAsync("bulk zebra 2")];
        var body = """{"query": {"text": "zebra"}, "fields": {"label": "L"}, "add": {"moods": ["calm"]}}""";

        var summary = await PostAsync("/v1/corrections", body);

        summary.GetProperty("changed").GetInt32().Should().Be(2);
        summary.GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);
        (await FieldsAsync(tracks[1]))["moods"].GetProperty("values").EnumerateArray().Select(mood => mood.GetString())
            .Should().Equal("night", "calm");
        await PostAsync("/v1/corrections", $$"""{"ids": [{{tracks[0]}}], "fields": {"label": "M"} }""");
        var batch = summary.GetProperty("batch").GetString();
        var undone = await PostAsync($"/v1/corrections/{batch}/undo", null);
        (undone.GetProperty("changed").GetInt32(), undone.GetProperty("refused").GetInt32()).Should().Be((2, 1));
        undone.GetProperty("refusals")[0].GetProperty("reason").GetString().Should()
            .Be("somebody by the API has changed label since: undo that first, or force it. The other fields are taken back.");
        (await site.LooseClient.PostAsync($"/v1/corrections/{batch}/undo?track={tracks[0]}", null, Cancel)).StatusCode
            .Should().Be(HttpStatusCode.Conflict);
        (await PostAsync($"/v1/corrections/{batch}/undo?track={tracks[0]}&force=true", null))
            .GetProperty("changed").GetInt32().Should().Be(1);
        (await FieldsAsync(tracks[0])).Should().NotContainKey("label");
        (await site.LooseClient.PostAsync("/v1/corrections/none/undo", null, Cancel)).StatusCode
            .Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"fields": {"label": "L"}}""", "ids", "Name the tracks by ids, or give a query, or say all: true.")]
    [InlineData("""{"query": {}, "fields": {"label": "L"}}""", "query",
        "It leaves no track out. Where all tracks are meant, send all: true instead.")]
    [InlineData("""{"query": {"text": " ", "sort": "Title", "facet": []}, "fields": {"label": "L"}}""", "query",
        "It leaves no track out. Where all tracks are meant, send all: true instead.")]
    [InlineData("""{"query": {"key": "Am"}, "all": true, "fields": {"label": "L"}}""", "ids",
        "Name the tracks by ids, or give a query, or say all: true.")]
    [InlineData("""{"query": {"text": "sad", "meaning": true}, "fields": {"label": "L"}}""", "query.meaning",
        "What is found by meaning has no end: name those tracks by ids.")]
    [InlineData("""{"ids": [], "fields": {"label": "L"}}""", "ids", "Name 1 to 10,000 tracks.")]
    [InlineData("""{"ids": [1]}""", "fields", "Say what to change: fields, add or remove.")]
    [InlineData("""{"ids": [1], "add": {"title": "x"}}""", "title", "Title has one value: set it instead.")]
    [InlineData("""{"query": {"key": "H"}, "fields": {"label": "L"}}""", "query.key", "Give a key such as A minor, Am, 8A or 1m.")]
    [InlineData("""{"ids": [1], "fields": {"label": "L"}, "after": "x"}""", "after",
        "This is no place in this selection: take next from an answer.")]
    public async Task A_change_of_many_that_cannot_be_done_says_why(string body, string field, string reason)
    {
        using var refused = await site.LooseClient.PostAsync("/v1/corrections", Json(body), Cancel);

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors").GetProperty(field)[0]
            .GetString().Should().Be(reason);
    }

    [Theory]
    [InlineData("/v1/corrections", """ "fields": {"label": "L"} """)]
    [InlineData("/v1/selection/approve", """ "after": null """)]
    [InlineData("/v1/selection/lock", """ "after": null """)]
    [InlineData("/v1/selection/retry", """ "after": null """)]
    [InlineData("/v1/selection/delete", """ "after": null """)]
    [InlineData("/v1/analyses/publish", """ "model": "tiny-3" """)]
    [InlineData("/v1/analyses/rollback", """ "model": "tiny-3" """)]
    public async Task A_whole_library_is_changed_only_where_all_is_said(string path, string what)
    {
        // A library without tracks: nothing else may be changed by this test.
        using var client = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync("whole", ApiScopes.All));

        using var refused = await client.PostAsync(path, Json($$"""{"query": {}, {{what}}}"""), Cancel);
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Cancel)).Should().Contain("send all: true instead");
        using var done = await client.PostAsync(path, Json($$"""{"all": true, {{what}}}"""), Cancel);
        done.StatusCode.Should().Be(HttpStatusCode.OK, await done.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_change_of_nothing_has_no_batch()
    {
        var track = await site.AddHeardAsync("nothing changes");
        var body = $$"""{"ids": [{{track}}], "fields": {"label": "L"} }""";
        var batch = (await PostAsync("/v1/corrections", body)).GetProperty("batch").GetString();

        (await PostAsync("/v1/corrections", body)).GetProperty("batch").ValueKind.Should().Be(JsonValueKind.Null);

        (await PostAsync($"/v1/corrections/{batch}/undo", null)).GetProperty("batch").GetString().Should().NotBeNull();
        (await PostAsync($"/v1/corrections/{batch}/undo", null)).GetProperty("batch").ValueKind
            .Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task What_is_not_there_is_not_analysed_again()
    {
        var track = await site.AddHeardAsync("here");

        var retried = await PostAsync("/v1/selection/retry", $$"""{"ids": [{{track}}, 99999]}""");

        (retried.GetProperty("tracks").GetInt32(), retried.GetProperty("done").GetInt32()).Should().Be((2, 1));
        retried.GetProperty("refusals")[0].GetProperty("reason").GetString().Should().Be("There is no such track.");
    }

    [Fact]
    public async Task A_locked_track_is_analysed_again_and_not_deleted()
    {
        var track = await site.AddHeardAsync("under lock");
        (await site.LooseClient.PutAsync($"/v1/tracks/{track}/lock", null, Cancel)).EnsureSuccessStatusCode();
        var body = $$"""{"ids": [{{track}}]}""";

        var kept = await PostAsync("/v1/selection/delete", body);
        kept.GetProperty("done").GetInt32().Should().Be(0);
        kept.GetProperty("refusals")[0].GetProperty("reason").GetString().Should()
            .Be("somebody by the API has locked this track: unlock it to delete it.");
        (await PostAsync("/v1/selection/retry", body)).GetProperty("done").GetInt32().Should().Be(1);

        (await site.LooseClient.DeleteAsync($"/v1/tracks/{track}/lock", Cancel)).EnsureSuccessStatusCode();
        (await PostAsync("/v1/selection/delete", body)).GetProperty("done").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task Tracks_of_the_same_bytes_are_listed_together_and_stay_two()
    {
        long[] tracks = [await site.AddHeardAsync("twin one"), await site.AddHeardAsync("twin two")];
        await using (var db = site.Catalogue.CreateDbContext())
        {
            var first = await db.Tracks.SingleAsync(t => t.Id == tracks[0], Cancel);
            (await db.Tracks.SingleAsync(t => t.Id == tracks[1], Cancel)).JobId = first.JobId;
            await db.SaveChangesAsync(Cancel);
        }

        var page = await site.LooseClient.GetFromJsonAsync<JsonElement>("/v1/duplicates?pageSize=500", Cancel);

        page.GetProperty("groups").EnumerateArray()
            .Select(group => group.GetProperty("tracks").EnumerateArray().Select(one => one.GetProperty("id").GetInt64()))
            .Should().ContainSingle(group => group.SequenceEqual(tracks));
        (await site.Client.GetFromJsonAsync<JsonElement>("/v1/duplicates", Cancel)).GetProperty("groups")
            .GetArrayLength().Should().Be(0, "they are another library's");
    }

    private async Task<string> ETagAsync(long track)
    {
        using var answer = await site.LooseClient.GetAsync($"/v1/tracks/{track}", Cancel);
        return answer.Headers.ETag!.ToString();
    }

    private async Task<Dictionary<string, JsonElement>> FieldsAsync(long track) =>
        (await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}", Cancel)).GetProperty("fields")
            .EnumerateArray().ToDictionary(field => field.GetProperty("name").GetString()!);

    private async Task<JsonElement> CorrectionAsync(long track) =>
        (await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}", Cancel)).GetProperty("correction");

    private async Task<HttpResponseMessage> PatchAsync(long track, string? ifMatch, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/v1/tracks/{track}") { Content = Json(body) };
        request.Content.Headers.ContentType!.MediaType = "application/merge-patch+json";
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await site.LooseClient.SendAsync(request, Cancel);
    }

    private async Task<JsonElement> PostAsync(string path, string? body)
    {
        using var answer = await site.LooseClient.PostAsync(path, body is null ? null : Json(body), Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");

    private static async Task FailsAsync(HttpResponseMessage answer, HttpStatusCode status, string reason)
    {
        answer.StatusCode.Should().Be(status);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString()
            .Should().Be(reason);
    }
}
