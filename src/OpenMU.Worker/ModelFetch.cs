using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>
/// Fetches the model that listens from the container of models, by the worker's identity. In it a model is a folder
/// with a list of its files' digests (<see cref="SumsFile"/>, as <c>sha256sum</c> writes it); the digest of the list
/// is a setting, so that a worker listens with that model or not at all. What is on the disk already is checked and
/// kept.
/// </summary>
public sealed partial class ModelFetch(
    WorkerOptions options, MusicStorage storage, TimeProvider time, ILogger<ModelFetch> log) : IHealthCheck
{
    /// <summary>The list's name.</summary>
    public const string SumsFile = "SHA256SUMS";

    private const int BufferBytes = 1 << 20;

    // Other things need some of the disk as well.
    private const long SpareBytes = 64 << 20;

    private volatile string? state = options.Model is null ? null : $"The model {options.Model} is not here yet.";

    /// <summary>Not ready as long as the model is not here.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(state));

    /// <summary>
    /// Brings the model to the disk and names its folder in the options. While the storage is away it is asked again.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The container does not hold this model, or the disk has no room for it: one line says so.
    /// </exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        if (options.Model is not { } model) return;
        while (true)
        {
            try
            {
                options.ModelFolder = await FetchAsync(model, cancel);
                state = null;
                return;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && Outage.Is(e))
            {
                state = $"The model {model} cannot be fetched: {Outage.FirstLine(e)}";
                log.LogWarning("{State} It is tried again in {Pause}.", state, options.RetryDelay);
                await Task.Delay(options.RetryDelay, time, cancel);
            }
        }
    }

    private async Task<string> FetchAsync(string model, CancellationToken cancel)
    {
        var sums = await SumsAsync(model, cancel);
        // The folder's name is part of the model's version. Versions of one name lie apart.
        var folder = Path.Combine(options.ModelCache, options.ModelDigest!["sha256:".Length..][..16], model);
        Directory.CreateDirectory(folder);
        var missing = new List<(string Name, string Hash, BlobClient Blob, long Bytes)>();
        foreach (var (name, hash) in sums)
        {
            if (await HashAsync(Path.Combine(folder, name), cancel) == hash) continue;
            var blob = storage.Models.GetBlobClient($"{model}/{name}");
            missing.Add((name, hash, blob, await LengthAsync(blob, cancel)));
        }

        var (total, done) = (missing.Sum(file => file.Bytes), 0L);
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (total > 0 && total + SpareBytes > free)
        {
            throw new InvalidDataException(
                $"The model {model} needs {total:N0} bytes more in {options.ModelCache}, which has {free:N0} free.");
        }

        foreach (var (name, hash, blob, bytes) in missing)
        {
            state = $"The model {model} is being fetched: {done >> 20:N0} of {total >> 20:N0} MiB.";
            await DownloadAsync(blob, Path.Combine(folder, name), hash, cancel);
            done += bytes;
        }

        log.LogInformation(
            "Model {Model} is in {Folder}; {Bytes} bytes of {Files} files were fetched",
            model, folder, total, missing.Count);
        return folder;
    }

    private async Task<IReadOnlyList<(string Name, string Hash)>> SumsAsync(string model, CancellationToken cancel)
    {
        var blob = storage.Models.GetBlobClient($"{model}/{SumsFile}");
        await LengthAsync(blob, cancel);
        BlobDownloadResult sums = await blob.DownloadContentAsync(cancel);
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(sums.Content))}";
        if (digest != options.ModelDigest)
        {
            throw new InvalidDataException(
                $"{StorageNames.Models}/{blob.Name} has the digest {digest}, not {options.ModelDigest}: another model was put there.");
        }

        return [.. Encoding.UTF8.GetString(sums.Content).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Line().Match(line) is { Success: true } match
                ? (match.Groups["name"].Value, match.Groups["hash"].Value)
                : throw new InvalidDataException(
                    $"{StorageNames.Models}/{blob.Name} has a line that names no file: {line}"))];
    }

    private static async Task DownloadAsync(BlobClient blob, string path, string hash, CancellationToken cancel)
    {
        // Several workers may fetch to one share: each writes a file of its own, and the last puts the same there.
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            await blob.DownloadToAsync(part, cancel);
            if (await HashAsync(part, cancel) is var found && found != hash)
            {
                throw new InvalidDataException(
                    $"{StorageNames.Models}/{blob.Name} has the digest {found}, and the list of files says {hash}.");
            }

            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static async Task<long> LengthAsync(BlobClient blob, CancellationToken cancel)
    {
        try
        {
            return (await blob.GetPropertiesAsync(cancellationToken: cancel)).Value.ContentLength;
        }
        catch (RequestFailedException gone) when (gone.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            throw new InvalidDataException($"There is no {StorageNames.Models}/{blob.Name}: infra/deploy.sh puts it there.");
        }
    }

    private static async Task<string?> HashAsync(string path, CancellationToken cancel)
    {
        if (!File.Exists(path)) return null;
        await using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes, useAsync: true);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }

    /// <summary>A digest, two spaces and a plain file name: nothing that leads out of the folder.</summary>
    [GeneratedRegex("^(?<hash>[0-9a-f]{64})  (?<name>[A-Za-z0-9_][A-Za-z0-9._-]*)$")]
    private static partial Regex Line();
}
