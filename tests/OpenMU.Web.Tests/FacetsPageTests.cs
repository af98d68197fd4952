using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>Facets and the language of the search box, in a real browser and by the API.</summary>
public sealed class FacetsPageTests(Site site, Browser browser)
{
    private Uri Home => site.Client.BaseAddress!;

    [Fact]
    public async Task A_value_that_is_ticked_narrows_the_list_and_its_chip_widens_it_again()
    {
        await using var opened = await browser.OpenAsync(Home);
        await Expect(opened.Rows).ToHaveCountAsync(7);
        await OpenGroupAsync(opened, "Tempo class");

        await Box(opened, "fast").CheckAsync();
        await Expect(opened.Rows).ToHaveCountAsync(2);
        opened.Page.Url.Should().EndWith("?facet=tempo%3Afast");
        await Box(opened, "slow").CheckAsync();
        await Expect(opened.Rows).ToHaveCountAsync(3);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Remove filter: Tempo class: fast" }).ClickAsync();

        await Expect(opened.Rows).ToHaveCountAsync(1);
        await Expect(opened.Rows.First).ToContainTextAsync("Quiet River");
        await Expect(Box(opened, "slow")).ToBeCheckedAsync();
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_value_can_be_left_out_and_the_address_opens_with_it()
    {
        await using var opened = await browser.OpenAsync(Home, "/?facet=-tempo:fast|slow&state=Ready");
        await Expect(opened.Rows).ToHaveCountAsync(1);
        var button = opened.Page.GetByRole(AriaRole.Button, new() { Name = "Leave out tempo class slow" });
        await Expect(button).ToHaveAttributeAsync("aria-pressed", "true");

        await button.ClickAsync();

        await Expect(opened.Rows).ToHaveCountAsync(2);
        await opened.Page.GoBackAsync();
        await Expect(opened.Rows).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Facets_can_be_chosen_by_keyboard_alone_and_keep_the_focus()
    {
        await using var opened = await browser.OpenAsync(Home);
        await Expect(opened.Rows).ToHaveCountAsync(7);
        await opened.Page.Locator("#facet-groups summary", new() { HasText = "Tempo class" }).FocusAsync();
        var keyboard = opened.Page.Keyboard;

        await keyboard.PressAsync("Enter");
        await keyboard.PressAsync("Tab");
        await keyboard.PressAsync("Space");
        await Expect(opened.Rows).ToHaveCountAsync(2);
        await Expect(Box(opened, "fast")).ToBeFocusedAsync();
        await keyboard.PressAsync("Space");

        await Expect(opened.Rows).ToHaveCountAsync(7);
        await Expect(Box(opened, "fast")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_telephone_shows_the_facets_without_scrolling_sideways()
    {
        await using var opened = await browser.OpenAsync(Home, width: 360, height: 740);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Filters" }).ClickAsync();
        await OpenGroupAsync(opened, "Tempo class");

        (await opened.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(360);
        (await Box(opened, "fast").Locator("xpath=..").BoundingBoxAsync())!.Height.Should().BeGreaterThanOrEqualTo(40);
        await Box(opened, "fast").CheckAsync();
        await Expect(opened.Rows).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task What_was_understood_of_the_words_is_told()
    {
        await using var opened = await browser.OpenAsync(Home, "/?text=noren+over+126+bpm");

        await Expect(opened.Rows).ToHaveCountAsync(1);
        await Expect(opened.Page.Locator("#understood"))
            .ToHaveTextAsync("over 126 bpm is understood as tempo from 126 BPM");
        await opened.Page.FillAsync("#text", "noren kazoo");
        await Expect(opened.Rows).ToHaveCountAsync(2);
        await Expect(opened.Page.Locator("#understood")).ToContainTextAsync("No track has all the words");
        await opened.Page.FillAsync("#text", "noren");
        await Expect(opened.Page.Locator("#understood")).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData("facet=tempo:fast", "Battle Epic,Night Train")]
    [InlineData("facet=tempo:fast|slow&facet=-mood:night", "Battle Epic,Quiet River")]
    [InlineData("text=in%20F%23%20minor", "Night Train")]
    [InlineData("text=kazoo%20battle", "")]
    [InlineData("text=kazoo%20battle&relax=true", "Battle Epic")]
    [InlineData("text=noren%20-battle", "Night Train")]
    public async Task The_api_takes_facets_and_the_language_of_the_search_box(string query, string titles) =>
        (await site.TitlesAsync(query)).Should().BeEquivalentTo(
            titles.Split(',', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public async Task The_api_counts_facets_and_refuses_those_that_do_not_exist()
    {
        var found = await site.GetJsonAsync("/v1/tracks?text=noren");
        found.GetProperty("facets").GetProperty("tempo")[0].GetProperty("value").GetString().Should().Be("fast");
        found.GetProperty("facets").GetProperty("tempo")[0].GetProperty("count").GetInt32().Should().Be(2);
        found.GetProperty("facetsCountAll").GetBoolean().Should().BeTrue();

        using var refused = await site.Client.GetAsync("/v1/tracks?facet=colour:red");
        ((int)refused.StatusCode).Should().Be(400);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("Groups are genre, mood");
    }

    private static ILocator Box(PageUnderTest opened, string value) =>
        opened.Page.Locator($"#facet-groups input[data-at='tempo:{value}']");

    private static async Task OpenGroupAsync(PageUnderTest opened, string name)
    {
        await opened.Page.Locator("#facet-groups summary", new() { HasText = name }).ClickAsync();
        await Expect(Box(opened, "fast")).ToBeVisibleAsync();
    }
}
