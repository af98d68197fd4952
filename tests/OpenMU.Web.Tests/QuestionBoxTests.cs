using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenMU.Catalogue.Questions;
using OpenMU.Music.Questions;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>The question box under a track, in a real browser.</summary>
public sealed class QuestionBoxTests(Site site, Browser browser)
{
    private const string HostileAnswer = "<img src=x onerror=\"document.title='owned'\"> It is in A minor.";

    private Uri Loose => site.LooseClient.BaseAddress!;

    [Fact]
    public async Task A_question_typed_and_sent_by_keyboard_shows_its_answer_as_it_arrives()
    {
        var track = await site.AddHeardAsync("typed");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var section = opened.Track.Locator(".ask-about");

        await section.GetByRole(AriaRole.Textbox).FocusAsync();
        await opened.Page.Keyboard.TypeAsync("Which <b>key</b>?");
        await opened.Page.Keyboard.PressAsync("Enter");
        await Expect(section.Locator("li")).ToContainTextAsync("Waiting for its turn");
        await Expect(section.GetByRole(AriaRole.Textbox)).ToHaveValueAsync("");
        await Expect(section.GetByRole(AriaRole.Textbox)).ToBeFocusedAsync();

        var (ledger, claim) = await site.ClaimAsync(await LastQuestionAsync(track));
        await Expect(section.Locator("li")).ToContainTextAsync("Listening");
        await ledger.CommitAsync(
            claim, new Answer(
                HostileAnswer, AnswerOutcome.Answered, 2, [new ToolCall("GetAudioKey", HostileAnswer, DateTime.UnixEpoch)],
                "tiny-1", "2", "open", 30, DateTime.UnixEpoch), CancellationToken.None);

        await Expect(section.Locator(".asked")).ToHaveTextAsync("Which <b>key</b>?");
        await Expect(section.Locator(".answer")).ToHaveTextAsync(HostileAnswer);
        await Expect(section.Locator("ol > li")).ToContainTextAsync(
            "tiny-1 heard 0:30 · rules 2 · 2 sentences left out");
        await Expect(section.Locator("summary")).ToHaveTextAsync("1 measurement used");
        await Expect(section.Locator("details li")).ToContainTextAsync($"GetAudioKey: {HostileAnswer}");
        await Expect(opened.Page.Locator("#spoken")).ToContainTextAsync("Answer:");
        (await section.Locator("img, b").CountAsync()).Should().Be(0);
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_question_that_cannot_be_answered_says_why()
    {
        var track = await site.AddHeardAsync("unanswerable");
        await using var opened = await browser.OpenAsync(Loose, $"/#/track/{track}");
        var section = opened.Track.Locator(".ask-about");
        await section.GetByRole(AriaRole.Textbox).FillAsync("Which key?");
        await section.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        await Expect(section.Locator("li")).ToContainTextAsync("Waiting for its turn");

        var (ledger, claim) = await site.ClaimAsync(await LastQuestionAsync(track));
        await ledger.RejectAsync(claim, "No model is loaded.", CancellationToken.None);

        await Expect(section.Locator(".state.rejected")).ToHaveTextAsync("No model is loaded.");
    }

    [Fact]
    public async Task Without_a_model_the_box_is_closed_and_says_so()
    {
        await using var opened =
            await browser.OpenAsync(site.Client.BaseAddress!, $"/#/track/{site.Ids["Battle Epic"]}");

        await Expect(opened.Track.Locator(".ask-about").GetByRole(AriaRole.Textbox)).ToBeDisabledAsync();
        await Expect(opened.Track).ToContainTextAsync("No model is loaded, so questions cannot be answered.");
    }

    [Fact]
    public async Task A_tag_finds_the_tracks_that_have_it()
    {
        await using var opened =
            await browser.OpenAsync(site.Client.BaseAddress!, $"/#/track/{site.Ids["Night Train"]}");

        await opened.Track.GetByRole(AriaRole.Button, new() { Name = "night 80 %" }).ClickAsync();

        await Expect(opened.Page).ToHaveURLAsync(new Regex("facet=\\w+(:|%3A)night"));
        await Expect(opened.Rows).ToHaveCountAsync(1);
    }

    private async Task<long> LastQuestionAsync(long track)
    {
        var questions =
            await System.Net.Http.Json.HttpClientJsonExtensions.GetFromJsonAsync<System.Text.Json.JsonElement>(
                site.LooseClient, $"/v1/tracks/{track}/questions");
        return questions[0].GetProperty("id").GetInt64();
    }
}
