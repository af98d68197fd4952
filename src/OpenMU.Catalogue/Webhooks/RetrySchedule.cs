namespace OpenMU.Catalogue.Webhooks;

/// <summary>When a delivery is tried again: ten tries over three days.</summary>
public static class RetrySchedule
{
    private const double Jitter = 0.2;

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2),
        TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>Tries in all.</summary>
    public static int MaxAttempts => Pauses.Length + 1;

    /// <summary>How long to wait after a try that failed; null where it was the last.</summary>
    /// <param name="attempts">Tries so far, from 1.</param>
    /// <param name="delivery">
    /// Its number decides the jitter of up to a fifth more, so that what failed together does not come back together.
    /// </param>
    public static TimeSpan? After(int attempts, long delivery)
    {
        if (attempts > Pauses.Length) return null;
        // Fibonacci hashing: neighbours lie far from each other.
        var share = (((ulong)delivery * 16) + (ulong)attempts) * 0x9E3779B97F4A7C15 >> 11;
        return Pauses[attempts - 1] * (1 + (Jitter * (share / (double)(1UL << 53))));
    }

    /// <summary>
    /// How long an endpoint is left alone after tries in a row that failed, whichever event they were for.
    /// </summary>
    /// <param name="failures">So many.</param>
    public static TimeSpan Rest(int failures) => failures < 3
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(300, 5 * Math.Pow(2, failures - 3)));
}
