using System.Diagnostics;
using System.Text.RegularExpressions;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;
using OpenMU.Testing;
using OpenMU.Web;
using OpenMU.Worker;

namespace OpenMU.Pipeline.Tests;

/// <summary>The programs themselves, started with settings that are wrong.</summary>
public sealed partial class ProgramSettingsTests
{
    private static readonly (string Name, string Value)[] Storage =
    [
        ("Storage__blobServiceUri", "https://music.blob.core.windows.net"),
        ("Storage__queueServiceUri", "https://music.queue.core.windows.net"),
        ("Catalogue__connectionString", "Data Source=/nowhere/catalogue.db"),
    ];

    private static readonly string[] FunctionsHost =
        [
            "--host", "127.0.0.1", "--port", "9", "--workerId", "w", "--requestId", "r",
            "--grpcMaxMessageLength", "1000000",
         "--functions-uri", "http://127.0.0.1:9", "--functions-worker-id", "w", "--functions-request-id", "r",
         "--functions-grpc-max-message-length", "1000000"
     ];

    [Theory]
    [InlineData("OpenMU.Worker", "Worker__parallelism", "0", "Worker__parallelism=0 must lie between 1 and 1024.")]
    [InlineData(
        "OpenMU.Worker", "Worker__paralelism", "4",
        "Worker__paralelism: there is no such setting; Worker__ goes with ")]
    [InlineData("OpenMU.Worker", "Worker__modelFolder", "/nowhere", "Worker__modelFolder must name a model's folder")]
    [InlineData(
        "OpenMU.Worker", "Catalogue__provider", "Oracle",
        "Catalogue__provider=Oracle must be one of Sqlite, SqlServer.")]
    [InlineData("OpenMU.Web", "Site__maxUploadBytes", "2GB", "Site__maxUploadBytes=2GB must be a whole number.")]
    [InlineData("OpenMU.Web", "Site__url", "localhost", "Site__url must be an http or https address")]
    [InlineData(
        "OpenMU.Web", "Storage__credential", "password", "Storage__credential must be managedidentity or nothing.")]
    [InlineData("OpenMU.Functions", "Ingest__grace", "soon", "Ingest__grace=soon must be a duration such as 00:01:00.")]
    [InlineData(
        "OpenMU.Functions", "Ingest__model", "tiny", "Ingest__model: there is no such setting; Ingest__ goes with ")]
    public async Task A_wrong_setting_ends_the_program_with_one_line_that_names_it(
        string program, string name, string value, string line)
    {
        var start = new ProcessStartInfo("dotnet", [ProgramFile.Of(program)])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true
        };
        foreach (var (other, usual) in Storage) start.Environment[other] = usual;
        start.Environment[name] = value;
        // What the Functions host tells its worker; the settings are looked at before anybody is called.
        foreach (var argument in program == "OpenMU.Functions" ? FunctionsHost : []) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        (await error).Trim().Should().StartWith(line).And.NotContain("\n");
        output.Should().BeEmpty();
        process.ExitCode.Should().Be(1);
    }

    [Fact]
    public void Every_setting_that_bicep_makes_is_one_that_a_program_knows()
    {
        var known = new Dictionary<string, Type>
        {
            ["Catalogue"] = typeof(CatalogueSettings),
            ["Storage"] = typeof(StorageSettings),
            ["Ingest"] = typeof(IngestOptions),
            ["Worker"] = typeof(WorkerOptions),
            ["Site"] = typeof(SiteSettings),
        };
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(root.FullName, "bicep"))) root = root.Parent!;
        var made = Directory.GetFiles(Path.Combine(root.FullName, "bicep"), "*.bicep")
            .SelectMany(file => Setting().Matches(File.ReadAllText(file)))
            .Select(match => (Section: match.Groups["section"].Value, Name: match.Groups["name"].Value)).ToHashSet();

        made.Should().HaveCountGreaterThan(5).And.OnlyContain(setting =>
            known[setting.Section].GetProperties()
                .Any(property => property.Name.Equals(setting.Name, StringComparison.OrdinalIgnoreCase)));
    }

    [GeneratedRegex(@"\b(?<section>Catalogue|Storage|Ingest|Worker|Site)__(?<name>\w+)")]
    private static partial Regex Setting();
}
