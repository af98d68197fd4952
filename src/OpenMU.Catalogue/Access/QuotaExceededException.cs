using System.Globalization;

namespace OpenMU.Catalogue.Access;

/// <summary>A tenant has asked for more than is left of what it may.</summary>
/// <param name="quota">Of what.</param>
/// <param name="allowed">How much it may.</param>
/// <param name="left">How much of that was left before this; nothing where it has more than it may by now.</param>
/// <param name="asked">How much this was.</param>
/// <param name="retryAfter">When it may be worth another try.</param>
public sealed class QuotaExceededException(Quota quota, long allowed, long left, long asked, TimeSpan retryAfter)
    : Exception(Say(quota, allowed, Math.Max(0, left), asked))
{
    /// <summary>Of what.</summary>
    public Quota Quota => quota;

    /// <summary>When it may be worth another try.</summary>
    public TimeSpan RetryAfter => retryAfter;

    private static string Say(Quota quota, long allowed, long left, long asked)
    {
        var may = quota switch
        {
            Quota.TracksADay => $"The library may take in {Count(allowed)} tracks a day (UTC)",
            Quota.QuestionsADay => $"The library may ask {Count(allowed)} questions a day (UTC)",
            Quota.BytesStored => $"The library may store {Count(allowed)} bytes",
            _ => $"Of the library's tracks and questions {Count(allowed)} may wait at a time",
        };
        return left > 0
            ? $"{may}: {Count(left)} {(left == 1 ? "is" : "are")} left, and this needs {Count(asked)}."
            : $"{may}, and none is left.";
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>What may be limited: the properties of <see cref="TenantLimits"/>.</summary>
public enum Quota
{
    TracksADay,
    QuestionsADay,
    BytesStored,
    JobsWaiting,
}
