using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Jobs;

namespace OpenMU.Catalogue.Questions;

/// <summary>What a partner puts on its queue: a <see cref="BatchRequest"/> with a key.</summary>
/// <param name="IdempotencyKey">As of a POST, 1 to 128 characters: the same message twice makes one batch.</param>
/// <param name="Questions">As of a POST.</param>
/// <param name="Tracks">As of a POST.</param>
/// <param name="Priority">As of a POST.</param>
/// <param name="ExpiresIn">As of a POST.</param>
public sealed record PartnerMessage(
    string IdempotencyKey, IReadOnlyList<string> Questions, IReadOnlyList<AskedTrack> Tracks,
    JobPriority? Priority = null, int? ExpiresIn = null)
{
    /// <summary>What it asks for.</summary>
    [JsonIgnore]
    public BatchRequest Request => new(Questions, Tracks, Priority, ExpiresIn);

    /// <summary>What is wrong with it, by field; empty where nothing is.</summary>
    public Dictionary<string, string[]> Mistakes()
    {
        var mistakes = Request.Mistakes();
        if (IdempotencyKey.Length is 0 or > QuestionBatch.MaxKeyLength || IdempotencyKey.Any(c => c is < '!' or > '~'))
        {
            mistakes["idempotencyKey"] =
                [$"It has 1 to {QuestionBatch.MaxKeyLength} characters of ASCII, without spaces."];
        }
        return mistakes;
    }

    /// <summary>Reads a message's text, which may be Base64 as the storage's own libraries write it.</summary>
    /// <exception cref="JsonException">It is no such message.</exception>
    public static PartnerMessage Read(string text)
    {
        var json = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (!json.StartsWith('{'))
        {
            try
            {
                json = Encoding.UTF8.GetString(Convert.FromBase64String(json));
            }
            catch (FormatException)
            {
                throw new JsonException("It is neither JSON nor Base64 of it.");
            }
        }
        return JsonSerializer.Deserialize<PartnerMessage>(json, BatchRequest.Json)
            ?? throw new JsonException("It is null.");
    }
}

/// <summary>What a partner is told of a message.</summary>
/// <param name="MessageId">The message's, as the storage gave it.</param>
/// <param name="IdempotencyKey">The message's; null where it could not be read.</param>
/// <param name="Outcome">Whether the batch is stored.</param>
/// <param name="BatchId">Of the batch; null where it was rejected.</param>
/// <param name="Total">How many questions it has; null where it was rejected.</param>
/// <param name="Errors">What is wrong with the message, by field; null where it was accepted.</param>
public sealed record PartnerReply(
    string MessageId, string? IdempotencyKey, PartnerOutcome Outcome, long? BatchId, int? Total,
    IReadOnlyDictionary<string, string[]>? Errors);

/// <summary>What becomes of a partner's message.</summary>
public enum PartnerOutcome
{
    /// <summary>The batch is stored.</summary>
    Accepted,

    /// <summary>Nothing is stored, and the message is gone.</summary>
    Rejected,
}
