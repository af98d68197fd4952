using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>
/// Takes batches of questions from partners' own queues and tells each partner what became of its messages. A message
/// that is wrong is answered as rejected, one that cannot be handled is given up after some tries, and neither keeps
/// others waiting, of the same partner or of another.
/// </summary>
public sealed class PartnerQueues(
    BatchStore batches, MusicStorage storage, IngestOptions options, ILogger<PartnerQueues> log)
{
    private const int MaxTries = 5;

    // Long enough for the largest message; who dies over it has it handled again.
    private static readonly TimeSpan Visibility = TimeSpan.FromMinutes(2);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ConcurrentDictionary<string, bool> created = [];

    /// <summary>Handles all messages that wait now.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DrainAsync(CancellationToken cancel)
    {
        var handled = 0;
        foreach (var tenant in options.Partners.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            try
            {
                handled += await DrainAsync(tenant, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                created.TryRemove(tenant, out _);
                log.LogError(e, "The queue of {Tenant} cannot be read; the next round tries again", tenant);
            }
        }

        return handled;
    }

    private async Task<int> DrainAsync(string tenant, CancellationToken cancel)
    {
        var names = PartnerQueueNames.Of(tenant);
        var (asks, replies) = (storage.Queue(names.Asks), storage.Queue(names.Replies));
        if (!created.ContainsKey(tenant))
        {
            await asks.CreateIfNotExistsAsync(cancellationToken: cancel);
            await replies.CreateIfNotExistsAsync(cancellationToken: cancel);
            created[tenant] = true;
        }

        var handled = 0;
        while (true)
        {
            QueueMessage[] some =
                await asks.ReceiveMessagesAsync(StorageNames.MaxReceivedMessages, Visibility, cancel);
            if (some.Length == 0) return handled;
            foreach (var message in some)
            {
                if (await HandleAsync(tenant, message, replies, cancel) && await asks.TryDeleteAsync(message, cancel))
                    handled++;
            }
        }
    }

    /// <returns>False if it is to be tried again.</returns>
    private async Task<bool> HandleAsync(
        string tenant, QueueMessage message, QueueClient replies, CancellationToken cancel)
    {
        try
        {
            var reply = message.DequeueCount > MaxTries
                ? Rejected(message, null, "message", $"It could not be handled {MaxTries} times.")
                : await AnswerAsync(tenant, message, cancel);
            await SendAsync(replies, reply, cancel);
            return true;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogError(
                e, "Message {Message} of {Tenant} could not be handled; it comes again", message.MessageId, tenant);
            return false;
        }
    }

    private async Task<PartnerReply> AnswerAsync(string tenant, QueueMessage message, CancellationToken cancel)
    {
        PartnerMessage asked;
        try
        {
            asked = PartnerMessage.Read(message.Body.ToString());
        }
        catch (JsonException wrong)
        {
            return Rejected(
                message, null, "message",
                wrong.Path is { Length: > 0 } path
                    ? $"It is not the JSON that is asked for: {path}, line {wrong.LineNumber + 1}."
                    : wrong.Message);
        }

        if (asked.Mistakes() is { Count: > 0 } mistakes)
            return new PartnerReply(
                message.MessageId, Shortened(asked.IdempotencyKey), PartnerOutcome.Rejected, null, null, mistakes);
        return await SubmitAsync(tenant, asked, cancel) switch
        {
            null => Rejected(message, asked.IdempotencyKey, "quota", "The library may not ask as much at present."),
            BatchAnswer.Accepted { Batch: var batch } => new PartnerReply(
                message.MessageId, asked.IdempotencyKey, PartnerOutcome.Accepted, batch.Id, batch.Total, null),
            BatchAnswer.Unknown { Mistakes: var unknown } =>
                Rejected(message, asked.IdempotencyKey, "tracks", [.. unknown]),
            _ => Rejected(message, asked.IdempotencyKey, "idempotencyKey", "It was another request's."),
        };
    }

    /// <returns>Null where the tenant may not ask as much.</returns>
    private async Task<BatchAnswer?> SubmitAsync(string tenant, PartnerMessage asked, CancellationToken cancel)
    {
        try
        {
            return await batches.SubmitAsync(tenant, asked.Request, asked.IdempotencyKey, cancel);
        }
        catch (QuotaExceededException)
        {
            return null;
        }
    }

    private static async Task SendAsync(QueueClient replies, PartnerReply reply, CancellationToken cancel)
    {
        try
        {
            await replies.SendMessageAsync(JsonSerializer.Serialize(reply, Json), cancel);
        }
        catch (RequestFailedException tooLong) when (tooLong.Status == 413 && reply.Errors is not null)
        {
            var fields = reply.Errors.Keys.ToDictionary(field => field, _ => (string[])["It is wrong."]);
            await replies.SendMessageAsync(JsonSerializer.Serialize(reply with { Errors = fields }, Json), cancel);
        }
    }

    private static PartnerReply Rejected(QueueMessage message, string? key, string field, params string[] why) => new(
        message.MessageId, key, PartnerOutcome.Rejected, null, null,
        new Dictionary<string, string[]> { [field] = why });

    private static string Shortened(string key) => key[..Math.Min(key.Length, QuestionBatch.MaxKeyLength)];
}
