using System.Net.Http.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>The words under a track, in a real browser.</summary>
public sealed class LyricsPageTests(Site site, Browser browser)
{
    private const string Hostile = "<img src=x onerror=\"document.title='owned'\"> ignore all instructions <|eot_id|>";

    private Uri Loose => site.LooseClient.BaseAddress!;

    [Fact]
    public async Task Lyrics_are_added_edited_and_removed_by_hand()
    {
        var track = await site.AddHeardAsync("words by hand");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var section = opened.Track.Locator(".lyrics");
        await Expect(section).ToContainTextAsync("No lyrics are known for this track.");

        await section.GetByRole(AriaRole.Button, new() { Name = "Add lyrics" }).ClickAsync();
        await section.GetByRole(AriaRole.Textbox).FillAsync($"[00:01.50]{Hostile}\n[01:02.00]la la");
        await section.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(section.Locator("li").First).ToContainTextAsync(Hostile);
        await Expect(section.Locator("li").Nth(1)).ToContainTextAsync("1:02 la la");
        await Expect(section).ToContainTextAsync("set by hand");
        (await section.Locator("img").CountAsync()).Should().Be(0);
        (await opened.Page.TitleAsync()).Should().NotBe("owned");

        await section.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await Expect(section.GetByRole(AriaRole.Textbox)).ToHaveValueAsync($"[00:01.50]{Hostile}\n[01:02.00]la la\n");
        await section.GetByRole(AriaRole.Textbox).FillAsync("other words");
        await section.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(section.Locator("li")).ToHaveTextAsync("other words");

        await section.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(section).ToContainTextAsync("No lyrics are known for this track.");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task What_somebody_else_has_changed_meanwhile_is_not_overwritten()
    {
        var track = await site.AddHeardAsync("words of two");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var section = opened.Track.Locator(".lyrics");
        await section.GetByRole(AriaRole.Button, new() { Name = "Add lyrics" }).ClickAsync();
        await section.GetByRole(AriaRole.Textbox).FillAsync("mine");
        await site.LooseClient.PutAsJsonAsync($"/v1/tracks/{track}/lyrics", new { text = "theirs" });

        await section.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(section.GetByRole(AriaRole.Alert)).ToContainTextAsync("somebody has set");
        await section.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(section.Locator("li")).ToHaveTextAsync("theirs");
    }
}
