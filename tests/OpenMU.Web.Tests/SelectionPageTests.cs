using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using OpenMU.Catalogue.Questions;
using OpenMU.Music.Questions;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>Marking tracks in the list and asking about them, in a real browser.</summary>
public sealed class SelectionPageTests(Site site, Browser browser)
{
    private const string Hostile = "<img src=x onerror=\"document.title='owned'\">";

    private Uri Home => site.Client.BaseAddress!;

    [Fact]
    public async Task Tracks_are_marked_by_their_boxes_and_all_between_two_with_the_shift_key()
    {
        await using var opened = await browser.OpenAsync(Home, "/?state=Ready&sort=Bpm");
        await Expect(opened.Rows).ToHaveCountAsync(4);
        await Expect(Bar(opened)).ToBeHiddenAsync();

        await Box(opened, 0).CheckAsync();
        await Expect(Bar(opened)).ToContainTextAsync("1 selected");
        await Expect(opened.Track).ToBeHiddenAsync();
        await opened.Rows.Nth(2).Locator(".c-number").First.ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Expect(Bar(opened)).ToContainTextAsync("3 selected");
        await Expect(Box(opened, 1)).ToBeCheckedAsync();
        await Expect(Box(opened, 3)).Not.ToBeCheckedAsync();
        await Expect(opened.Track).ToBeHiddenAsync();

        await Box(opened, 1).UncheckAsync();
        await Expect(Bar(opened)).ToContainTextAsync("2 selected");
        await Expect(opened.Page.Locator("#spoken")).ToHaveTextAsync("2 tracks selected.");
        await Bar(opened).GetByRole(AriaRole.Button, new() { Name = "Clear" }).ClickAsync();
        await Expect(Bar(opened)).ToBeHiddenAsync();
        await Expect(opened.Rows.Locator("input:checked")).ToHaveCountAsync(0);
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task The_keyboard_marks_asks_and_comes_back()
    {
        await using var opened = await browser.OpenAsync(Home, "/?state=Ready&sort=Bpm");
        await Expect(opened.Rows).ToHaveCountAsync(4);
        var keyboard = opened.Page.Keyboard;

        await opened.Page.FocusAsync("#text");
        await keyboard.PressAsync("ArrowDown");
        await keyboard.PressAsync("x");
        await Expect(Bar(opened)).ToContainTextAsync("1 selected");
        await keyboard.PressAsync("x");
        await Expect(Bar(opened)).ToBeHiddenAsync();
        await keyboard.PressAsync("Shift+ArrowDown");
        await keyboard.PressAsync("Shift+ArrowDown");
        await Expect(Bar(opened)).ToContainTextAsync("3 selected");
        await opened.FocusesAsync("Night Train");

        await keyboard.PressAsync("Tab");
        await opened.FocusesAsync("Ask about them");
        await keyboard.PressAsync("Enter");
        await Expect(Heading(opened, "3 tracks selected")).ToBeFocusedAsync();
        await Panel(opened).GetByRole(AriaRole.Button, new() { Name = "Take Night Train out" }).PressAsync("Enter");
        await Expect(Heading(opened, "2 tracks selected")).ToBeVisibleAsync();
        (await opened.Page.EvaluateAsync<string>("document.activeElement.ariaLabel")).Should().StartWith("Take ");
        await keyboard.PressAsync("Escape");
        await Expect(Panel(opened)).ToBeHiddenAsync();
        await Expect(opened.Page.Locator("#rows a:focus")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_selection_outlives_searches_and_pages_and_keeps_its_order()
    {
        for (var i = 0; i < 52; i++) await site.AddHeardAsync($"marked {i:00}", "marked");
        await using var opened = await browser.OpenAsync(await site.StartAsync("marked"), "/?sort=Title");
        await Expect(opened.Rows).ToHaveCountAsync(50);

        await Box(opened, 1).CheckAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Expect(opened.Rows).ToHaveCountAsync(2);
        await Box(opened, 1).CheckAsync();
        await opened.Page.FillAsync("#text", "33");
        await Expect(opened.Rows).ToHaveCountAsync(1);
        await Box(opened, 0).CheckAsync();
        await opened.Page.FillAsync("#text", "");
        await Expect(opened.Rows).ToHaveCountAsync(50);

        await Expect(Bar(opened)).ToContainTextAsync("3 selected");
        await Expect(opened.Rows.Locator("input:checked")).ToHaveCountAsync(2);
        await Bar(opened).GetByRole(AriaRole.Button, new() { Name = "Ask about them" }).ClickAsync();
        await Expect(Panel(opened).Locator(".chosen a")).ToHaveTextAsync(["marked 01", "marked 51", "marked 33"]);
    }

    [Fact]
    public async Task The_answer_to_a_question_about_a_selection_cites_tracks_that_one_can_open()
    {
        await using var opened = await browser.OpenAsync(Home, "/?state=Ready&sort=Bpm");
        await Box(opened, 3).CheckAsync();
        await Box(opened, 0).CheckAsync();
        await Bar(opened).GetByRole(AriaRole.Button, new() { Name = "Ask about them" }).ClickAsync();
        var box = Panel(opened).GetByRole(AriaRole.Textbox);
        await box.FillAsync("Which is faster?");
        var sent = await opened.Page.RunAndWaitForResponseAsync(
            () => box.PressAsync("Enter"),
            response => response.Url.EndsWith("/v1/questions") && response.Request.Method == "POST");
        await Expect(Panel(opened).Locator(".questions li")).ToContainTextAsync("Waiting for its turn");
        await Expect(box).ToHaveValueAsync("");

        var (ledger, claim) = await site.ClaimAsync((await sent.JsonAsync())!.Value.GetProperty("id").GetInt64());
        await ledger.CommitAsync(
            claim, new Answer(
                $"[1] Battle Epic is faster. [9] {Hostile} (This model was trained on one track at a time.)",
                AnswerOutcome.Answered, 1,
                [.. new[] { "[1] 128.0", "[2] 72.0" }
                    .Select(bpm => new ToolCall("GetAudioTempo", bpm, DateTime.UnixEpoch))],
                "tiny-1", "3", "open", 249, DateTime.UnixEpoch), CancellationToken.None);

        await Expect(Panel(opened).Locator(".answer")).ToHaveTextAsync(
            $"[1] Battle Epic is faster. [9] {Hostile} (This model was trained on one track at a time.)");
        await Expect(Panel(opened).Locator(".questions")).ToContainTextAsync("About [1] Battle Epic, [2] Quiet River");
        await Expect(Panel(opened).Locator(".questions")).ToContainTextAsync("tiny-1 heard 4:09 · rules 3");
        await Expect(Panel(opened).Locator("summary")).ToHaveTextAsync("2 measurements used");
        await Panel(opened).Locator("summary").ClickAsync();
        await Expect(Panel(opened).Locator("details li").Nth(1)).ToContainTextAsync("GetAudioTempo: [2] 72.0 at ");
        await Expect(Panel(opened).Locator(".answer a")).ToHaveTextAsync(["[1]"]);
        (await Panel(opened).Locator("img").CountAsync()).Should().Be(0);

        await Panel(opened).Locator(".answer a").ClickAsync();
        await Expect(opened.Track.GetByRole(AriaRole.Heading, new() { Name = "Battle Epic" })).ToBeFocusedAsync();
        await Expect(Panel(opened)).ToBeHiddenAsync();
        await Expect(opened.Track.Locator(".questions li").First).ToContainTextAsync("Which is faster?");
        await opened.Page.GoBackAsync();
        await Expect(Panel(opened).Locator(".answer")).ToContainTextAsync("is faster");
        await Expect(opened.Track).ToBeHiddenAsync();
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_asked_about_is_said_before_anything_is_sent()
    {
        await using var opened = await browser.OpenAsync(Home, "/?sort=Title");
        await Expect(opened.Rows).ToHaveCountAsync(7);
        await opened.Rows.Filter(new() { HasText = "Hard Case" }).GetByRole(AriaRole.Checkbox).CheckAsync();
        await Bar(opened).GetByRole(AriaRole.Button, new() { Name = "Ask about them" }).ClickAsync();

        await Expect(Panel(opened)).ToContainTextAsync("Tracks that are Failed, Rejected or Missing cannot be asked about; 1 is.");
        await Expect(Panel(opened).GetByRole(AriaRole.Textbox)).ToBeDisabledAsync();
        await Panel(opened).GetByRole(AriaRole.Button, new() { Name = "Take Hard Case out" }).ClickAsync();
        await Expect(Panel(opened)).ToContainTextAsync("Select tracks in the list to ask about them.");
        await opened.Rows.Filter(new() { HasText = "Night Train" }).GetByRole(AriaRole.Checkbox).CheckAsync();
        await Expect(Panel(opened).GetByRole(AriaRole.Textbox)).ToBeEnabledAsync();
    }

    [Fact]
    public async Task More_than_eight_tracks_can_be_marked_but_not_asked_about_at_once()
    {
        for (var i = 0; i < 9; i++) await site.AddHeardAsync($"many {i}", "many");
        await using var opened = await browser.OpenAsync(await site.StartAsync("many"));
        await Expect(opened.Rows).ToHaveCountAsync(9);
        await Box(opened, 0).CheckAsync();
        await Box(opened, 8).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Bar(opened).GetByRole(AriaRole.Button, new() { Name = "Ask about them" }).ClickAsync();

        await Expect(Panel(opened)).ToContainTextAsync("One question is about 8 tracks at most.");
        var ask = Panel(opened).GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true });
        await Expect(ask).ToBeDisabledAsync();
        await Panel(opened).Locator(".chosen button").First.ClickAsync();
        await Expect(ask).ToBeEnabledAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 1440)]
    public async Task On_a_telephone_too_all_of_it_is_in_reach_and_axe_has_no_complaint(ColorScheme scheme, int width)
    {
        await using var opened = await browser.OpenAsync(Home, "/?state=Ready", width, 740, scheme);
        await Expect(opened.Rows).ToHaveCountAsync(4);
        await Box(opened, 0).CheckAsync();
        await Box(opened, 1).CheckAsync();
        await Expect(Bar(opened)).ToBeInViewportAsync(new() { Ratio = 1 });
        (await opened.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"))
            .Should().BeLessThanOrEqualTo(width);
        await AxeAsync(opened);

        await Bar(opened).GetByRole(AriaRole.Button, new() { Name = "Ask about them" }).ClickAsync();
        await Expect(Panel(opened)).ToBeInViewportAsync();
        await Expect(opened.Page.Locator("#tracks")).ToHaveJSPropertyAsync("inert", width < 1180);
        await AxeAsync(opened);
        await Panel(opened).GetByRole(AriaRole.Button, new() { Name = "Close the selection" }).ClickAsync();
        await Expect(opened.Page.Locator("#tracks")).ToHaveJSPropertyAsync("inert", false);
    }

    private static async Task AxeAsync(PageUnderTest opened) =>
        (await opened.Page.RunAxe()).Violations.Select(violation => $"{violation.Id}: {violation.Help}: "
            + $"{string.Join(" | ", violation.Nodes.Select(node => node.Html))}").Should().BeEmpty();

    private static ILocator Bar(PageUnderTest opened) => opened.Page.Locator("#selection-bar");

    private static ILocator Heading(PageUnderTest opened, string name) =>
        Panel(opened).GetByRole(AriaRole.Heading, new() { Name = name });

    private static ILocator Panel(PageUnderTest opened) => opened.Page.Locator("#selection");

    private static ILocator Box(PageUnderTest opened, int row) => opened.Rows.Nth(row).GetByRole(AriaRole.Checkbox);
}
