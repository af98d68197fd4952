using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>The view of one track, uploads by the page, and what accessibility can be checked by rule.</summary>
public sealed class TrackViewTests(Site site, Browser browser)
{
    private Uri Home => site.Client.BaseAddress!;

    [Fact]
    public async Task A_link_to_a_track_opens_it_with_its_facts_and_where_they_come_from()
    {
        await using var opened = await browser.OpenAsync(Home, Link("Battle Epic"));
        var track = opened.Track;

        await Expect(track).ToContainTextAsync("128.0 BPM");
        await Expect(track).ToContainTextAsync("90 % sure");
        await Expect(track).ToContainTextAsync("or 64.0 (7 %), 256.0 (3 %)");
        await Expect(track).ToContainTextAsync("Camelot 8A");
        await Expect(track).ToContainTextAsync("−9.5 LUFS");
        await Expect(track).ToContainTextAsync("true peak −1.1 dBTP");
        await Expect(track).ToContainTextAsync("PCM · 8 kHz · mono");
        await track.GetByText("Where this comes from").ClickAsync();
        await Expect(track.GetByRole(AriaRole.Row, new() { Name = "Bpm" })).ToContainTextAsync("mir.tempo 1");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task Without_a_model_the_view_says_that_there_is_none_and_with_one_it_shows_the_caption()
    {
        await using var without = await browser.OpenAsync(Home, Link("Battle Epic"));
        await Expect(without.Track).ToContainTextAsync("No model is loaded, so captions and tags are empty.");

        await using var with = await browser.OpenAsync(Home, Link("Night Train"));
        await Expect(with.Track).ToContainTextAsync("A driving track with a walking bass.");
        await Expect(with.Track).ToContainTextAsync("A walking bass under brushed drums.");
        await Expect(with.Track.GetByRole(AriaRole.Button, new() { Name = "night 80 %" })).ToBeVisibleAsync();
        await Expect(with.Track).Not.ToContainTextAsync("No model is loaded");
    }

    [Fact]
    public async Task A_tag_says_who_gives_it_and_finds_others_that_have_it()
    {
        await using var opened = await browser.OpenAsync(Home, Link("Night Train"));
        var tag = opened.Track.GetByRole(AriaRole.Button, new() { Name = "night 80 %" });
        await Expect(tag).ToHaveAttributeAsync("title", new System.Text.RegularExpressions.Regex("^Find more by mood · by model "));

        await tag.ClickAsync();

        await Expect(opened.Rows).ToHaveCountAsync(1);
        await Expect(opened.Rows.First).ToContainTextAsync("Night Train");
        opened.Page.Url.Should().Contain("facet=mood%3Anight");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_persons_correction_stands_first_with_the_measurement_below_it()
    {
        var id = await site.AddCorrectedAsync("half as fast", by: "Ada", bpm: 63);
        await using var opened = await browser.OpenAsync(site.LooseClient.BaseAddress!, $"/#/track/{id}");

        await Expect(opened.Track).ToContainTextAsync("63.0 BPM");
        await Expect(opened.Track).ToContainTextAsync("set by Ada; measured 126.0");
        await Expect(opened.Track).ToContainTextAsync("80 % sure");
    }

    [Fact]
    public async Task Space_plays_the_track_and_the_beats_are_drawn()
    {
        await using var opened = await browser.OpenAsync(Home, Link("Battle Epic"));
        var audio = opened.Track.Locator("audio");
        await Expect(audio).ToHaveJSPropertyAsync("duration", 4);
        await BeatsAndChordsLeaveMarksAsync(opened);

        await opened.Page.Keyboard.PressAsync(" ");

        await Expect(audio).ToHaveJSPropertyAsync("paused", false);
        await opened.Page.WaitForFunctionAsync("() => document.querySelector('audio').currentTime > 0.2");
        await opened.Page.Keyboard.PressAsync(" ");
        await Expect(audio).ToHaveJSPropertyAsync("paused", true);
    }

    [Theory]
    [InlineData("Broken File", "This file was rejected", "The file holds no audio.")]
    [InlineData("Hard Case", "The analysis failed", "The worker ran out of memory five times.")]
    [InlineData("Waiting Room", "This track waits for its analysis.", "")]
    public async Task A_track_that_is_not_ready_says_why(string title, string verdict, string reason)
    {
        await using var opened = await browser.OpenAsync(Home, Link(title));

        await Expect(opened.Track.Locator(".verdict")).ToContainTextAsync(verdict);
        await Expect(opened.Track.Locator(".verdict")).ToContainTextAsync(reason);
    }

    [Fact]
    public async Task A_link_to_no_track_says_so()
    {
        await using var opened = await browser.OpenAsync(Home, "/#/track/999999");

        await Expect(opened.Track).ToContainTextAsync("There is no such track");
    }

    [Fact]
    public async Task Tracks_that_mix_well_are_one_click_away()
    {
        await using var opened = await browser.OpenAsync(Home, Link("Battle Epic"));

        await opened.Track.GetByRole(AriaRole.Button, new() { Name = "Tracks that mix well" }).ClickAsync();

        // 8A itself, its relative major 8B and its neighbour 7A; not 11A.
        await Expect(opened.Rows).ToHaveCountAsync(3);
        await Expect(opened.Page.Locator("#rows")).Not.ToContainTextAsync("Night Train");
    }

    [Fact]
    public async Task A_chosen_file_is_uploaded_and_a_name_in_use_offers_to_replace()
    {
        await using var opened = await browser.OpenAsync(await site.StartAsync("uploader"));
        var file = new FilePayload { Name = "from the page.wav", MimeType = "audio/wav", Buffer = site.Audio };

        await opened.Page.SetInputFilesAsync("#files", file);
        await Expect(opened.Page.Locator("#upload-list li").First).ToContainTextAsync("Received");
        var blob = site.Storage.Tracks.GetBlobClient("uploader/from the page.wav");
        (await blob.DownloadContentAsync()).Value.Content.ToArray().Should().Equal(site.Audio);

        await opened.Page.SetInputFilesAsync("#files", file);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Replace" }).ClickAsync();
        await Expect(opened.Page.Locator("#upload-list .sent")).ToHaveCountAsync(2);
    }

    [Theory]
    [InlineData("/", ColorScheme.Light, 1440)]
    [InlineData("/", ColorScheme.Dark, 1440)]
    [InlineData("/?text=nothingsoundslikethis", ColorScheme.Light, 1440)]
    [InlineData("track", ColorScheme.Light, 1440)]
    [InlineData("track", ColorScheme.Dark, 390)]
    [InlineData("rejected", ColorScheme.Light, 390)]
    public async Task Axe_finds_nothing_to_complain_about(string what, ColorScheme scheme, int width)
    {
        var path = what switch { "track" => Link("Night Train"), "rejected" => Link("Broken File"), _ => what };
        await using var opened = await browser.OpenAsync(Home, path, width, scheme: scheme);
        await Expect(opened.Page.Locator("#summary")).Not.ToBeEmptyAsync();
        if (what is "track" or "rejected") await Expect(opened.Track).ToBeVisibleAsync();

        var found = await opened.Page.RunAxe();

        found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: "
            + $"{string.Join(" | ", violation.Nodes.Select(node => node.Html))}").Should().BeEmpty();
    }

    private string Link(string title) => $"/#/track/{site.Ids[title]}";

    private static Task<IJSHandle> BeatsAndChordsLeaveMarksAsync(PageUnderTest opened) =>
        opened.Page.WaitForFunctionAsync(
        """
        () => {
          const canvas = document.querySelector(".beats");
          const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          return pixels.filter((value, i) => i % 4 === 3 && value > 0).length > 50;
        }
        """);
}
