using System.Diagnostics;
using OpenMU.Catalogue.Storage;
using OpenMU.Testing;

namespace OpenMU.Pipeline.Tests;

/// <summary>The program as a .NET tool: packed, installed from the package, and used.</summary>
public sealed class PackedToolTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-tool-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Tools => Path.Combine(folder.FullName, "tools");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task The_tool_is_packed_installed_and_exports_a_catalogue()
    {
        var project = Path.GetFullPath(Path.Combine(Golden.PathInRepository(""), "..", "..", "src", "OpenMU.Cli"));
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var packages = folder.CreateSubdirectory("packages").FullName;
        await RunAsync("dotnet", "pack", project, "-c", configuration, "-o", packages, "-v", "q", "-nologo");
        var package = new FileInfo(Directory.GetFiles(packages, "*.nupkg").Single());
        package.Length.Should().BeLessThan(150_000_000, "libtorch is not in it");
        await RunAsync(
            "dotnet", "tool", "install", "MusicCatalogue.OpenMU.Tool", "--tool-path", Tools, "--source", packages,
            "--no-cache");

        var openmu = Path.Combine(Tools, "openmu");
        (await RunAsync(openmu, "--help")).Should().Contain("export").And.Contain("completion");
        var data = folder.CreateSubdirectory("data").FullName;
        await CatalogueDbFactory.ForFile(Path.Combine(data, "catalogue.db")).MigrateAsync(Cancel);
        (await RunAsync(openmu, "export", "--data", data)).Should().StartWith("id,file,");
        (await RunAsync(openmu, "export", "--data", data, "--format", "jsonl")).Should().BeEmpty();

        // What runs a model is not in the package, and that is said in a line.
        var model = Path.Combine(project, "..", "..", "models", "openmu-tiny");
        var sound = Path.Combine(folder.FullName, "tone.wav");
        await File.WriteAllBytesAsync(sound, TestSound.Tone(3, 440), Cancel);
        var (code, _, error) = await EndAsync(openmu, "analyse", sound, "--model", model);
        code.Should().Be(1, error);
        error.Trim().Should().Contain("without libtorch").And.NotContain("   at ");
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output, error) = await EndAsync(program, arguments);
        code.Should().Be(0, $"{program} {string.Join(' ', arguments)}: {output} {error}");
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> EndAsync(
        string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output, await error);
    }
}
