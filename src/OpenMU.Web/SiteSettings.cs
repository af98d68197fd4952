using System.ComponentModel.DataAnnotations;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Web;

/// <summary>What a host decides about the site: the section <c>Site</c> of a program's configuration.</summary>
public sealed class SiteSettings : IValidatableObject
{
    /// <summary>The library that this site shows. A home set-up has one.</summary>
    [Required(ErrorMessage = StrictOptions.Needed)]
    [MaxLength(TrackBlob.MaxTenantLength, ErrorMessage = "must have at most {1} characters")]
    public string Tenant { get; set; } = TrackBlob.DefaultTenant;

    /// <summary>
    /// Where to listen, such as <c>http://127.0.0.1:5080</c> (port 0 takes a free one); null leaves
    /// it to ASPNETCORE_URLS.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>The largest file that an upload may bring.</summary>
    [Range(1, long.MaxValue, ErrorMessage = "must be at least {1}")]
    public long MaxUploadBytes { get; set; } = TrackBlob.MaxBytes;

    /// <summary>
    /// The page puts files straight into the storage, which must allow it (CORS), and not through the site.
    /// </summary>
    public bool DirectUpload { get; set; }

    /// <summary>The site answers on this machine only.</summary>
    internal bool IsLoopback => Url is not null && new Uri(Url).IsLoopback;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url is not null
            && !(Uri.TryCreate(Url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            yield return new("must be an http or https address, such as http://127.0.0.1:5080", [nameof(Url)]);
    }
}
