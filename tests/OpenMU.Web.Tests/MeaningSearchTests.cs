using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Meaning;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>Free text by meaning, by the API and in a real browser, in a library of its own.</summary>
public sealed class MeaningSearchTests(Site site, Browser browser)
{
    private const string Wish = "/v1/tracks?text=warm sad piano for a film scene";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wish_that_no_track_has_the_words_of_finds_what_means_the_nearest()
    {
        using var client = await LibraryAsync("meaning-api");

        (await TitlesAsync(client, $"{Wish}&relax=true")).Should().HaveCount(3).And.StartWith("Rain");
        (await TitlesAsync(client, $"{Wish}&meaning=true&facet=-source:model")).Should().BeEmpty();
        (await TitlesAsync(client, "/v1/tracks?text=loud -parade&meaning=true")).Should()
            .HaveCount(2).And.StartWith("Forge");
        (await TitlesAsync(client, Wish)).Should().BeEmpty();
        (await client.GetAsync("/v1/tracks?meaning=true", Cancel)).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_page_orders_by_meaning_where_it_is_ticked()
    {
        using var client = await LibraryAsync("meaning-page");
        await using var opened = await browser.OpenAsync(client.BaseAddress!, "/?text=a");
        await Expect(opened.Rows).ToHaveCountAsync(3);

        await opened.Page.GetByLabel("Order by what they mean").CheckAsync();
        await opened.Page.Locator("#text").FillAsync("factory machines");

        await Expect(opened.Rows.First).ToContainTextAsync("Forge");
        opened.Page.Url.Should().Contain("meaning=true");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task Facets_are_counted_on_the_first_page_and_on_others_when_asked_for()
    {
        var first = await site.GetJsonAsync("/v1/tracks?pageSize=2");
        var place = $"/v1/tracks?pageSize=2&after={first.GetProperty("next").GetString()}";

        first.GetProperty("facets").EnumerateObject().Should().NotBeEmpty();
        (await site.GetJsonAsync(place)).GetProperty("facets").EnumerateObject().Should().BeEmpty();
        (await site.GetJsonAsync($"{place}&facets=true")).GetProperty("facets").EnumerateObject().Should().NotBeEmpty();
    }

    private async Task<HttpClient> LibraryAsync(string tenant)
    {
        var address = await site.StartAsync(tenant);
        foreach (var (title, caption) in (IEnumerable<(string, string)>)
        [
            ("Forge", "An aggressive industrial track with distorted guitars and pounding drums."),
            ("Parade", "A brass band plays a proud march."),
            ("Rain", "A slow, melancholic piece for solo piano, tender and cinematic."),
        ])
        {
            var id = await site.AddHeardAsync(title, tenant);
            await using var db = site.Catalogue.CreateDbContext();
            await db.Analyses.Where(a => db.Tracks.Any(t => t.Id == id && t.JobId == a.JobId))
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.Caption, caption), Cancel);
        }

        using var model = new SentenceModel(NullLogger<SentenceModel>.Instance);
        var embedder = new TextEmbedder(site.Catalogue, model);
        for (var tries = 0; await IsWaitingAsync(tenant); tries++)
        {
            try
            {
                for (long? last = 0; last is { } after;) last = await embedder.TakeAsync(after, Cancel);
            }
            catch (DbUpdateException) when (tries < 100)
            {
                // Other tests change tracks meanwhile, or read texts too.
            }
        }

        return new HttpClient { BaseAddress = address };
    }

    private async Task<bool> IsWaitingAsync(string tenant)
    {
        await using var db = site.Catalogue.CreateDbContext();
        return await db.StaleTexts.AnyAsync(
            stale => db.Tracks.Any(t => t.Id == stale.TrackId && t.Tenant == tenant), Cancel);
    }

    private static async Task<List<string?>> TitlesAsync(HttpClient client, string path) =>
    [
        .. (await client.GetFromJsonAsync<JsonElement>(path, Cancel)).GetProperty("tracks").EnumerateArray()
            .Select(track => track.GetProperty("title").GetString()),
    ];
}
