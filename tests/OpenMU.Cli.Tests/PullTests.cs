// PullTests.cs - fetching models.
// Over 400 lines because each way in which a hub can fail is one short test on the same stage.
using System.Text;
using Microsoft.AspNetCore.Http;
using OpenMU.Cli.Hub;
using OpenMU.Cli.Tests.Hub;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using Spectre.Console;

namespace OpenMU.Cli.Tests;

/// <summary>Against a hub on the loopback interface that behaves, and misbehaves, as the public one does.</summary>
public sealed class PullTests : IAsyncLifetime
{
    private const string Weights = "model.safetensors";
    private readonly string root = Directory.CreateTempSubdirectory("openmu-pull-").FullName;
    private readonly StringWriter output = new();
    private readonly IAnsiConsole console;
    private LocalHub hub = null!;

    public PullTests()
    {
        console = AnsiConsole.Create(
            new() { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 1000;
    }

    private string Home => Path.Combine(root, "models");

    private string Output => Path.Combine(Home, "model");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        hub = await LocalHub.StartAsync();
        foreach (var file in Directory.GetFiles(SmallRandomModel.Write(root)))
            hub.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file);
        Directory.CreateDirectory(Home);
    }

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        output.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_model_is_fetched_checked_and_made_a_folder_that_opens(bool describesFiles)
    {
        hub.DescribesFiles = describesFiles;
        foreach (var other in new[] { "pytorch_model.bin", "modeling.py", "../../config.json", "original/model.safetensors" })
            hub.Files[other] = [1, 2, 3];

        (await PullAsync(token: "hf_secret")).Should().Be(ExitCode.Done);

        ShouldBeWhole();
        output.ToString().Should().Contain("licence  apache-2.0").And.Contain("are free").And.NotContain("secret");
        var asked = hub.Requests.Where(request => request.Path.Contains("resolve")).Select(request => request.Path).ToList();
        asked.Should().NotContain(path => path.EndsWith(".bin") || path.EndsWith(".py") || path.Contains("..")
            || path.Contains("original"));
        hub.Requests.Should().OnlyContain(request => request.Host == hub.Storage
            ? request.Authorization == null
            : request.Authorization == "Bearer hf_secret");
        hub.Requests.Should().Contain(request => request.Host == hub.Storage);
        Directory.GetFiles(Path.Combine(Home, ".downloads"), "*.part*", SearchOption.AllDirectories).Should().BeEmpty();
        (await PullAsync()).Should().Be(ExitCode.Done);
        output.ToString().Should().Contain("is there already");
    }

    [Fact]
    public async Task The_download_is_removed_only_when_that_is_asked()
    {
        await PullAsync();
        Directory.GetFiles(Path.Combine(Home, ".downloads"), Weights, SearchOption.AllDirectories).Should().ContainSingle();
        Directory.Delete(Output, recursive: true);
        var before = hub.Requests.Count(request => request.Path.Contains(Weights));

        await PullAsync(remove: true);

        hub.Requests.Count(request => request.Path.Contains(Weights)).Should().Be(before, "it was there");
        Directory.GetFiles(Path.Combine(Home, ".downloads"), "*", SearchOption.AllDirectories).Should().BeEmpty();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_connection_that_is_cut_again_and_again_is_continued_where_it_ended()
    {
        var (whole, piece) = (hub.Files[Weights].Length, 1 + (hub.Files[Weights].Length / 10));
        hub.Body = async (context, rest) =>
        {
            var given = Math.Min(rest.Length, piece);
            await context.Response.Body.WriteAsync(rest[..given]);
            if (rest.Length == given) return;
            await context.Response.Body.FlushAsync();
            await WaitForPartAsync(whole - rest.Length + given);
            context.Abort();
        };

        (await PullAsync()).Should().Be(ExitCode.Done);

        ShouldBeWhole();
        hub.Requests.Where(request => request.Host == hub.Storage && request.Range != null)
            .Should().HaveCountGreaterThan(5).And.OnlyContain(request => request.IfRange == "\"storage-1\"");
    }

    [Theory]
    [InlineData(false, "\"storage-1\"")]
    [InlineData(true, "\"storage-2\"")]
    public async Task Without_ranges_or_with_another_ETag_a_file_begins_again_from_its_start(bool ranges, string etag)
    {
        hub.KnowsRanges = ranges;
        CutOnce(100, () => hub.StorageETag = etag);

        (await PullAsync()).Should().Be(ExitCode.Done);

        ShouldBeWhole();
        hub.Requests.Should().Contain(request => request.IfRange == "\"storage-1\"");
    }

    [Fact]
    public async Task A_file_that_changes_in_the_middle_is_told_and_never_mixed()
    {
        CutOnce(100, () => hub.Files[Weights] = [.. hub.Files[Weights].Reverse()]);

        await ShouldEndAsync<HubException>($"*{Weights} has changed*run the same command again*");

        Directory.Exists(Output).Should().BeFalse();
    }

    [Theory]
    [InlineData(429, "0")]
    [InlineData(429, "Sun, 01 Jan 2006 00:00:00 GMT")]
    [InlineData(503, null)]
    [InlineData(500, null)]
    public async Task A_hub_that_is_busy_is_asked_again(int status, string? retryAfter)
    {
        var failures = 0;
        hub.Fault = context =>
        {
            // Both the description and the files, twice each.
            if (context.Request.Path.Value!.Contains("tokenizer") || failures++ >= 4) return Task.FromResult(false);
            context.Response.StatusCode = status;
            if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
            return Task.FromResult(true);
        };

        (await PullAsync()).Should().Be(ExitCode.Done);

        ShouldBeWhole();
    }

    [Theory]
    [InlineData(429, "3600", false, "*asks to wait 3600 s; run the same command again after that*")]
    [InlineData(503, null, false, "*given up after 6 tries; run the same command again later*")]
    [InlineData(401, null, false, "*set HF_TOKEN to a token*")]
    [InlineData(401, null, true, "*does not accept the token of HF_TOKEN*")]
    [InlineData(403, null, true, "*is gated*accept its terms*")]
    [InlineData(418, null, false, "*status 418*")]
    public async Task What_a_hub_refuses_is_told_in_one_line_with_what_to_do(
        int status, string? retryAfter, bool hasToken, string message)
    {
        hub.Fault = context =>
        {
            context.Response.StatusCode = status;
            if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
            return Task.FromResult(true);
        };

        await ShouldEndAsync<HubException>(message, hasToken ? "hf_secret" : null);
    }

    [Fact]
    public async Task What_a_hub_does_not_have_is_an_error_of_the_command_line() =>
        await ShouldEndAsync<UsageException>("*has no artist/other*", name: "artist/other");

    [Theory]
    [InlineData("<html>Welcome</html>", "*does not answer as a model hub*--endpoint*")]
    [InlineData("[]", "*no safetensors file*")]
    public async Task An_answer_that_is_no_hubs_is_told_in_one_line(string answer, string message)
    {
        hub.Fault = async context =>
        {
            await context.Response.WriteAsync(answer);
            return true;
        };

        await ShouldEndAsync<HubException>(message);
    }

    [Fact]
    public async Task A_repository_with_pickles_alone_is_refused()
    {
        hub.Files.Clear();
        hub.Files["pytorch_model.bin"] = [1];
        hub.Files["config.json"] = "{}"u8.ToArray();

        await ShouldEndAsync<HubException>("*only pickles such as pytorch_model.bin*nothing is fetched*");
    }

    [Theory]
    [InlineData("""{"model_type": "whisper"}""", "*is of the type \"whisper\"*Nothing was fetched*")]
    [InlineData("{}", "*does not say what it is*Nothing was fetched*")]
    [InlineData("[1", "*cannot be read; nothing was fetched*")]
    public async Task A_model_of_an_unknown_family_is_refused_before_its_weights_are_asked_for(
        string config, string message)
    {
        hub.Files["config.json"] = Encoding.UTF8.GetBytes(config);

        await ShouldEndAsync<InvalidDataException>(message);

        hub.Requests.Should().NotContain(request => request.Path.EndsWith(Weights));
        Directory.GetFileSystemEntries(Home).Should().BeEmpty();
    }

    [Theory]
    [InlineData("midashenglm_qwen3")]
    [InlineData("moss_music")]
    public async Task A_published_family_is_converted_as_convert_does(string family)
    {
        hub.Files.Clear();
        foreach (var file in Directory.GetFiles(GoldenFamilies.Published(family, root)))
            hub.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file);

        (await PullAsync()).Should().Be(ExitCode.Done);

        var report = FolderReport.Of(Output, _ => { }, Cancel);
        (report.Config.Family, report.Config.Licence).Should().Be((family.Split("_qwen")[0], "open"));
    }

    [Fact]
    public async Task A_language_model_alone_is_fetched_and_its_conversion_named()
    {
        hub.Files["config.json"] = """{"model_type": "llama"}"""u8.ToArray();

        (await PullAsync()).Should().Be(ExitCode.Done);

        output.ToString().Should().Contain("openmu convert OUT --llama");
        Directory.Exists(Output).Should().BeFalse();
    }

    [Fact]
    public async Task Bytes_with_a_wrong_hash_are_thrown_away_and_fetched_anew_by_the_next_run()
    {
        hub.Body = (context, rest) => context.Response.Body.WriteAsync(new byte[rest.Length]).AsTask();

        await ShouldEndAsync<HubException>($"*{Weights} is damaged*run the same command again*");

        Directory.GetFiles(Home, $"{Weights}*", SearchOption.AllDirectories).Should().NotContain(path =>
            new FileInfo(path).Length > 100);
        hub.Body = null;
        (await PullAsync()).Should().Be(ExitCode.Done);
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_part_that_lost_bytes_in_a_power_cut_is_fetched_anew_without_an_error()
    {
        hub.Body = StopAfter1000Async;
        await StopWhenPartialAsync(1000);
        var part = Directory.GetFiles(Home, "*.part", SearchOption.AllDirectories).Single(path => path.Contains(Weights));
        File.WriteAllBytes(part, new byte[1000]);
        hub.Body = null;

        (await PullAsync()).Should().Be(ExitCode.Done);

        ShouldBeWhole();
        hub.Requests.Should().Contain(request => request.Range == "bytes=1000-");
    }

    [Fact]
    public async Task A_mirror_that_gives_pointers_in_the_files_place_is_named()
    {
        hub.Body = async (context, _) =>
        {
            context.Response.Headers.Clear();
            await context.Response.WriteAsync("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
        };

        await ShouldEndAsync<HubException>($"*{Weights} is only a pointer of Git LFS there*--endpoint*");
    }

    [Fact]
    public async Task A_file_that_is_longer_than_promised_is_refused()
    {
        hub.Body = async (context, rest) =>
        {
            context.Response.Headers.Clear();
            await context.Response.Body.WriteAsync(rest);
            await context.Response.Body.WriteAsync(new byte[10]);
        };

        await ShouldEndAsync<HubException>($"*{Weights} is longer than the hub says*");
    }

    [Fact]
    public async Task A_hub_that_says_nothing_any_more_is_taken_for_cut()
    {
        var settings = Settings(null) with { Silence = TimeSpan.FromMilliseconds(300) };
        var silent = 0;
        hub.Body = async (context, rest) =>
        {
            if (silent++ == 0) await Task.Delay(Timeout.Infinite, context.RequestAborted);
            else await context.Response.Body.WriteAsync(rest);
        };

        (await Pull.RunAsync(Request(), settings, () => true, console, Cancel)).Should().Be(ExitCode.Done);

        ShouldBeWhole();
    }

    [Fact]
    public async Task A_killed_process_leaves_what_it_had_to_the_next_one()
    {
        hub.Body = StopAfter1000Async;
        using (var process = OpenMuProgram.Start(null, Arguments("--yes")))
        {
            await WaitForPartAsync(1000);
            process.Kill();
            await process.WaitForExitAsync(Cancel);
        }
        hub.Body = null;

        var (code, said, error) = await OpenMuProgram.RunAsync(Arguments("--yes"));

        code.Should().Be(ExitCode.Done, error);
        said.Should().Contain("becomes");
        ShouldBeWhole();
        hub.Requests.Should().Contain(request => request.Range == "bytes=1000-" && request.Host == hub.Storage);
    }

    [Fact]
    public async Task Without_a_terminal_and_without_yes_it_is_shown_and_refused_with_exit_code_2()
    {
        var (code, said, error) = await OpenMuProgram.RunAsync(Arguments());

        code.Should().Be(ExitCode.Usage);
        said.Should().Contain("licence  apache-2.0").And.Contain("size");
        error.Trim().Should().StartWith("openmu: ").And.Contain("--yes").And.NotContain("\n");
        hub.Requests.Should().NotContain(request => request.Path.EndsWith(Weights));
        Directory.GetFileSystemEntries(Home).Should().BeEmpty();
    }

    [Fact]
    public async Task A_proxy_of_the_environment_is_asked_and_a_hub_that_cannot_be_reached_is_one_line()
    {
        var proxy = new Dictionary<string, string>
        {
            ["http_proxy"] = hub.Endpoint.AbsoluteUri,
            ["no_proxy"] = "127.0.0.1",
            ["HF_ENDPOINT"] = "http://hub.invalid",
        };

        var (code, _, error) = await OpenMuProgram.RunInAsync(
            proxy, "pull", "artist/model", "--models", Home, "--yes");

        code.Should().Be(ExitCode.Done, error);
        hub.Requests.Should().Contain(request => request.Host == "hub.invalid");
        proxy["no_proxy"] = "hub.invalid";
        (code, _, error) = await OpenMuProgram.RunInAsync(
            proxy, "pull", "artist/model", "--models", Path.Combine(root, "others"), "--yes");
        code.Should().Be(ExitCode.NotDone);
        error.Trim().Should().StartWith("openmu: hub.invalid cannot be reached").And.Contain("HTTPS_PROXY")
            .And.NotContain("\n");
    }

    [Fact]
    public async Task No_is_an_answer()
    {
        (await Pull.RunAsync(Request(), Settings(null), () => false, console, Cancel)).Should().Be(ExitCode.NotDone);

        Directory.GetFileSystemEntries(Home).Should().BeEmpty();
    }

    private string[] Arguments(params string[] more) =>
        ["pull", "artist/model", "--endpoint", hub.Endpoint.AbsoluteUri, "--models", Home, .. more];

    private PullRequest Request(bool remove = false, string? name = null) =>
        new(HubName.Parse(name ?? "artist/model"), null, Home, Output) { RemoveDownload = remove };

    private HubSettings Settings(string? token) =>
        new(hub.Endpoint, token, TimeProvider.System) { FirstWait = TimeSpan.FromMilliseconds(1) };

    private Task<int> PullAsync(string? token = null, bool remove = false, string? name = null) =>
        Pull.RunAsync(Request(remove, name), Settings(token), () => true, console, Cancel);

    private async Task ShouldEndAsync<T>(string message, string? token = null, string? name = null) where T : Exception
    {
        var pull = () => PullAsync(token, name: name);
        var said = (await pull.Should().ThrowAsync<T>().WithMessage(message)).Which.Message;
        said.Should().NotContainAny("\n", "secret");
    }

    private static async Task StopAfter1000Async(HttpContext context, ReadOnlyMemory<byte> rest)
    {
        await context.Response.Body.WriteAsync(rest[..1000]);
        await context.Response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    /// <summary>Cuts the first answer with weights after so many bytes.</summary>
    private void CutOnce(int bytes, Action then)
    {
        var cut = false;
        hub.Body = async (context, rest) =>
        {
            if (cut)
            {
                await context.Response.Body.WriteAsync(rest);
                return;
            }
            cut = true;
            await context.Response.Body.WriteAsync(rest[..bytes]);
            await context.Response.Body.FlushAsync();
            await WaitForPartAsync(bytes);
            then();
            context.Abort();
        };
    }

    private async Task StopWhenPartialAsync(long bytes)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var pull = Pull.RunAsync(Request(), Settings(null), () => true, console, stop.Token);
        await WaitForPartAsync(bytes);
        await stop.CancelAsync();
        await pull.Invoking(running => running).Should().ThrowAsync<OperationCanceledException>();
    }

    private async Task WaitForPartAsync(long bytes)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!Directory.Exists(Home) || !Directory.GetFiles(Home, $"{Weights}*.part", SearchOption.AllDirectories)
            .Any(path => new FileInfo(path).Length == bytes))
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private void ShouldBeWhole()
    {
        var report = FolderReport.Of(Output, _ => { }, Cancel);
        report.Parameters.Should().BePositive();
        Directory.GetFiles(Output).Select(Path.GetFileName).Should().BeEquivalentTo(
            "config.json", "tokenizer.json", Weights, "tags.json", "tag_head.safetensors");
    }
}
