using System.Net.Http.Json;
using System.Text.Json;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using OpenMU.Catalogue.Fields;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>The fields of a track in a real browser: looked at, put right, taken back.</summary>
public sealed class FieldPageTests(Site site, Browser browser)
{
    private const string Hostile = "<img src=x onerror=\"document.title='owned'\">";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Loose => site.LooseClient.BaseAddress!;

    [Fact]
    public async Task A_field_is_put_right_by_keyboard_and_the_others_word_stays_beside_it()
    {
        var track = await OwnedAsync("field by hand");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var bpm = Field(opened, "bpm");
        await Expect(bpm).ToContainTextAsync("126 measured");
        await Expect(bpm.Locator(".differs")).ToHaveTextAsync(
            "owner's data: 63 (the same beat at another level)");

        await bpm.GetByRole(AriaRole.Button).FocusAsync();
        await opened.Page.Keyboard.PressAsync("Enter");
        await Expect(bpm.GetByRole(AriaRole.Textbox)).ToBeFocusedAsync();
        await opened.Page.Keyboard.TypeAsync("63,5");
        await opened.Page.Keyboard.PressAsync("Enter");

        await Expect(bpm).ToContainTextAsync("63.5 corrected");
        await Expect(bpm).ToContainTextAsync("measured: 126 · owner's data: 63");
        await Expect(bpm.GetByRole(AriaRole.Button)).ToBeFocusedAsync();
        await Expect(opened.Track.Locator(".measures")).ToContainTextAsync("63.5 BPM");
        await Expect(opened.Rows.Filter(new() { HasText = "field by hand" })).ToContainTextAsync("63.5");

        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.Page.Keyboard.PressAsync("Escape");
        await Expect(opened.Track).ToBeVisibleAsync();
        await Expect(bpm.GetByRole(AriaRole.Button)).ToBeFocusedAsync();
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_no_value_is_told_under_its_field_and_kept_to_be_mended()
    {
        var track = await site.AddHeardAsync("field gone wrong");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var key = Field(opened, "key");
        await key.GetByRole(AriaRole.Button).ClickAsync();
        await key.GetByRole(AriaRole.Textbox).FillAsync("H minor");
        await opened.Page.Keyboard.PressAsync("Enter");

        await Expect(key.GetByRole(AriaRole.Alert)).ToHaveTextAsync(
            "There is no key 'H minor': give one such as Am, C# minor or 8A.");
        await Expect(key.GetByRole(AriaRole.Textbox)).ToHaveValueAsync("H minor");
        await key.GetByRole(AriaRole.Textbox).FillAsync("8B");
        await opened.Page.Keyboard.PressAsync("Enter");
        await Expect(key).ToContainTextAsync("C major corrected");
    }

    [Fact]
    public async Task Lists_are_written_with_semicolons_and_a_correction_is_withdrawn()
    {
        var track = await site.AddHeardAsync("field of many");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var moods = Field(opened, "moods");
        await moods.GetByRole(AriaRole.Button).ClickAsync();
        await moods.GetByRole(AriaRole.Textbox).FillAsync($"calm; {Hostile}");
        await moods.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(moods).ToContainTextAsync($"calm; {Hostile} corrected");
        (await opened.Page.Locator("img").CountAsync()).Should().Be(0);

        await moods.GetByRole(AriaRole.Button).ClickAsync();
        await moods.GetByRole(AriaRole.Button, new() { Name = "There is none" }).ClickAsync();
        await Expect(moods).ToContainTextAsync("none corrected");
        await moods.GetByRole(AriaRole.Button).ClickAsync();
        await moods.GetByRole(AriaRole.Button, new() { Name = "Withdraw correction" }).ClickAsync();
        await Expect(moods).ToContainTextAsync("night heard");
        await Expect(moods).Not.ToContainTextAsync("corrected");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_field_that_nobody_has_said_anything_about_is_added()
    {
        var track = await site.AddHeardAsync("field from nothing");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");

        await opened.Track.GetByLabel("Add a field").SelectOptionAsync("ISRC");
        await Field(opened, "isrc").GetByRole(AriaRole.Textbox).FillAsync("de-ab1-23-45678");
        await opened.Page.Keyboard.PressAsync("Enter");

        await Expect(Field(opened, "isrc")).ToContainTextAsync("DEAB12345678 corrected");
        await Expect(Field(opened, "isrc")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Somebody_elses_change_is_told_and_neither_is_lost()
    {
        var track = await site.AddHeardAsync("field of two");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var title = Field(opened, "caption");
        await title.GetByRole(AriaRole.Button).ClickAsync();
        await title.GetByRole(AriaRole.Textbox).FillAsync("Mine.");
        await PatchAsync(track, """{"caption": "Theirs."}""");
        await opened.Page.Keyboard.PressAsync("Enter");

        await Expect(title.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody has changed this track's data meanwhile");
        await Expect(title.GetByRole(AriaRole.Textbox)).ToHaveValueAsync("Mine.");
        await title.GetByRole(AriaRole.Button, new() { Name = "Show theirs" }).ClickAsync();
        await Expect(title).ToContainTextAsync("Theirs. corrected");
    }

    [Fact]
    public async Task The_history_takes_a_change_back_and_says_so()
    {
        var track = await site.AddHeardAsync("field with a past");
        await PatchAsync(track, """{"label": "First", "year": 2001}""");
        await PatchAsync(track, """{"label": "Second"}""");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");

        await opened.Track.GetByText("History").ClickAsync();
        var changes = opened.Track.Locator(".change");
        await Expect(changes).ToHaveCountAsync(2);
        await Expect(changes.First).ToContainTextAsync("label: First → Second");
        await changes.First.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();

        await Expect(Field(opened, "label")).ToContainTextAsync("First corrected");
        await Expect(changes).ToHaveCountAsync(3);
        await Expect(changes.Nth(1)).ToContainTextAsync("taken back");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_track_is_approved_and_locked_and_then_nothing_can_be_changed()
    {
        var track = await site.AddHeardAsync("field under lock");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var section = opened.Track.Locator(".fields");

        await section.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await Expect(section).ToContainTextAsync("Approved by somebody at the page");
        await section.GetByRole(AriaRole.Button, new() { Name = "Lock", Exact = true }).ClickAsync();
        await Expect(section).ToContainTextAsync("Locked by somebody at the page: unlock it to change something.");
        (await section.Locator("[data-field] button").CountAsync()).Should().Be(0);
        await section.GetByRole(AriaRole.Button, new() { Name = "Unlock", Exact = true }).ClickAsync();
        await Expect(Field(opened, "bpm").GetByRole(AriaRole.Button)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_is_being_written_elsewhere_on_the_panel_is_kept_when_a_field_changes()
    {
        var track = await site.AddHeardAsync("field beside a question");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var question = opened.Track.Locator(".ask input");
        await question.FillAsync("Is it a waltz");

        await Field(opened, "metre").GetByRole(AriaRole.Button).ClickAsync();
        await Field(opened, "metre").GetByRole(AriaRole.Textbox).FillAsync("3");
        await opened.Page.Keyboard.PressAsync("Enter");

        await Expect(Field(opened, "metre")).ToContainTextAsync("3 corrected");
        await Expect(question).ToHaveValueAsync("Is it a waltz");
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task While_a_field_is_edited_the_panel_keeps_the_rules_of_accessibility(ColorScheme scheme, int width)
    {
        var track = await OwnedAsync($"field for all {width}");
        await PatchAsync(track, """{"title": "A rather long title that somebody has written by hand, to see where it breaks"}""");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}", width, scheme: scheme);
        await Field(opened, "genres").GetByRole(AriaRole.Button).ClickAsync();
        await opened.Track.GetByText("History").ClickAsync();
        await Expect(opened.Track.Locator(".change")).ToHaveCountAsync(1);

        var result = await opened.Page.RunAxe();
        result.Violations.Where(violation => violation.Impact is "serious" or "critical").Select(violation => violation.Id)
            .Should().BeEmpty();
        (await opened.Page.EvaluateAsync<int>("document.querySelector('#track').scrollWidth - document.querySelector('#track').clientWidth"))
            .Should().BeLessThanOrEqualTo(0);
    }

    private static ILocator Field(PageUnderTest opened, string name) => opened.Track.Locator($"[data-field='{name}']");

    private async Task<long> OwnedAsync(string title)
    {
        var track = await site.AddHeardAsync(title);
        await using var db = site.Catalogue.CreateDbContext();
        db.OwnerRecords.Add(new OwnerRecord
        {
            TrackId = track,
            Tenant = "loose",
            By = "import",
            Fields = FieldSet.Empty.With("bpm", ["63"]).With("isrc", ["DEAB12345678"]).With("genres", ["Fado"]),
        });
        await db.SaveChangesAsync(Cancel);
        return track;
    }

    private async Task PatchAsync(long track, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/v1/tracks/{track}")
        {
            Content = JsonContent.Create(JsonSerializer.Deserialize<JsonElement>(body)),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        (await site.LooseClient.SendAsync(request, Cancel)).EnsureSuccessStatusCode();
    }
}
