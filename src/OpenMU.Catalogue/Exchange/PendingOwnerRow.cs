using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Exchange;

/// <summary>A row of an import that waits for its track.</summary>
public sealed class PendingOwnerRow
{
    // As the columns are called, which no field is.
    private const string Language = "lyricsLanguage", Explicit = "lyricsExplicit";

    /// <summary>Part of the key.</summary>
    public required string Tenant { get; set; }

    /// <summary>Part of the key: a hash of all that the track may be found by, so that a row that comes again is the
    /// same one.</summary>
    public required string Id { get; set; }

    /// <summary>As <see cref="Track.NameKey"/>; null where the row names no file.</summary>
    public string? NameKey { get; set; }

    /// <summary>The path that the row names.</summary>
    public string? File { get; set; }

    public string? ContentId { get; set; }

    public string? OwnId { get; set; }

    /// <summary>The first one.</summary>
    public string? Isrc { get; set; }

    /// <summary>What it says in fields, and beside them what it says of the lyrics themselves.</summary>
    public FieldSet Fields { get; private set; } = FieldSet.Empty;

    /// <summary>Plain or LRC; null where the row has none.</summary>
    public string? Lyrics { get; private set; }

    public required string By { get; set; }

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }

    /// <summary>The fields alone.</summary>
    internal FieldSet OwnersFields => Fields.With(Language, null).With(Explicit, null);

    /// <summary>The lyrics with what is said of them; null where the row has none.</summary>
    internal RowLyrics? OwnersLyrics => Lyrics is null ? null : new RowLyrics(
        SongLyrics.Parse(Lyrics), Fields.One(Language), Fields.One(Explicit) is { } said ? bool.Parse(said) : null);

    /// <summary>Keeps what a row says, instead of what it said before.</summary>
    internal void Keep(ImportReading reading)
    {
        Lyrics = reading.Lyrics?.Song.ToLrc();
        Fields = reading.Fields;
        if (reading.Lyrics?.Language is { } language) Fields = Fields.With(Language, [language]);
        if (reading.Lyrics?.IsExplicit is { } said) Fields = Fields.With(Explicit, [said ? "true" : "false"]);
    }

    internal sealed class Configuration : IEntityTypeConfiguration<PendingOwnerRow>
    {
        public void Configure(EntityTypeBuilder<PendingOwnerRow> row)
        {
            row.ToTable("PendingOwnerRows");
            row.HasKey(r => new { r.Tenant, r.Id });
            row.Property(r => r.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            row.Property(r => r.Id).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            row.Property(r => r.NameKey).HasMaxLength(Track.MaxFileNameLength);
            row.Property(r => r.File).HasMaxLength(TrackBlob.MaxNameLength);
            row.Property(r => r.ContentId).HasMaxLength(80);
            row.Property(r => r.OwnId).HasMaxLength(OwnerRecord.MaxOwnIdLength);
            row.Property(r => r.Isrc).HasMaxLength(12).IsFixedLength().IsUnicode(false);
            row.Property(r => r.Fields).StoredAsJson();
            row.Property(r => r.By).HasMaxLength(256);
            row.Ignore(r => r.OwnersFields);
            row.Ignore(r => r.OwnersLyrics);
            row.HasIndex(r => new { r.Tenant, r.NameKey });
            row.HasIndex(r => new { r.Tenant, r.ContentId });
            row.HasIndex(r => new { r.Tenant, r.OwnId });
            row.HasIndex(r => new { r.Tenant, r.Isrc });
        }
    }
}
