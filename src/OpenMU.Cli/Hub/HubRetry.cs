namespace OpenMU.Cli.Hub;

/// <summary>
/// Waits between the tries of one request: as long as the hub asks, or twice as long after each failure. Progress makes
/// the count begin again, so that a long download outlives any number of cut connections.
/// </summary>
internal sealed class HubRetry(HubSettings settings)
{
    private const int Tries = 6;
    private int failures;

    public void Progressed() => failures = 0;

    /// <summary>Runs one request until it succeeds.</summary>
    /// <exception cref="HubException">It failed for good, or too often.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> request, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await request();
            }
            catch (HubException e) when (e.IsTransient)
            {
                await WaitAsync(e, cancel);
            }
        }
    }

    /// <exception cref="HubException">There were too many failures in a row, or the wait is too long.</exception>
    public async Task WaitAsync(HubException failure, CancellationToken cancel)
    {
        if (++failures >= Tries)
            throw Final(failure, $"given up after {Tries} tries; run the same command again later");
        var wait = failure.RetryAfter ?? settings.FirstWait * (1 << (failures - 1));
        if (wait > settings.LongestWait)
            throw Final(failure, $"it asks to wait {wait.TotalSeconds:0} s; run the same command again after that");
        await Task.Delay(wait, settings.Clock, cancel);
    }

    private static HubException Final(HubException failure, string end) =>
        new($"{failure.Message.TrimEnd('.')} ({end}).");
}
