using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>
/// Who did what: a line that is written in the transaction of what it tells. The database refuses to change or delete
/// one (<see cref="AuditObjects"/>).
/// </summary>
public sealed class AuditEntry
{
    /// <summary>Longest <see cref="Subject"/>; of more, the beginning is kept.</summary>
    public const int MaxSubjectLength = 256;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public long Id { get; init; }

    /// <summary>UTC.</summary>
    public DateTime At { get; init; }

    public required string Tenant { get; init; }

    /// <summary>The person, or the label of the key.</summary>
    public required string By { get; init; }

    /// <summary>By which way: <c>page</c>, <c>api</c>, <c>cli</c> or <c>import</c>.</summary>
    public required string Via { get; init; }

    /// <summary>One of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: a key's public id, a track's number, a content, a batch.</summary>
    public required string Subject { get; init; }

    /// <summary>More about it, a JSON object; null where there is no more to say.</summary>
    public string? Detail { get; init; }

    /// <summary>A line, to be added to the context that does what it tells.</summary>
    public static AuditEntry Of(
        string tenant, CorrectionAuthor author, string action, string subject, DateTime now, object? detail = null) =>
        new()
        {
            At = now,
            Tenant = tenant,
            By = author.By,
            Via = author.Via,
            Action = action,
            Subject = subject.Length <= MaxSubjectLength ? subject : subject[..MaxSubjectLength],
            Detail = detail is null ? null : JsonSerializer.Serialize(detail, Json),
        };

    internal sealed class Configuration : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> entry)
        {
            entry.ToTable("AuditEntries");
            entry.Property(e => e.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            entry.Property(e => e.By).HasMaxLength(256);
            entry.Property(e => e.Via).HasMaxLength(16);
            entry.Property(e => e.Action).HasMaxLength(64);
            entry.Property(e => e.Subject).HasMaxLength(MaxSubjectLength);
            entry.HasIndex(e => new { e.Tenant, e.Id });
        }
    }
}

/// <summary>What is noted.</summary>
public static class AuditActions
{
    public const string TenantAdded = "tenant.added", TenantSuspended = "tenant.suspended",
        TenantResumed = "tenant.resumed";

    public const string KeyCreated = "key.created", KeyRevoked = "key.revoked", KeyRotated = "key.rotated";

    public const string Corrected = "correction", Deleted = "track.deleted", TakenDown = "track.taken-down",
        Exported = "export", Published = "analyses.published", RolledBack = "analyses.rolled-back",
        TaxonomyPublished = "taxonomy.published";
}
