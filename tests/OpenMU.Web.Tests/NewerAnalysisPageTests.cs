using Microsoft.Playwright;
using OpenMU.Catalogue.Jobs;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>A track whose earlier analysis is shown while a newer model's is under way, in a real browser.</summary>
public sealed class NewerAnalysisPageTests(Site site, Browser browser)
{
    private Uri Loose => site.LooseClient.BaseAddress!;

    [Theory]
    [InlineData(JobState.Queued, "A newer analysis waits for its turn.")]
    [InlineData(JobState.Analysing, "A newer analysis is under way.")]
    [InlineData(JobState.Failed, "A newer analysis failed. An operator can send it again.")]
    [InlineData(JobState.Rejected, "A newer analysis rejected the file.")]
    public async Task The_panel_says_how_it_stands_with_a_newer_analysis_beside_what_is_known(
        JobState state, string said)
    {
        var track = await site.AddHeardAsync($"anew {state}");
        await site.AddNewerJobAsync(track, state, "The model <b>ran</b> out of memory.");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var notice = opened.Track.Locator(".newer");

        await Expect(notice).ToContainTextAsync(said);
        await Expect(notice).ToContainTextAsync("Model tiny-2. What is shown here is the earlier analysis.");
        var reason = notice.GetByText("The model <b>ran</b> out of memory.");
        await Expect(reason).ToHaveCountAsync(state is JobState.Failed or JobState.Rejected ? 1 : 0);
        await Expect(opened.Track).ToContainTextAsync("126.0");
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task One_that_becomes_Ready_is_offered_and_what_is_typed_meanwhile_stays()
    {
        var track = await site.AddHeardAsync("anew and ready");
        var job = await site.AddNewerJobAsync(track, JobState.Queued, reason: null);
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var box = opened.Track.GetByRole(AriaRole.Textbox, new() { Name = "Your question" });
        await box.FillAsync("Half a question");

        await site.FinishAsync(track, job, bpm: 90);

        await Expect(opened.Track.Locator(".newer")).ToContainTextAsync("A newer analysis is there.");
        await Expect(box).ToHaveValueAsync("Half a question");
        await opened.Track.GetByRole(AriaRole.Button, new() { Name = "Show it" }).ClickAsync();
        await Expect(opened.Track).ToContainTextAsync("90.0");
        await Expect(opened.Track.Locator(".newer")).ToHaveCountAsync(0);
    }
}
