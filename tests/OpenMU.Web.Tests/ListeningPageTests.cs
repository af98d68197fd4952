using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using OpenMU.Testing;
using OpenMU.Training.Evaluation.Listening;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>The page of a listening test as somebody uses it who opens it from a disk.</summary>
public sealed class ListeningPageTests(Browser browser) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_listens_chooses_goes_on_after_a_break_and_saves_what_the_scores_read()
    {
        var test = ListeningTest.Draw(
            new SystemTexts("alpha", new Dictionary<string, string> { ["a.ogg"] = "A calm piano.", ["b.ogg"] = "A loud band." }),
            new SystemTexts("beta", new Dictionary<string, string> { ["a.ogg"] = "A march.", ["b.ogg"] = "Rock <with> drums." }),
            most: 2, checks: 1, seed: 4);
        await WriteAsync(test);
        await using var opened = await browser.OpenAsync(new Uri("file://" + folder.FullName + "/"), "index.html");
        var page = opened.Page;
        (await page.RunAxe()).Violations.Should().BeEmpty();
        await page.GetByLabel("Your name or a nickname").FillAsync("Ann, \"the ear\"");
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();

        await Expect(page.GetByText("Recording 1 of 3")).ToBeVisibleAsync();
        (await page.RunAxe()).Violations.Should().BeEmpty();
        var left = page.GetByRole(AriaRole.Button, new() { Name = "The left one" });
        await Expect(left).ToBeDisabledAsync();
        await Expect(page.GetByText("Please listen for 5 seconds at least.")).ToBeVisibleAsync();
        await PlayAsync(page);
        await page.Keyboard.PressAsync("1");
        await Expect(left).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Locator("#rightUntrue").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Expect(page.GetByText("Recording 2 of 3")).ToBeVisibleAsync();

        // The browser is closed in the middle, and the page is opened again.
        await page.ReloadAsync();
        await page.GetByLabel("Your name or a nickname").FillAsync("Ann, \"the ear\"");
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        await Expect(page.GetByText("Recording 2 of 3")).ToBeVisibleAsync();
        foreach (var name in (string[])["About the same", "The right one"])
        {
            await PlayAsync(page);
            await page.GetByRole(AriaRole.Button, new() { Name = name }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        }

        var saved = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = "Save the answers (CSV)" }).ClickAsync());
        saved.SuggestedFilename.Should().Be("answers-Ann-the-ear-.csv");
        var table = Path.Combine(folder.FullName, "answers.csv");
        await saved.SaveAsAsync(table);
        var answers = ListeningAnswer.ReadTable(table);
        answers.Should().HaveCount(3).And.OnlyContain(answer => answer.Listener == "Ann, \"the ear\"");
        answers.Single(answer => answer.RightUntrue).Choice.Should().Be(Side.Left);
        answers.Select(answer => answer.Choice).Should().BeEquivalentTo(new Side?[] { Side.Left, null, Side.Right });
        ListeningScores.Of(test, answers, withAll: true).Listeners.Should().Be(1);
        opened.Complaints.Should().BeEmpty();
    }

    public void Dispose() => folder.Delete(recursive: true);

    // Short sounds: heard when they are over.
    private static async Task PlayAsync(IPage page)
    {
        await page.EvaluateAsync(
            "() => { const sound = document.getElementById('sound'); sound.muted = true; sound.playbackRate = 4; return sound.play(); }");
        await Expect(page.Locator("#hint")).ToBeEmptyAsync();
    }

    private async Task WriteAsync(ListeningTest test)
    {
        var sounds = Path.Combine(folder.FullName, ListeningPage.SoundFolder);
        Directory.CreateDirectory(sounds);
        foreach (var trial in test.Trials)
            await File.WriteAllBytesAsync(Path.Combine(sounds, trial.SoundFile), TestSound.Clicks(0.4, 44_100), Cancel);
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "index.html"), ListeningPage.Of(test), Cancel);
    }
}
