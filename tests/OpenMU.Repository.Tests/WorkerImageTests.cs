using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace OpenMU.Repository.Tests;

/// <summary>What lies in the worker's container.</summary>
public sealed class WorkerImageTests : IDisposable
{
    private static readonly string[] Research =
        ["Training", "Bench", "Evaluation", "Synthesis", "Annotation", "Pretraining", "Benchmarks"];

    private readonly string folder = Directory.CreateTempSubdirectory("openmu-worker-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_published_worker_contains_no_training_or_benchmark_code()
    {
        Publish();

        var assemblies = Directory.GetFiles(folder, "OpenMU.*.dll").Select(Path.GetFileName).ToList();
        assemblies.Should().Contain(["OpenMU.Worker.dll", "OpenMU.Model.dll", "OpenMU.Mir.dll", "OpenMU.Music.dll"]);
        assemblies.Should().NotContain(name => name!.StartsWith("OpenMU.Training")
            || name.StartsWith("OpenMU.Benchmarks"));
        assemblies.SelectMany(name => Namespaces(Path.Combine(folder, name!)))
            .Where(name => name.Split('.').Intersect(Research).Any()).Should().BeEmpty();
    }

    private void Publish()
    {
        string[] arguments =
        [
            "publish", Path.Combine(Checkout.Root, "src", "OpenMU.Worker"), "--no-build", "-v", "quiet",
            "-nologo", "-o", folder,
            "-c", Checkout.Configuration,
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, output);
    }

    private static List<string> Namespaces(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        return [.. metadata.TypeDefinitions
            .Select(type => metadata.GetString(metadata.GetTypeDefinition(type).Namespace)).Distinct()];
    }
}
