using System.Globalization;

namespace OpenMU.Catalogue.Access;

/// <summary>A tenant has used up what it may.</summary>
/// <param name="quota">Of what.</param>
/// <param name="allowed">How much it may.</param>
/// <param name="retryAfter">When it may be worth another try.</param>
public sealed class QuotaExceededException(Quota quota, long allowed, TimeSpan retryAfter)
    : Exception(Say(quota, allowed))
{
    /// <summary>Of what.</summary>
    public Quota Quota => quota;

    /// <summary>When it may be worth another try.</summary>
    public TimeSpan RetryAfter => retryAfter;

    private static string Say(Quota quota, long allowed)
    {
        var count = allowed.ToString("N0", CultureInfo.InvariantCulture);
        return quota switch
        {
            Quota.TracksADay => $"The library may take in {count} tracks a day (UTC), and has done so today.",
            Quota.QuestionsADay => $"The library may ask {count} questions a day (UTC), and has done so today.",
            Quota.BytesStored => $"The library may store {count} bytes, which would be exceeded.",
            _ => $"Of the library's tracks and questions {count} may wait at a time, and do so.",
        };
    }
}

/// <summary>What may be limited: the properties of <see cref="TenantLimits"/>.</summary>
public enum Quota
{
    TracksADay,
    QuestionsADay,
    BytesStored,
    JobsWaiting,
}
