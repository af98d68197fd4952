using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

[assembly: AssemblyFixture(typeof(OpenMU.Web.Tests.Browser))]

namespace OpenMU.Web.Tests;

/// <summary>The Chromium of this machine, without a window. Nothing is downloaded.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private IPlaywright? playwright;
    private IBrowser? chromium;

    public async ValueTask InitializeAsync()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (path is null) return;
        // Generous, because a loaded machine is slow and a right answer does not wait for it.
        SetDefaultExpectTimeout(60_000);
        playwright = await Playwright.CreateAsync();
        chromium = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync"
            ],
        });
    }

    /// <summary>Opens the page in a context of its own; skips the test on a machine without Chromium.</summary>
    public async Task<PageUnderTest> OpenAsync(
        Uri site, string path = "/", int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipWhen(
            chromium is null,
            "Chromium is not installed on this machine (apt-get install chromium); the page was not tested.");
        var context = await chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = site.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            Locale = "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(90_000);
        var page = new PageUnderTest(context, await context.NewPageAsync());
        await page.Page.GotoAsync(path);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (chromium is not null) await chromium.DisposeAsync();
        playwright?.Dispose();
    }
}

/// <summary>A page and everything it complained about.</summary>
public sealed class PageUnderTest : IAsyncDisposable
{
    private readonly IBrowserContext context;

    public PageUnderTest(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") Complaints.Add(message.Text);
        };
        page.PageError += (_, error) => Complaints.Add(error);
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, violations of the content security policy among them.</summary>
    public List<string> Complaints { get; } = [];

    public ILocator Rows => Page.Locator("#rows tr:not(.ghost)");

    public ILocator Track => Page.Locator("#track");

    /// <summary>Waits until what has the focus shows this text, or has it as its id.</summary>
    public Task FocusesAsync(string text) =>
        Expect(Page.Locator("*:focus").Filter(new() { HasText = text }).Or(Page.Locator($"[id='{text}']:focus")))
            .ToHaveCountAsync(1);

    public ValueTask DisposeAsync() => context.DisposeAsync();
}
