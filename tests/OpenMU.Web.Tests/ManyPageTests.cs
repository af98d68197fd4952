using System.Net.Http.Json;
using System.Text.Json;
using Deque.AxeCore.Playwright;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Storage;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>
/// What is done with many tracks at the page: exported, changed, approved, locked, analysed again, deleted.
/// </summary>
public sealed class ManyPageTests(Site site, Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Loose => site.LooseClient.BaseAddress!;

    [Fact]
    public async Task A_field_of_all_that_a_search_finds_is_changed_and_taken_back()
    {
        long[] tracks = [await site.AddHeardAsync("bandicoot one"), await site.AddHeardAsync("bandicoot two")];
        await using var opened = await browser.OpenAsync(Loose, "/?text=bandicoot#/many");
        var panel = Panel(opened);
        await Expect(panel.GetByText("All that the list finds (2)")).ToBeVisibleAsync();
        await Expect(panel.GetByRole(AriaRole.Radio).First).ToBeDisabledAsync();

        await panel.GetByLabel("Field", new() { Exact = true }).SelectOptionAsync("genres");
        await panel.GetByLabel("How to change it").SelectOptionAsync("add");
        await panel.GetByLabel("Value").FillAsync("Fado; Jazz");
        await Button(panel, "Change").ClickAsync();

        await Expect(panel).ToContainTextAsync("2 tracks changed.");
        foreach (var track in tracks) (await ValuesAsync(track, "genres")).Should().Contain("Fado").And.Contain("Jazz");
        await panel.GetByLabel("Value").FillAsync("Fado;Jazz");
        await Button(panel, "Change").ClickAsync();
        await Expect(panel).ToContainTextAsync("0 tracks changed, 2 so already.");

        await panel.GetByLabel("Field", new() { Exact = true }).SelectOptionAsync("key");
        await panel.GetByLabel("Value").FillAsync("H minor");
        await Button(panel, "Change").ClickAsync();
        await Expect(panel.Locator(".error-text")).ToContainTextAsync("There is no key 'H minor'");
        await panel.GetByLabel("Value").FillAsync("8B");
        await Button(panel, "Change").ClickAsync();
        await Expect(panel).ToContainTextAsync("2 tracks changed.");
        await Button(panel, "Undo").ClickAsync();
        await Expect(panel).ToContainTextAsync("Taken back in 2 tracks.");
        (await ValuesAsync(tracks[0], "key")).Should().NotContain("C major");
    }

    [Fact]
    public async Task Selected_tracks_are_approved_locked_queued_again_and_deleted_only_when_asked_twice()
    {
        long[] tracks = [await site.AddHeardAsync("wombat one"), await site.AddHeardAsync("wombat two")];
        await site.AddHeardAsync("wombat three");
        await using var opened = await browser.OpenAsync(Loose, "/?text=wombat&sort=Title");
        await Expect(opened.Rows).ToHaveCountAsync(3);
        foreach (var title in (string[])["wombat one", "wombat two"])
            await opened.Page.GetByRole(AriaRole.Checkbox, new() { Name = $"Select {title}" }).CheckAsync();
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "Change or export" }).ClickAsync();
        var panel = Panel(opened);
        await Expect(panel.GetByRole(AriaRole.Heading, new() { Name = "Many tracks" })).ToBeFocusedAsync();
        await Expect(panel.GetByText("The 2 tracks that I have selected")).ToBeVisibleAsync();

        await Button(panel, "Approve").ClickAsync();
        await Expect(panel).ToContainTextAsync("2 tracks approved.");
        await Button(panel, "Lock").ClickAsync();
        await Expect(panel).ToContainTextAsync("2 tracks locked.");
        (await TrackAsync(tracks[0])).GetProperty("correction").GetProperty("lockedBy").GetString()
            .Should().Be("somebody at the page");
        await Button(panel, "Unlock").ClickAsync();
        await Expect(panel).ToContainTextAsync("2 tracks unlocked.");
        await Button(panel, "Analyse again").ClickAsync();
        await Expect(panel).ToContainTextAsync("2 tracks queued.");

        await Button(panel, "Delete…").ClickAsync();
        await Expect(panel.GetByRole(AriaRole.Group, new() { Name = "Delete?" })).ToContainTextAsync(
            "Delete 2 selected tracks?");
        await Expect(Button(panel, "Keep them")).ToBeFocusedAsync();
        await opened.Page.Keyboard.PressAsync("Enter");
        await Expect(Button(panel, "Delete…")).ToBeFocusedAsync();
        (await MissingAsync(tracks)).Should().Be(0);
        await Button(panel, "Delete…").ClickAsync();
        await Button(panel, "Delete them").ClickAsync();
        await Expect(panel).ToContainTextAsync("2 tracks deleted.");
        (await MissingAsync(tracks)).Should().Be(2);
        await Expect(opened.Rows).ToHaveCountAsync(1);
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task Every_form_of_export_is_offered_for_the_search_and_for_the_selection()
    {
        var track = await site.AddHeardAsync("numbat");
        await using var opened = await browser.OpenAsync(Loose, "/?text=numbat#/many");
        var panel = Panel(opened);
        var link = panel.GetByRole(AriaRole.Link, new() { Name = "Download" });
        var names = await panel.Locator("#format option").EvaluateAllAsync<string[]>("all => all.map(one => one.value)");
        names.Should().Equal(CatalogueExport.Formats.Select(format => format.Name));

        await panel.GetByLabel("Format").SelectOptionAsync("m3u8");
        var downloading = opened.Page.WaitForDownloadAsync();
        await link.ClickAsync();
        var download = await downloading;
        download.SuggestedFilename.Should().Be("tracks.m3u8");
        (await File.ReadAllTextAsync((await download.PathAsync())!, Cancel)).Should().Contain("numbat");

        await opened.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Select numbat" }).CheckAsync();
        await panel.GetByText("The 1 track that I have selected").ClickAsync();
        await Expect(link).ToHaveAttributeAsync("href", $"/v1/tracks.m3u8?ids={track}");
        opened.Complaints.Should().BeEmpty();
    }

    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(400, ColorScheme.Dark)]
    public async Task The_panel_is_accessible(int width, ColorScheme scheme)
    {
        await site.AddHeardAsync($"bilby{width}");
        await using var opened = await browser.OpenAsync(Loose, $"/?text=bilby{width}#/many", width, 900, scheme);
        var panel = Panel(opened);
        await Expect(panel.GetByText("All that the list finds (1)")).ToBeVisibleAsync();
        await Button(panel, "Delete…").ClickAsync();

        var found = await opened.Page.RunAxe();

        found.Violations.Select(violation => $"{violation.Id}: {violation.Help}").Should().BeEmpty();
        (await opened.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).Should().BeLessThanOrEqualTo(0);
        await opened.Page.Keyboard.PressAsync("Escape");
        await Expect(panel).ToBeHiddenAsync();
    }

    private static ILocator Panel(PageUnderTest opened) => opened.Page.Locator("#many");

    private static ILocator Button(ILocator panel, string name) =>
        panel.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private async Task<JsonElement> TrackAsync(long track) =>
        await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}", Cancel);

    private async Task<List<string?>> ValuesAsync(long track, string field) =>
    [
        .. (await TrackAsync(track)).GetProperty("fields").EnumerateArray()
            .Where(one => one.GetProperty("name").GetString() == field)
            .SelectMany(one => one.GetProperty("values").EnumerateArray()).Select(value => value.GetString()),
    ];

    private async Task<int> MissingAsync(long[] tracks)
    {
        await using var db = site.Catalogue.CreateDbContext();
        return await db.Tracks.CountAsync(track => tracks.Contains(track.Id) && track.MissingSince != null, Cancel);
    }
}
