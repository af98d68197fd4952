using System.ComponentModel.DataAnnotations;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>
/// Whereto the system calls out on behalf of its users: the section <c>Webhooks</c> of a program's configuration. It
/// holds for webhooks and for files that are fetched by their address.
/// </summary>
public sealed class WebhookSettings : IValidatableObject
{
    /// <summary>Addresses may begin with http://; without this, only with https://.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// Hosts with their ports that may be called although their addresses are not public, separated by commas, such as
    /// <c>receiver.internal:443, 127.0.0.1:8080</c>.
    /// </summary>
    public string? AllowedHosts { get; set; }

    /// <summary>How long a receiver has for its answer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30", ErrorMessage = StrictOptions.Between)]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long events and what became of their deliveries are kept, and can be replayed.</summary>
    [Range(typeof(TimeSpan), "4.00:00:00", "3650.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);

    /// <summary>An endpoint that has failed for so long is disabled when a delivery has used up its tries.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Those of <see cref="AllowedHosts"/>, in lower case.</summary>
    internal IReadOnlySet<string> Allowed =>
        (AllowedHosts ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(host => host.ToLowerInvariant()).ToHashSet();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var host in Allowed)
        {
            if (!Uri.TryCreate($"https://{host}/", UriKind.Absolute, out _) || !host.Contains(':'))
                yield return new("must be hosts with ports, such as receiver.internal:443", [nameof(AllowedHosts)]);
        }
    }
}
