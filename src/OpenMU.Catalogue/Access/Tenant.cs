using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>
/// Whose library it is: every track, job, question and key belongs to one. Blobs of a tenant lie below its name.
/// </summary>
public sealed partial class Tenant
{
    /// <summary>What is wrong with a name that <see cref="IsName"/> refuses, for people.</summary>
    public const string NameRule = "The name of a tenant has 1 to 64 letters, digits, spaces, dots, dashes and "
        + "underscores, begins with a letter or digit and ends with no space and no dot.";

    /// <summary>The key, and how the names of its blobs begin.</summary>
    public required string Name { get; init; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>Since when its keys are refused (UTC); null where they are not.</summary>
    public DateTime? SuspendedAt { get; set; }

    /// <summary>Origins of pages that may call the API (CORS), such as <c>https://label.example</c>.</summary>
    public List<string> AllowedOrigins { get; set; } = [];

    /// <summary>Whether a tenant may be called so: the name is a folder of the storage.</summary>
    public static bool IsName(string name) =>
        name.Length <= TrackBlob.MaxTenantLength && Names().IsMatch(name) && name[^1] is not (' ' or '.');

    [GeneratedRegex(@"\A[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]*\z")]
    private static partial Regex Names();

    internal sealed class Configuration : IEntityTypeConfiguration<Tenant>
    {
        public void Configure(EntityTypeBuilder<Tenant> tenant)
        {
            tenant.ToTable("Tenants");
            tenant.HasKey(t => t.Name);
            tenant.Property(t => t.Name).HasMaxLength(TrackBlob.MaxTenantLength);
            // There in every catalogue: a home set-up has no other.
            tenant.HasData(new Tenant
            {
                Name = TrackBlob.DefaultTenant,
                CreatedAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            });
        }
    }
}
