using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>The audit: read in the order in which it was written, and written where nothing else is.</summary>
public sealed class AuditLog(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    /// <summary>Lines that are read at most at once.</summary>
    public const int MaxListed = 10_000;

    private const int BatchSize = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Notes what changes no row, such as an export.</summary>
    /// <param name="tenant">Whose data.</param>
    /// <param name="author">Who does it.</param>
    /// <param name="action">One of <see cref="AuditActions"/>.</param>
    /// <param name="subject">What it is done to.</param>
    /// <param name="detail">More about it; null where there is no more.</param>
    /// <param name="cancel">Gives up; nothing is noted then.</param>
    public async Task NoteAsync(
        string tenant, CorrectionAuthor author, string action, string subject, object? detail, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        await db.InTransactionAsync(
            async token =>
            {
                db.AuditEntries.Add(
                    AuditEntry.Of(tenant, author, action, subject, time.GetUtcNow().UtcDateTime, detail));
                return await db.SaveChangesAsync(token);
            },
            cancel);
    }

    /// <summary>A tenant's lines, the oldest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="after">Goes on after the line of this number; 0 begins.</param>
    /// <param name="atMost">Ends after so many; null at the end.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async IAsyncEnumerable<AuditEntry> ReadAsync(
        string tenant, long after, int? atMost, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        for (var left = atMost ?? int.MaxValue; left > 0;)
        {
            var from = after;
            var batch = await db.AuditEntries.AsNoTracking().Where(e => e.Tenant == tenant && e.Id > from)
                .OrderBy(e => e.Id).Take(Math.Min(BatchSize, left)).ToListAsync(cancel);
            foreach (var entry in batch) yield return entry;
            if (batch.Count < BatchSize) yield break;
            (after, left) = (batch[^1].Id, left - batch.Count);
        }
    }

    /// <summary>Writes lines as JSON Lines.</summary>
    public static async Task WriteJsonLinesAsync(
        IAsyncEnumerable<AuditEntry> entries, Stream output, CancellationToken cancel)
    {
        await using var writer = ExchangeText.Writer(output);
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            using var detail = entry.Detail is null ? null : JsonDocument.Parse(entry.Detail);
            await writer.WriteAsync(JsonSerializer.Serialize(
                new
                {
                    entry.Id,
                    entry.At,
                    entry.Tenant,
                    entry.By,
                    entry.Via,
                    entry.Action,
                    entry.Subject,
                    Detail = detail?.RootElement,
                },
                Json) + "\n");
        }
    }

    /// <summary>Writes lines as a table with a header, quoted after RFC 4180.</summary>
    public static async Task WriteCsvAsync(
        IAsyncEnumerable<AuditEntry> entries, Stream output, CancellationToken cancel)
    {
        await using var writer = ExchangeText.Writer(output);
        await writer.WriteAsync("id,at,tenant,by,via,action,subject,detail\r\n");
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            string[] cells =
            [
                entry.Id.ToString(CultureInfo.InvariantCulture), entry.At.ToString("O", CultureInfo.InvariantCulture),
                ExchangeText.Disarm(entry.Tenant), ExchangeText.Disarm(entry.By), entry.Via, entry.Action,
                ExchangeText.Disarm(entry.Subject), entry.Detail ?? "",
            ];
            await writer.WriteAsync($"{string.Join(',', cells.Select(cell => ExchangeText.Quoted(cell)))}\r\n");
        }
    }
}
