using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>The page in a real browser: searching, the list, the address.</summary>
public sealed class PageTests(Site site, Browser browser)
{
    private Uri Home => site.Client.BaseAddress!;

    [Fact]
    public async Task Words_in_the_search_box_narrow_the_list_and_stand_in_the_address()
    {
        await using var opened = await browser.OpenAsync(Home);
        await Expect(opened.Rows).ToHaveCountAsync(7);

        await opened.Page.FillAsync("#text", "noren");

        await Expect(opened.Rows).ToHaveCountAsync(2);
        await Expect(opened.Page.Locator("#summary")).ToHaveTextAsync("2 tracks match");
        opened.Page.Url.Should().EndWith("?text=noren");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task An_address_with_a_search_opens_with_its_list_and_its_filters_filled_in()
    {
        await using var opened =
            await browser.OpenAsync(Home, "/?bpmFrom=70&bpmTo=125.5&secondsTo=300&key=A+minor&keyNeighbours=true");

        await Expect(opened.Rows).ToHaveCountAsync(2);
        await Expect(opened.Page.Locator("[name=bpmTo]")).ToHaveValueAsync("125.5");
        await Expect(opened.Page.Locator("[name=secondsTo]")).ToHaveValueAsync("5:00");
        await Expect(opened.Page.Locator("[name=key]")).ToHaveValueAsync("A minor");
        await Expect(opened.Page.Locator("[name=keyNeighbours]")).ToBeCheckedAsync();
        await Expect(opened.Page.Locator("#chips li")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Filters_narrow_the_list_and_their_chips_widen_it_again()
    {
        await using var opened = await browser.OpenAsync(Home);

        await opened.Page.FillAsync("[name=bpmFrom]", "120");
        await Expect(opened.Rows).ToHaveCountAsync(2);
        await opened.Page.FillAsync("[name=lufsTo]", "−11");
        await Expect(opened.Rows).ToHaveCountAsync(1);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Remove filter: tempo from 120" }).ClickAsync();

        await Expect(opened.Rows).ToHaveCountAsync(3);
        await Expect(opened.Page.Locator("[name=bpmFrom]")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task A_filter_that_cannot_be_read_is_explained_and_the_list_stays()
    {
        await using var opened = await browser.OpenAsync(Home);

        await opened.Page.FillAsync("[name=secondsFrom]", "soon");

        await Expect(opened.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync(
            "For length, enter minutes and seconds such as 3:30.");
        await Expect(opened.Page.Locator("[name=secondsFrom]")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(opened.Rows).ToHaveCountAsync(7);
    }

    [Fact]
    public async Task The_back_button_goes_back_through_track_and_search()
    {
        await using var opened = await browser.OpenAsync(Home);
        await opened.Page.GetByLabel("Rejected").CheckAsync();
        await Expect(opened.Rows).ToHaveCountAsync(1);
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "Broken File" }).ClickAsync();
        await Expect(opened.Track).ToBeVisibleAsync();

        await opened.Page.GoBackAsync();
        await Expect(opened.Track).ToBeHiddenAsync();
        await Expect(opened.Rows).ToHaveCountAsync(1);
        await opened.Page.GoBackAsync();
        await Expect(opened.Rows).ToHaveCountAsync(7);
    }

    [Fact]
    public async Task A_click_on_a_header_sorts_and_says_so()
    {
        await using var opened = await browser.OpenAsync(Home, "/?state=Ready");
        var header = opened.Page.Locator("th", new() { HasText = "BPM" });

        await header.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(header).ToHaveAttributeAsync("aria-sort", "ascending");
        await Expect(opened.Rows.First).ToContainTextAsync("Quiet River");

        await header.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(header).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(opened.Rows.First).ToContainTextAsync("Battle Epic");
    }

    [Fact]
    public async Task Everything_can_be_reached_by_keyboard_alone()
    {
        await using var opened = await browser.OpenAsync(Home, "/?state=Ready&sort=Bpm");
        await Expect(opened.Rows).ToHaveCountAsync(4);
        var keyboard = opened.Page.Keyboard;

        await keyboard.PressAsync("/");
        await opened.FocusesAsync("text");
        await keyboard.PressAsync("ArrowDown");
        await opened.FocusesAsync("Quiet River");
        await keyboard.PressAsync("End");
        await opened.FocusesAsync("Battle Epic");
        await keyboard.PressAsync("ArrowUp");
        await opened.FocusesAsync("Night Train");

        await keyboard.PressAsync("Enter");
        await Expect(opened.Track.GetByRole(AriaRole.Heading, new() { Name = "Night Train" })).ToBeFocusedAsync();
        await keyboard.PressAsync("Escape");
        await Expect(opened.Track).ToBeHiddenAsync();
        await opened.FocusesAsync("Night Train");

        await keyboard.PressAsync("ArrowUp");
        await keyboard.PressAsync("ArrowUp");
        await keyboard.PressAsync("ArrowUp");
        await opened.FocusesAsync("text");
    }

    [Fact]
    public async Task The_list_is_one_stop_in_the_order_of_tabs()
    {
        await using var opened = await browser.OpenAsync(Home);
        await Expect(opened.Rows).ToHaveCountAsync(7);

        (await opened.Page.Locator("#rows a[tabindex='0']").CountAsync()).Should().Be(1);
        await opened.Page.Keyboard.PressAsync("Tab");
        await opened.FocusesAsync("Skip to the tracks");
        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.Page.Keyboard.PressAsync("Tab");
        await opened.FocusesAsync("Import");
    }

    [Fact]
    public async Task A_hostile_title_is_text_and_nothing_else()
    {
        await using var opened = await browser.OpenAsync(Home, $"/#/track/{site.Ids[Site.HostileTitle]}");

        await Expect(opened.Track.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveTextAsync(Site.HostileTitle);
        await Expect(opened.Rows.Filter(new() { HasText = "<img src=x" })).ToHaveCountAsync(1);
        (await opened.Page.Locator("img, #rows b:not(.key-pill b), #track b").CountAsync()).Should().Be(0);
        (await opened.Page.TitleAsync()).Should().Be($"{Site.HostileTitle} · OpenMU");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task An_empty_catalogue_says_how_to_begin()
    {
        await using var opened = await browser.OpenAsync(await site.StartAsync("empty"));

        await Expect(opened.Page.GetByRole(AriaRole.Heading, new() { Name = "Your catalogue is empty" }))
            .ToBeVisibleAsync();
        await Expect(opened.Page.GetByRole(AriaRole.Button, new() { Name = "Choose files" })).ToBeVisibleAsync();
        await Expect(opened.Page.Locator("#progress")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_search_without_a_match_can_be_cleared_in_place()
    {
        await using var opened = await browser.OpenAsync(Home, "/?text=nothingsoundslikethis");

        await Expect(opened.Page.GetByRole(AriaRole.Heading, new() { Name = "No track matches" })).ToBeVisibleAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Clear the search" }).ClickAsync();

        await Expect(opened.Rows).ToHaveCountAsync(7);
        await Expect(opened.Page.Locator("#text")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task While_the_site_is_away_the_page_says_so_and_tries_again_on_demand()
    {
        await using var opened = await browser.OpenAsync(Home);
        await Expect(opened.Rows).ToHaveCountAsync(7);
        await opened.Page.RouteAsync("**/v1/tracks?**", route => route.AbortAsync());

        await opened.Page.FillAsync("#text", "noren");
        await Expect(opened.Page.Locator("#message")).ToContainTextAsync("The catalogue cannot be reached.");
        await opened.Page.UnrouteAsync("**/v1/tracks?**");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();

        await Expect(opened.Rows).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task The_header_counts_what_is_still_to_be_analysed()
    {
        await using var opened = await browser.OpenAsync(Home);

        await Expect(opened.Page.Locator("#progress-what")).ToHaveTextAsync("Analysing 1 track");
        await Expect(opened.Page.Locator("#progress-detail")).ToHaveTextAsync("6 of 7 done · 1 rejected · 1 failed");
        await Expect(opened.Page.Locator("output[data-state=Ready]")).ToHaveTextAsync("4");
    }

    [Fact]
    public async Task A_telephone_shows_all_of_it_without_scrolling_sideways()
    {
        await using var opened = await browser.OpenAsync(Home, width: 360, height: 740);
        await Expect(opened.Rows).ToHaveCountAsync(7);

        (await opened.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"))
            .Should().BeLessThanOrEqualTo(360);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Filters" }).ClickAsync();
        await opened.Page.FillAsync("[name=bpmFrom]", "125");
        await Expect(opened.Rows).ToHaveCountAsync(1);
        await opened.Rows.First.GetByRole(AriaRole.Link).ClickAsync();

        await Expect(opened.Track).ToBeInViewportAsync(new() { Ratio = 1 });
        await Expect(opened.Page.Locator("#tracks")).ToHaveJSPropertyAsync("inert", true);
        await opened.Track.GetByRole(AriaRole.Button, new() { Name = "Close the track" }).ClickAsync();
        await Expect(opened.Page.Locator("#tracks")).ToHaveJSPropertyAsync("inert", false);
    }

    [Fact]
    public async Task The_export_takes_away_what_is_searched()
    {
        await using var opened = await browser.OpenAsync(Home, "/?text=noren&sort=Bpm");
        await Expect(opened.Rows).ToHaveCountAsync(2);

        var download = await opened.Page.RunAndWaitForDownloadAsync(() => opened.Page.ClickAsync("#csv"));

        download.SuggestedFilename.Should().Be("tracks.csv");
        using var reader = new StreamReader(await download.CreateReadStreamAsync());
        Regex.Matches(await reader.ReadToEndAsync(), "Alva Noren").Should().HaveCount(2);
    }
}
