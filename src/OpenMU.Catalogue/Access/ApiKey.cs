using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>A key by which a program uses the API. Its secret is not kept: only the secret's hash is.</summary>
public sealed class ApiKey
{
    /// <summary>Longest <see cref="Label"/>.</summary>
    public const int MaxLabelLength = 100;

    public long Id { get; set; }

    public required string Tenant { get; init; }

    /// <summary>What the key is for, for people; what is done by it is noted under this name.</summary>
    public required string Label { get; init; }

    /// <summary>The part of the key that is no secret, and by which it is found and named.</summary>
    public required string PublicId { get; init; }

    /// <summary>SHA-256 of the secret. The secret is random and long, so no slower hash is needed.</summary>
    public required byte[] SecretHash { get; init; }

    public ApiScopes Scopes { get; init; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>From when on it is refused (UTC); null where it does not end.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>Since when it is refused for good (UTC).</summary>
    public DateTime? RevokedAt { get; set; }

    /// <summary>When it was used last (UTC), to the minute or so; null where it never was.</summary>
    public DateTime? LastUsedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ApiKey>
    {
        public void Configure(EntityTypeBuilder<ApiKey> key)
        {
            key.ToTable("ApiKeys");
            key.Property(k => k.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            key.Property(k => k.Label).HasMaxLength(MaxLabelLength);
            key.Property(k => k.PublicId).HasMaxLength(ApiKeyText.PublicIdLength).IsFixedLength().IsUnicode(false);
            key.Property(k => k.SecretHash).HasMaxLength(32).IsFixedLength();
            key.HasIndex(k => k.PublicId).IsUnique();
            key.HasIndex(k => new { k.Tenant, k.Id });
            key.HasOne<Tenant>().WithMany().HasForeignKey(k => k.Tenant).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
