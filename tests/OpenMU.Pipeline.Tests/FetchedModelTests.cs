using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using OpenMU.Worker;

namespace OpenMU.Pipeline.Tests;

/// <summary>The worker's program with the model that ships, which it fetches from the container of models.</summary>
public sealed class FetchedModelTests(Emulator emulator)
{
    private const string Model = "openmu-tiny";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_fetches_its_model_and_describes_a_track_with_it()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(root.FullName, "infra"))) root = root.Parent!;
        var folder = Path.Combine(root.FullName, "models", Model);
        var sums = await SumsAsync(root.FullName);
        foreach (var name in sums.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[66..]))
        {
            await stage.Storage.Models.GetBlobClient($"{Model}/{name}")
                .UploadAsync(Path.Combine(folder, name), overwrite: true, Cancel);
        }

        await stage.Storage.Models.GetBlobClient($"{Model}/{ModelFetch.SumsFile}")
            .UploadAsync(new BinaryData(sums), overwrite: true, Cancel);
        var version = FolderReport.Of(folder, cancel: Cancel).Version;
        var job = await stage.AddTrackAsync("home/a.wav", TestSound.Clicks(3, 22050));
        await using (var db = stage.Catalogue.CreateDbContext())
            await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.ModelVersion, version), Cancel);
        await stage.SendAsync(job);

        using var worker = WorkerProcess.Start(
            stage, TimeSpan.FromMinutes(1), untilEmpty: true,
            ("Worker__model", Model),
            ("Worker__modelDigest", $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sums)))}"),
            ("Worker__modelCache", Path.Combine(stage.Folder, "models")));
        (await worker.EndAsync(Cancel)).Code.Should().Be(0);

        var done = await stage.JobAsync(job);
        done.State.Should().Be(JobState.Ready);
        done.Analysis!.Caption.Should().NotBeNullOrEmpty();
        done.Analysis.Sources.Select(source => source.Version).Should().Contain(version);
    }

    private static async Task<string> SumsAsync(string root)
    {
        var start = new ProcessStartInfo(
            Path.Combine(root, "infra", "model-sums.sh"), [Path.Combine(root, "models", Model)])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var sums = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        process.ExitCode.Should().Be(0);
        return sums;
    }
}
