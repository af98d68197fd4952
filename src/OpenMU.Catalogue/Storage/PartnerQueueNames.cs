using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// The queues of a partner's own: one on which it asks, and one on which it is told what became of that. They are named
/// after the tenant; a name that no queue may have is stood for by its hash.
/// </summary>
/// <param name="Asks">Messages of the partner.</param>
/// <param name="Replies">Messages to the partner.</param>
public sealed partial record PartnerQueueNames(string Asks, string Replies)
{
    private const int MaxPlainLength = 40;
    private const int HashLength = 32;

    /// <summary>Of a tenant.</summary>
    public static PartnerQueueNames Of(string tenant)
    {
        if (tenant.Length <= MaxPlainLength && Plain().IsMatch(tenant))
            return new PartnerQueueNames($"ask-{tenant}", $"reply-{tenant}");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)))[..HashLength];
        // No plain name begins so.
        return new PartnerQueueNames($"asks-{hash}", $"replies-{hash}");
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Plain();
}
