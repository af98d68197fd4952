using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpenMU.Catalogue.Similarity;

namespace OpenMU.Web.Tests;

public sealed class SimilarApiTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tracks_like_a_track_come_with_scores_and_reasons_and_a_path_joins_two()
    {
        var model = $"{Guid.NewGuid():N}";
        var first = await HeardAsync("like one", model, [1, 0]);
        var near = await HeardAsync("like two", model, [0.9f, 0.2f]);
        var far = await HeardAsync("like three", model, [0, 1]);

        var similar = await site.LooseClient.GetFromJsonAsync<JsonElement>(
            $"/v1/tracks/{first}/similar?sound=1&key=0.5&count=5", Cancel);
        similar.GetProperty("model").GetString().Should().Be(model);
        var tracks = similar.GetProperty("tracks").EnumerateArray().ToList();
        tracks.Select(track => track.GetProperty("id").GetInt64()).Should().Equal(near, far);
        tracks[0].GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString())
            .Should().StartWith(["sound 0.98", "same tempo", "same key"]);
        tracks[0].GetProperty("parts").GetProperty("key").GetDouble().Should().Be(1);

        var path = await site.LooseClient.GetFromJsonAsync<JsonElement>(
            $"/v1/path?from={first}&to={far}&steps=1", Cancel);
        path.GetProperty("tracks").EnumerateArray().Select(track => track.GetProperty("id").GetInt64())
            .Should().Equal(first, near, far);
    }

    [Fact]
    public async Task What_cannot_be_compared_is_said()
    {
        var unheard = await site.AddHeardAsync("without embedding");
        var heard = await HeardAsync("with another", $"{Guid.NewGuid():N}", [1, 0]);
        var other = await HeardAsync("with one", $"{Guid.NewGuid():N}", [1, 0]);

        await FailsAsync($"/v1/tracks/{unheard}/similar", HttpStatusCode.Conflict, "No model has heard this track");
        await FailsAsync("/v1/tracks/999999999/similar", HttpStatusCode.NotFound, "There is no such track.");
        await FailsAsync($"/v1/path?from={heard}&to={other}", HttpStatusCode.Conflict, "different versions");
        await FailsAsync($"/v1/tracks/{heard}/similar?sound=2", HttpStatusCode.BadRequest, "a weight of 0 to 1");
        await FailsAsync($"/v1/tracks/{heard}/similar?count=0", HttpStatusCode.BadRequest, "Give 1 to 200.");
        await FailsAsync(
            $"/v1/tracks/{heard}/similar?sound=0&tempo=0&key=0&mood=0&instruments=0", HttpStatusCode.BadRequest,
            "One weight must be above 0.");
        await FailsAsync($"/v1/path?from={heard}&to={heard}&steps=101", HttpStatusCode.BadRequest, "Give 0 to 100.");
    }

    private async Task FailsAsync(string path, HttpStatusCode status, string why)
    {
        var answer = await site.LooseClient.GetAsync(path, Cancel);
        answer.StatusCode.Should().Be(status);
        (await answer.Content.ReadAsStringAsync(Cancel)).Should().Contain(why);
    }

    private async Task<long> HeardAsync(string title, string model, float[] vector)
    {
        var id = await site.AddHeardAsync(title);
        await using var db = site.Catalogue.CreateDbContext();
        var track = (await db.Tracks.FindAsync([id], Cancel))!;
        var embedding = TrackEmbedding.Of(model, vector)!;
        embedding.JobId = track.JobId;
        db.Add(embedding);
        await db.SaveChangesAsync(Cancel);
        return id;
    }
}
