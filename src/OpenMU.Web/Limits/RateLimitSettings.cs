using System.ComponentModel.DataAnnotations;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Web.Limits;

/// <summary>
/// How much one client, and one library, may ask of the site: the section <c>RateLimits</c> of a program's
/// configuration. Each budget may be spent at once and fills up again evenly.
/// </summary>
public sealed class RateLimitSettings
{
    /// <summary>Requests that a key, a person or an address may make in a minute.</summary>
    [Range(1, 1_000_000, ErrorMessage = StrictOptions.Between)]
    public int RequestsPerMinute { get; set; } = 1200;

    /// <summary>Of these, exports, imports, uploads, searches by likeness and the like.</summary>
    [Range(1, 1_000_000, ErrorMessage = StrictOptions.Between)]
    public int HeavyRequestsPerMinute { get; set; } = 300;

    /// <summary>Requests that all clients of a library may make in a minute together.</summary>
    [Range(1, 1_000_000, ErrorMessage = StrictOptions.Between)]
    public int TenantRequestsPerMinute { get; set; } = 6000;

    /// <summary>Requests of a key, a person or an address that are answered at once.</summary>
    [Range(1, 10_000, ErrorMessage = StrictOptions.Between)]
    public int ConcurrentRequests { get; set; } = 64;

    /// <summary>Of these, heavy ones.</summary>
    [Range(1, 10_000, ErrorMessage = StrictOptions.Between)]
    public int ConcurrentHeavyRequests { get; set; } = 16;
}
