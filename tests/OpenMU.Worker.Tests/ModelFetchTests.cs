using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

public sealed class ModelFetchTests(Emulator emulator)
{
    private static readonly Dictionary<string, byte[]> Files = new()
    {
        ["config.json"] = "{}"u8.ToArray(),
        ["model.safetensors"] = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7))],
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_fetched_once_and_found_on_the_disk_after_a_restart()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var options = Options(stage, await PutAsync(stage, Sums(Files)));
        var first = Fetch(stage, options);
        (await HealthAsync(first)).Should().Be("The model tiny is not here yet.");

        await first.RunAsync(Cancel);

        (await HealthAsync(first)).Should().BeNull();
        Path.GetFileName(options.ModelFolder).Should().Be("tiny", "the folder's name is part of the model's version");
        foreach (var (name, bytes) in Files)
            (await File.ReadAllBytesAsync(Path.Combine(options.ModelFolder!, name), Cancel)).Should().Equal(bytes);

        foreach (var name in Files.Keys)
            await stage.Storage.Models.DeleteBlobIfExistsAsync($"tiny/{name}", cancellationToken: Cancel);
        var again = Options(stage, options.ModelDigest!);
        await Fetch(stage, again).RunAsync(Cancel);
        again.ModelFolder.Should().Be(options.ModelFolder);
    }

    [Fact]
    public async Task A_file_that_was_cut_or_changed_on_the_disk_is_fetched_again()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var options = Options(stage, await PutAsync(stage, Sums(Files)));
        await Fetch(stage, options).RunAsync(Cancel);
        var weights = Path.Combine(options.ModelFolder!, "model.safetensors");
        await File.WriteAllBytesAsync(weights, Files["model.safetensors"].AsMemory(0, 1000), Cancel);

        await Fetch(stage, Options(stage, options.ModelDigest!)).RunAsync(Cancel);

        (await File.ReadAllBytesAsync(weights, Cancel)).Should().Equal(Files["model.safetensors"]);
        Directory.GetFiles(options.ModelFolder!).Should().HaveCount(Files.Count, "nothing half fetched stays");
    }

    [Fact]
    public async Task A_model_with_another_list_or_other_bytes_than_expected_is_not_listened_with()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var digest = await PutAsync(stage, Sums(Files));
        await stage.Storage.Models.GetBlobClient("tiny/model.safetensors")
            .UploadAsync(new BinaryData("other"), overwrite: true, Cancel);
        await RefusesAsync(stage, digest, "*model.safetensors has the digest * and the list of files says *");

        await PutAsync(stage, Sums(Files.Take(1).ToDictionary()));
        await RefusesAsync(stage, digest, $"*SHA256SUMS has the digest *, not {digest}: another model was put there.");
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    public async Task A_list_that_leads_out_of_the_folder_is_refused(string name)
    {
        await using var stage = await Stage.SetAsync(emulator);
        var digest = await PutAsync(stage, $"{new string('0', 64)}  {name}\n");

        await RefusesAsync(stage, digest, "*has a line that names no file*");
    }

    [Fact]
    public async Task What_the_container_lacks_is_named()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var digest = await PutAsync(stage, Sums(Files));
        await stage.Storage.Models.DeleteBlobIfExistsAsync("tiny/config.json", cancellationToken: Cancel);

        await RefusesAsync(stage, digest, "There is no models/tiny/config.json*");
    }

    [Fact]
    public async Task Two_workers_that_fetch_to_one_share_both_have_it()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var digest = await PutAsync(stage, Sums(Files));
        var workers = Enumerable.Range(0, 2).Select(_ => Options(stage, digest)).ToList();

        await Task.WhenAll(workers.Select(options => Fetch(stage, options).RunAsync(Cancel)));

        workers.Select(options => options.ModelFolder).Distinct().Should().ContainSingle();
        Directory.GetFiles(workers[0].ModelFolder!).Select(Path.GetFileName).Should().BeEquivalentTo(Files.Keys);
    }

    private static ModelFetch Fetch(Stage stage, WorkerOptions options) =>
        new(options, stage.Storage, TimeProvider.System, NullLogger<ModelFetch>.Instance);

    private static WorkerOptions Options(Stage stage, string digest) => new()
    {
        Model = "tiny",
        ModelDigest = digest,
        ModelCache = Path.Combine(stage.Folder, "models"),
    };

    private static async Task<string?> HealthAsync(ModelFetch fetch) =>
        await fetch.CheckHealthAsync(new HealthCheckContext(), Cancel) is { Status: HealthStatus.Unhealthy } ill
            ? ill.Description
            : null;

    private static async Task RefusesAsync(Stage stage, string digest, string line) =>
        await FluentActions.Awaiting(() => Fetch(stage, Options(stage, digest)).RunAsync(Cancel))
            .Should().ThrowAsync<InvalidDataException>().WithMessage(line);

    private static string Sums(Dictionary<string, byte[]> files) => string.Concat(
        files.Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Value))}  {file.Key}\n"));

    /// <summary>Puts the files and a list of them into the container of models.</summary>
    /// <returns>The list's digest.</returns>
    private static async Task<string> PutAsync(Stage stage, string sums)
    {
        foreach (var (name, bytes) in Files)
        {
            await stage.Storage.Models.GetBlobClient($"tiny/{name}")
                .UploadAsync(new BinaryData(bytes), overwrite: true, Cancel);
        }

        await stage.Storage.Models.GetBlobClient($"tiny/{ModelFetch.SumsFile}")
            .UploadAsync(new BinaryData(sums), overwrite: true, Cancel);
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sums)))}";
    }
}
