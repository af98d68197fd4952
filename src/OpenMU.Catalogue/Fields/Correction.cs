using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Fields;

/// <summary>
/// What people have put right about one content, whichever tracks have it. A value here stands above the owner's data,
/// the file's tags and the analysis; what is not here leaves theirs. It survives renames, new runs and new models.
/// </summary>
public sealed class Correction
{
    /// <summary>Part of the key.</summary>
    public required string Tenant { get; set; }

    /// <summary>Part of the key: <see cref="Jobs.Job.ContentId"/>.</summary>
    public required string ContentId { get; set; }

    /// <summary>All that is put right.</summary>
    public FieldSet Fields { get; set; } = FieldSet.Empty;

    // What search reads follows from the fields.
    public string? Title
    {
        get => Fields.One(FieldNames.Title);
        private set { } // the database's copy is written, never believed
    }

    public string? Artist
    {
        get => Fields.Joined(FieldNames.Artists);
        private set { } // the database's copy is written, never believed
    }

    public string? Album
    {
        get => Fields.One(FieldNames.Album);
        private set { } // the database's copy is written, never believed
    }

    public double? Bpm
    {
        get => Fields.One(FieldNames.Bpm) is { } bpm ? double.Parse(bpm, CultureInfo.InvariantCulture) : null;
        private set { } // the database's copy is written, never believed
    }

    public int? Metre
    {
        get => Fields.One(FieldNames.Metre) is { } units ? int.Parse(units, CultureInfo.InvariantCulture) : null;
        private set { } // the database's copy is written, never believed
    }

    /// <summary>As <see cref="Tracks.Analysis.Key"/>.</summary>
    public MusicalKey? Key
    {
        get => MusicalKey.TryParse(Fields.One(FieldNames.Key));
        private set { } // the database's copy is written, never believed
    }

    /// <summary>The same key on the Camelot wheel.</summary>
    public string? Camelot
    {
        get => Key?.Camelot;
        private set { } // the database's copy is written, never believed
    }

    public string? Caption
    {
        get => Fields.One(FieldNames.Caption);
        private set { } // the database's copy is written, never believed
    }

    /// <summary>All tags, separated by commas; empty where there are said to be none.</summary>
    public string? TagText
    {
        get => Says(FieldNames.Tags) ? Fields.Joined(FieldNames.Tags) ?? "" : null;
        private set { } // the database's copy is written, never believed
    }

    /// <summary>What search finds it by; follows the rest.</summary>
    public string Folded
    {
        get => SearchDocument.Of(this);
        private set { } // the database's copy is written, never believed
    }

    /// <summary>Who changed it last.</summary>
    public required string By { get; set; }

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }

    /// <summary>From 1; each change makes one more.</summary>
    public int Version { get; set; }

    /// <summary>Whether it says something of a field, be it that there is no value.</summary>
    public bool Says(string field) => Fields[field] is not null;

    /// <summary>What was measured, with what is put right of it laid over it.</summary>
    public MusicalFacts Over(MusicalFacts measured)
    {
        var facts = measured.CorrectedBy(Bpm, Key, Analysis.MetreOf(Metre));
        if (Says("duration"))
        {
            facts = facts with
            {
                DurationSeconds = Fields.One("duration") is { } seconds
                    ? double.Parse(seconds, CultureInfo.InvariantCulture)
                    : null,
            };
        }

        return facts.Without(
            tempo: Says(FieldNames.Bpm) && Bpm is null, key: Says(FieldNames.Key) && Key is null,
            metre: Says(FieldNames.Metre) && Metre is null);
    }

    /// <summary>Who says that all that is shown is right; null where nobody has.</summary>
    public string? ApprovedBy { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? ApprovedAt { get; set; }

    /// <summary>Who demands that nothing is changed any more; null where anybody may.</summary>
    public string? LockedBy { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Correction>
    {
        public void Configure(EntityTypeBuilder<Correction> correction)
        {
            correction.ToTable("Corrections");
            correction.HasKey(c => new { c.Tenant, c.ContentId });
            correction.Property(c => c.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            correction.Property(c => c.ContentId).HasMaxLength(80);
            correction.Property(c => c.Fields).StoredAsJson();
            correction.Property(c => c.Key)
                .HasConversion(key => key!.Value.Name, name => MusicalKey.Parse(name)).HasMaxLength(16);
            correction.Property(c => c.Camelot).HasMaxLength(4);
            correction.Property(c => c.By).HasMaxLength(256);
            correction.Property(c => c.ApprovedBy).HasMaxLength(256);
            correction.Property(c => c.LockedBy).HasMaxLength(256);
            correction.Property(c => c.Version).IsConcurrencyToken();
        }
    }
}

/// <summary>One field of a content that somebody changed: a line of its history, which is never changed.</summary>
public sealed class CorrectionChange
{
    /// <summary>What <see cref="Field"/> says of an approval and of a lock, which are no fields.</summary>
    public const string Approved = "approved", Locked = "locked";

    private static readonly JsonSerializerOptions Json =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public long Id { get; set; }

    public required string Tenant { get; set; }

    public required string ContentId { get; set; }

    /// <summary>Of the field; <c>approved</c> and <c>locked</c> for what is no field.</summary>
    public required string Field { get; set; }

    /// <summary>The correction before: a JSON array of texts; null where there was none.</summary>
    public string? Before { get; set; }

    /// <summary>The correction after, likewise; null where it was withdrawn.</summary>
    public string? After { get; set; }

    public required string By { get; set; }

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }

    /// <summary>By which way: <c>page</c>, <c>api</c>, <c>cli</c> or <c>import</c>.</summary>
    public required string Via { get; set; }

    /// <summary>Changes that were made at once have the same, and are undone at once.</summary>
    public required string Batch { get; set; }

    /// <summary>The batch that this change took back; null where it is no undoing.</summary>
    public string? Undoes { get; set; }

    /// <summary>False for an approval or a lock.</summary>
    public bool IsOfField => Field is not (Approved or Locked);

    /// <summary><see cref="Before"/> as values.</summary>
    public IReadOnlyList<string>? ValuesBefore => Read(Before);

    /// <summary><see cref="After"/> as values.</summary>
    public IReadOnlyList<string>? ValuesAfter => Read(After);

    /// <summary>Values as they are stored here.</summary>
    internal static string? Write(IReadOnlyList<string>? values) =>
        values is null ? null : JsonSerializer.Serialize(values, Json);

    private static string[]? Read(string? json) =>
        json is null ? null : JsonSerializer.Deserialize<string[]>(json, Json);

    internal sealed class Configuration : IEntityTypeConfiguration<CorrectionChange>
    {
        public void Configure(EntityTypeBuilder<CorrectionChange> change)
        {
            change.ToTable("CorrectionChanges");
            change.Property(c => c.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            change.Property(c => c.ContentId).HasMaxLength(80);
            change.Property(c => c.Field).HasMaxLength(80);
            change.Property(c => c.By).HasMaxLength(256);
            change.Property(c => c.Via).HasMaxLength(16);
            change.Property(c => c.Batch).HasMaxLength(32);
            change.HasIndex(c => new { c.Tenant, c.ContentId, c.Id });
            change.Property(c => c.Undoes).HasMaxLength(32);
            change.Ignore(c => c.IsOfField);
            change.Ignore(c => c.ValuesBefore);
            change.Ignore(c => c.ValuesAfter);
            change.HasIndex(c => new { c.Tenant, c.Batch, c.ContentId });
        }
    }
}
