namespace OpenMU.Web;

/// <summary>What a host decides about the site.</summary>
public sealed record SiteSettings
{
    /// <summary>The library that this site shows. A home set-up has one.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>Where to listen, such as <c>http://127.0.0.1:5080</c> (port 0 takes a free one); null leaves it to ASPNETCORE_URLS.</summary>
    public string? Url { get; init; }

    /// <summary>The largest file that an upload may bring.</summary>
    public long MaxUploadBytes { get; init; } = 2L << 30;
}
