using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tracks;

/// <summary>A file that is to be fetched from an address and stored as an upload.</summary>
public sealed class UrlUpload
{
    /// <summary>Longest <see cref="Url"/>, in UTF-16 units.</summary>
    public const int MaxUrlLength = 2048;

    /// <summary>The most that wait of one tenant.</summary>
    public const int MaxWaiting = 10_000;

    /// <summary>Tries that bring nothing new, until it has failed.</summary>
    public const int MaxAttempts = 6;

    public long Id { get; set; }

    public required string Tenant { get; set; }

    /// <summary>Where it is.</summary>
    public required string Url { get; set; }

    /// <summary>Its path in the library.</summary>
    public required string FileName { get; set; }

    /// <summary>The blob that it becomes.</summary>
    public required string BlobName { get; set; }

    /// <summary>Of its bytes, 64 hex digits in lower case, as its sender gave it; null where he did not.</summary>
    public string? Sha256 { get; set; }

    /// <summary>Also where there is a file of the name already.</summary>
    public bool Replace { get; set; }

    public UrlUploadState State { get; set; }

    /// <summary>Why it has failed, or the last try has.</summary>
    public string? Reason { get; set; }

    /// <summary>Bytes that are in the storage, where a next try goes on.</summary>
    public long Bytes { get; set; }

    /// <summary>The strong ETag of what those bytes are the beginning of; null where the server gives none.</summary>
    public string? ETag { get; set; }

    /// <summary>Tries in a row that brought nothing new.</summary>
    public int Attempts { get; set; }

    /// <summary>When it is to be tried (UTC); while it is fetched, when others may.</summary>
    public DateTime DueAt { get; set; }

    /// <summary>Raised by every claim.</summary>
    public long Fence { get; set; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? EndedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<UrlUpload>
    {
        public void Configure(EntityTypeBuilder<UrlUpload> upload)
        {
            upload.ToTable("UrlUploads");
            upload.Property(u => u.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            upload.Property(u => u.Url).HasMaxLength(MaxUrlLength);
            upload.Property(u => u.FileName).HasMaxLength(TrackBlob.MaxNameLength);
            upload.Property(u => u.BlobName).HasMaxLength(TrackBlob.MaxNameLength);
            upload.Property(u => u.Sha256).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            upload.Property(u => u.State).HasConversion<string>().HasMaxLength(16);
            upload.Property(u => u.Reason).HasMaxLength(400);
            upload.Property(u => u.ETag).HasMaxLength(256);
            upload.HasIndex(u => u.DueAt, "IX_UrlUploads_Due")
                .HasFilter($"State = '{nameof(UrlUploadState.Waiting)}'");
            upload.HasIndex(u => new { u.Tenant, u.State });
            upload.HasIndex(u => u.EndedAt);
        }
    }
}

/// <summary>Where a file stands that is fetched.</summary>
public enum UrlUploadState
{
    /// <summary>It is to be fetched, or is being.</summary>
    Waiting,

    /// <summary>It is in the storage, and is taken in as any upload is.</summary>
    Stored,

    /// <summary>It cannot be fetched.</summary>
    Failed,
}
