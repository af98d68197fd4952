using System.Text.Json;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>
/// Follows what Event Grid says of deleted blobs. An event may come late, twice or after the file is back: it only
/// says where to look, and the storage says what is there.
/// </summary>
public sealed class Removals(IngestTrack ingest, MusicStorage storage, ILogger<Removals> log)
{
    private const string SubjectPrefix = $"/blobServices/default/containers/{StorageNames.Tracks}/blobs/";

    /// <summary>Works off all that wait. Every event leaves the queue: what fails here, the sweep finds.</summary>
    /// <returns>How many blobs were looked at.</returns>
    public async Task<int> DrainAsync(CancellationToken cancel)
    {
        var handled = 0;
        while (true)
        {
            QueueMessage[] batch = await storage.Removals.ReceiveMessagesAsync(
                StorageNames.MaxReceivedMessages, cancellationToken: cancel);
            if (batch.Length == 0) return handled;
            foreach (var message in batch)
            {
                if (await TryAsync(message.Body.ToString(), cancel)) handled++;
                await storage.Removals.TryDeleteAsync(message, cancel);
            }
        }
    }

    /// <summary>The name of the blob that an event of storage is about; null if it is about none of ours.</summary>
    public static string? BlobName(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("subject", out var subject) && subject.GetString() is { } name
                && name.StartsWith(SubjectPrefix, StringComparison.Ordinal) && name.Length > SubjectPrefix.Length
                ? name[SubjectPrefix.Length..]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<bool> TryAsync(string body, CancellationToken cancel)
    {
        if (BlobName(body) is not { } name)
        {
            log.LogWarning("An event that names no blob is dropped");
            return false;
        }

        try
        {
            await ingest.HandleAsync(name, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogError(e, "{Blob} could not be looked at; the sweep does it", name);
        }

        return true;
    }
}
