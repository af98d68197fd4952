using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>An address of a partner's to which events are sent.</summary>
public sealed class WebhookEndpoint
{
    /// <summary>Longest <see cref="Url"/>, in UTF-16 units.</summary>
    public const int MaxUrlLength = 2048;

    /// <summary>The most endpoints that a tenant may have.</summary>
    public const int MaxPerTenant = 20;

    /// <summary>How a secret begins; the rest is the key in Base64.</summary>
    public const string SecretPrefix = "whsec_";

    /// <summary>How long a replaced secret still signs beside the new one.</summary>
    public static readonly TimeSpan RotationTime = TimeSpan.FromHours(24);

    private const int SecretBytes = 32;

    public long Id { get; set; }

    /// <summary>Whose events are sent.</summary>
    public required string Tenant { get; set; }

    /// <summary>Where to, by POST.</summary>
    public required string Url { get; set; }

    /// <summary>The types of events that are sent, separated by commas; empty for all.</summary>
    public string EventTypes { get; set; } = "";

    /// <summary>
    /// The key that signs, as its receiver has it. It is stored as it is: a signature cannot be made from a hash.
    /// </summary>
    public required string Secret { get; set; }

    /// <summary>
    /// The key before, which signs too until <see cref="FormerSecretUntil"/>; null where there is none.
    /// </summary>
    public string? FormerSecret { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? FormerSecretUntil { get; set; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>Since when nothing is sent any more (UTC); null where it is.</summary>
    public DateTime? DisabledAt { get; set; }

    /// <summary>Why nothing is sent any more, in one sentence for people.</summary>
    public string? DisabledReason { get; set; }

    /// <summary>Tries in a row that failed, whichever event they were for.</summary>
    public int Failures { get; set; }

    /// <summary>When the first of them was (UTC); null where the last try succeeded.</summary>
    public DateTime? FailingSince { get; set; }

    /// <summary>Nothing is sent before this time (UTC): several tries in a row have failed.</summary>
    public DateTime? ResumesAt { get; set; }

    /// <summary>Whether events of this type are sent to it.</summary>
    public bool Wants(string type) => EventTypes.Length == 0 || EventTypes.Split(',').Contains(type);

    /// <summary>The keys that sign at this time, the newest first.</summary>
    public IReadOnlyList<string> SecretsAt(DateTime now) =>
        FormerSecret is not null && FormerSecretUntil > now ? [Secret, FormerSecret] : [Secret];

    /// <summary>A new key.</summary>
    public static string NewSecret() =>
        SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    internal sealed class Configuration : IEntityTypeConfiguration<WebhookEndpoint>
    {
        public void Configure(EntityTypeBuilder<WebhookEndpoint> endpoint)
        {
            endpoint.ToTable("WebhookEndpoints");
            endpoint.Property(e => e.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            endpoint.Property(e => e.Url).HasMaxLength(MaxUrlLength);
            endpoint.Property(e => e.EventTypes).HasMaxLength(400);
            endpoint.Property(e => e.Secret).HasMaxLength(100);
            endpoint.Property(e => e.FormerSecret).HasMaxLength(100);
            endpoint.Property(e => e.DisabledReason).HasMaxLength(400);
            endpoint.HasIndex(e => e.Tenant);
        }
    }
}
