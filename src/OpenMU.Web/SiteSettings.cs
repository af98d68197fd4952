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
    /// How many seconds a request waits for storage and database before it is asked to come again: those that hang are
    /// away too. What reads or writes much takes its time.
    /// </summary>
    [Range(1, 600, ErrorMessage = "must be from {1} to {2}")]
    public int AnswerSeconds { get; set; } = 8;

    /// <summary>
    /// The page puts files straight into the storage, which must allow it (CORS), and not through the site.
    /// </summary>
    public bool DirectUpload { get; set; }

    /// <summary>
    /// Origins whose pages may use the API with a key, such as <c>https://partner.example</c>, with spaces between;
    /// none when left out.
    /// </summary>
    public string CorsOrigins { get; set; } = "";

    /// <summary>The origins, one by one.</summary>
    internal string[] AllowedOrigins => CorsOrigins.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Who tells the site whom it has before it. Only a proxy that takes the names of others out of requests may: in
    /// Azure the platform does, where sign-in is set up.
    /// </summary>
    [EnumDataType(typeof(SiteSignIn), ErrorMessage = "must be None or Platform")]
    public SiteSignIn SignIn { get; set; }

    /// <summary>
    /// Who gives programs tokens, such as <c>https://login.microsoftonline.com/TENANT/v2.0</c>; null takes none.
    /// </summary>
    public string? EntraAuthority { get; set; }

    /// <summary>For whom these are to be: the id of the site's own registration.</summary>
    public string? EntraAudience { get; set; }

    /// <summary>Which applications there are: see <see cref="Access.EntraApplications"/>.</summary>
    public string? EntraApplications { get; set; }

    /// <summary>The site answers on this machine only.</summary>
    internal bool IsLoopback => Url is not null && new Uri(Url).IsLoopback;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url is not null
            && !(Uri.TryCreate(Url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            yield return new("must be an http or https address, such as http://127.0.0.1:5080", [nameof(Url)]);
        foreach (var origin in AllowedOrigins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var site)
                || site.GetLeftPart(UriPartial.Authority) != origin)
            {
                yield return new(
                    "must be origins with spaces between them, such as https://partner.example: nothing behind name and port",
                    [nameof(CorsOrigins)]);
            }
        }
        if (Access.EntraApplications.Read(EntraApplications) is null)
            yield return new(Access.EntraApplications.Form, [nameof(EntraApplications)]);
        if (EntraAuthority is null) yield break;
        if (!Uri.TryCreate(EntraAuthority, UriKind.Absolute, out var authority)
            || !(authority.Scheme == Uri.UriSchemeHttps || authority.IsLoopback))
            yield return new("must be an https address", [nameof(EntraAuthority)]);
        if (string.IsNullOrWhiteSpace(EntraAudience))
            yield return new(StrictOptions.Needed + " where there is an authority", [nameof(EntraAudience)]);
    }
}

/// <summary>By whom people are signed in.</summary>
public enum SiteSignIn
{
    /// <summary>By nobody: keys alone, or at home whoever sits at the machine.</summary>
    None,

    /// <summary>By the sign-in of Azure's platform, which names them in <c>X-MS-CLIENT-PRINCIPAL</c> headers.</summary>
    Platform,
}
