using System.Text;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OpenMU.Web.Tests;

/// <summary>A table of the owner's at the page: tried, taken in, and back what cannot be taken.</summary>
public sealed class ImportPageTests(Site site, Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Loose => site.LooseClient.BaseAddress!;

    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(400, ColorScheme.Dark)]
    public async Task A_table_is_tried_taken_in_and_what_is_wrong_comes_back_to_be_mended(int width, ColorScheme scheme)
    {
        var track = await site.AddHeardAsync($"dingo {width}");
        await using var opened = await browser.OpenAsync(Loose, "/#/import", width, 900, scheme);
        var panel = opened.Page.Locator("#import");
        await Expect(panel.GetByRole(AriaRole.Heading, new() { Name = "Import a table" })).ToBeFocusedAsync();
        await Button(panel, "Try it").ClickAsync();
        await Expect(panel.Locator(".error-text")).ToHaveTextAsync("Choose a file first.");

        await panel.GetByLabel("File").SetInputFilesAsync(new FilePayload
        {
            Name = "our songs.csv",
            MimeType = "text/csv",
            Buffer = Encoding.UTF8.GetBytes(
                $"trackId,Our shelf,bpm\r\n{track},<b>7</b>,120\r\n{track},8,fast\r\n999999,9,100\r\n"),
        });
        await Button(panel, "Try it").ClickAsync();
        await Expect(panel).ToContainTextAsync("1 row would be taken in.");
        await Expect(panel).ToContainTextAsync("2 rows come back.");
        await Expect(panel).ToContainTextAsync("Row 3: BPM 'fast' is no number.");
        await Expect(Button(panel, "Take it in")).ToBeFocusedAsync();
        (await ShelfAsync(track)).Should().BeNull("it was only tried");

        await opened.Page.Keyboard.PressAsync("Enter");
        await Expect(panel).ToContainTextAsync("1 row taken in.");
        (await ShelfAsync(track)).Should().Be("<b>7</b>");
        var downloading = opened.Page.WaitForDownloadAsync();
        await panel.GetByRole(AriaRole.Link, new() { Name = "Download them" }).ClickAsync();
        var download = await downloading;
        download.SuggestedFilename.Should().Be("our songs.bad.csv");
        (await File.ReadAllTextAsync((await download.PathAsync())!, Cancel)).Should()
            .StartWith("trackId,Our shelf,bpm,error\r\n").And.Contain("BPM 'fast' is no number.");
        await panel.GetByText("What the columns were taken for").ClickAsync();
        await Expect(panel).ToContainTextAsync("x.Our shelf");

        var found = await opened.Page.RunAxe();
        found.Violations.Select(violation => $"{violation.Id}: {violation.Help}").Should().BeEmpty();
        opened.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_no_table_is_told_in_words()
    {
        await using var opened = await browser.OpenAsync(Loose, "/#/import");
        var panel = opened.Page.Locator("#import");
        await panel.GetByLabel("File").SetInputFilesAsync(new FilePayload
        {
            Name = "a.csv",
            MimeType = "text/csv",
            Buffer = Encoding.UTF8.GetBytes("title,title\r\nx,y\r\n"),
        });
        await Button(panel, "Try it").ClickAsync();

        await Expect(panel.Locator(".error-text")).ToHaveTextAsync("The body has two columns 'title'.");
        await Expect(Button(panel, "Take it in")).ToBeHiddenAsync();
    }

    private static ILocator Button(ILocator panel, string name) =>
        panel.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private async Task<string?> ShelfAsync(long track)
    {
        await using var db = site.Catalogue.CreateDbContext();
        return (await db.OwnerRecords.FindAsync([track], Cancel))?.Fields.One("x.Our shelf");
    }
}
