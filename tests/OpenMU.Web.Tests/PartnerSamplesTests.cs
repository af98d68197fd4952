using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.Logging.Abstractions;
using NSwag;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Functions;
using OpenMU.Testing;

namespace OpenMU.Web.Tests;

/// <summary>
/// The samples of docs/partners.md as a partner runs them: the client is generated from the site's own document,
/// compiled, and used for a round of upload, question, answer and export.
/// </summary>
public sealed class PartnerSamplesTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sample_in_CSharp_runs_with_the_client_that_NSwag_generates()
    {
        var document = await OpenApiDocument.FromJsonAsync(
            await site.LooseClient.GetStringAsync("/openapi/v1.json", Cancel), Cancel);
        var code = GeneratedClientTests.Generate(document, "OpenMU.Client");
        var sample = await File.ReadAllTextAsync(Path.Combine(Samples(), "csharp", "Partner.cs"), Cancel);
        var program = await CompileAsync(code, sample);
        var file = await AudioAsync("csharp.wav");
        await using var worker = new PlayedWorker(site, "partner/csharp.wav");
        worker.Start();

        var said = await RunAsync(
            Path.GetDirectoryName(program)!, "dotnet", program, $"{site.LooseClient.BaseAddress}", file);

        said.Should().Contain("track: Ready, 126 BPM, A minor").And.Contain("answer: In A minor.")
            .And.Contain("export: partner/csharp.wav");
    }

    [Fact]
    public async Task The_sample_in_TypeScript_compiles_against_the_generated_types_and_runs()
    {
        var folder = Path.Combine(Samples(), "typescript");
        // npm writes the inner lock file last, so it stands for a finished installation of the outer one.
        var (installed, wanted) =
            (Path.Combine(folder, "node_modules", ".package-lock.json"), Path.Combine(folder, "package-lock.json"));
        if (File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(wanted))
        {
            await RunAsync(folder, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
            File.SetLastWriteTimeUtc(installed, File.GetLastWriteTimeUtc(wanted));
        }

        var document = $"{site.LooseClient.BaseAddress}openapi/v1.json";
        await RunAsync(folder, "npm", "run", "generate", "--", document, "-o", "schema.d.ts");
        await RunAsync(folder, "npm", "run", "build");
        var file = await AudioAsync("typescript.wav");
        await using var worker = new PlayedWorker(site, "partner/typescript.wav");
        worker.Start();

        var said = await RunAsync(
            folder, "node", "dist/partner.js", $"{site.LooseClient.BaseAddress}".TrimEnd('/'), file);

        said.Should().Contain("track: Ready, 126 BPM, A minor").And.Contain("answer: In A minor.")
            .And.Contain("export: partner/typescript.wav");
    }

    [Fact]
    public async Task The_walk_by_curl_comes_to_its_end_with_the_key_that_the_page_has_made()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(site.CataloguePath)!, "walk"));
        for (var i = 1; i <= 5; i++)
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"{i}.wav"), site.Audio, Cancel);
        await using var worker = new PlayedWorker(site, "walk-");
        worker.Start();
        var port = LoopbackPort.Free();
        var settings = new WebhookSettings { AllowHttp = true, AllowedHosts = $"127.0.0.1:{port}" };
        var address = await site.StartAsync(
            "loose", "--Webhooks:AllowHttp=true", $"--Webhooks:AllowedHosts={settings.AllowedHosts}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var delivering = DeliverAsync(settings, stop.Token);

        var said = await RunAsync(
            Repository.Root, "env", $"WEBHOOK_PORT={port}", "bash", "tests/partners-walk.sh", $"{address}", folder.FullName,
            await site.KeyAsync("loose", await ScopesOfThePageAsync()));
        await stop.CancelAsync();
        await delivering;

        said.Should().Contain("Which key is it in? In A minor.").And.Contain("3. three questions about five tracks")
            .And.Contain("4. webhooks received and verified:").And.Contain("5. exported: walk-");
    }

    // Those of the key of its first step.
    private static async Task<ApiScopes> ScopesOfThePageAsync()
    {
        var page = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", "partners.md"), Cancel);
        var words = page.Single(line => line.StartsWith("openmu keys add ", StringComparison.Ordinal)).Split(' ');
        return words.Zip(words.Skip(1)).Where(pair => pair.First == "--scope")
            .Select(pair => Enum.Parse<ApiScopes>(pair.Second)).Aggregate((all, one) => all | one);
    }

    // As the timer does in Azure, and its loop at home.
    private async Task DeliverAsync(WebhookSettings settings, CancellationToken stop)
    {
        using var sender = new WebhookSender(new PublicAddresses(settings), settings, TimeProvider.System);
        var deliver = new DeliverWebhooks(
            new WebhookQueue(site.Catalogue, settings, TimeProvider.System), sender, TimeProvider.System,
            NullLogger<DeliverWebhooks>.Instance);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await deliver.RunAsync(stop);
                await Task.Delay(100, stop);
            }
            catch (OperationCanceledException)
            {
                // The walk is over.
            }
        }
    }

    private async Task<string> AudioAsync(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(site.CataloguePath)!, "partner"));
        var path = Path.Combine(folder.FullName, name);
        await File.WriteAllBytesAsync(path, site.Audio, Cancel);
        return path;
    }

    private static string Samples() => Path.Combine(Repository.Root, "docs", "samples");

    private async Task<string> CompileAsync(params string[] sources)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)
                || Path.GetFileName(file) is "mscorlib.dll" or "netstandard.dll");
        // What a new console project has as its implicit usings.
        const string usings = "global using System; global using System.IO; global using System.Net.Http; "
            + "global using System.Threading; global using System.Threading.Tasks;";
        var compilation = CSharpCompilation.Create(
            "Partner",
            sources.Append(usings).Select(source => CSharpSyntaxTree.ParseText(source, cancellationToken: Cancel)),
            platform.Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(site.CataloguePath)!, "partner"));
        var program = Path.Combine(folder.FullName, "Partner.dll");
        var result = compilation.Emit(program, cancellationToken: Cancel);
        result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Should().BeEmpty();
        await File.WriteAllTextAsync(
            Path.ChangeExtension(program, "runtimeconfig.json"),
            """{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"10.0.0"}}}""", Cancel);
        return program;
    }

    private static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        process.ExitCode.Should().Be(0, "{0} said {1} {2}", program, await output, await errors);
        return await output;
    }
}
