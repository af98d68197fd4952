using System.ComponentModel.DataAnnotations;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Catalogue.Jobs;

/// <summary>How the queues are shared: the section <c>Queues</c> of a program's configuration.</summary>
public sealed class QueueSettings
{
    /// <summary>
    /// Jobs of each kind that have a message at a time, all tenants that have work sharing them alike, but each at
    /// least one; the others wait as rows. More than the workers hold at a time, or they would run dry; not many more,
    /// for so many go before what comes next.
    /// </summary>
    [Range(1, 100_000, ErrorMessage = StrictOptions.Between)]
    public int Window { get; set; } = 128;
}
