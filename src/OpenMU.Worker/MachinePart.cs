using Microsoft.Extensions.Logging;

namespace OpenMU.Worker;

/// <summary>
/// One thing without which no work can be done, such as the decoder or the database. It is proved before the first
/// message is taken, and again after it has failed a job: one bad image or one full disk must not use up the tries of a
/// whole library.
/// </summary>
/// <param name="name">What is told to the operator.</param>
/// <param name="time">Tells how long to wait between two proofs.</param>
/// <param name="log">Told once when it fails and once when it works again.</param>
public abstract class MachinePart(string name, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2), LongestPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile bool isProved;
    private string? problem;

    /// <summary>Why it does not work, in one line; null while it does, as far as anybody knows.</summary>
    public string? Problem => Volatile.Read(ref problem);

    /// <summary>The clock.</summary>
    protected TimeProvider Time => time;

    /// <summary>Comes back when it works, at once where that was proved before and it has not failed since.</summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        for (var pause = FirstPause; !isProved; pause = 2 * pause < LongestPause ? 2 * pause : LongestPause)
        {
            if (await ProveAsync(cancel)) return;
            await Task.Delay(pause, time, cancel);
        }
    }

    /// <summary>Tries it.</summary>
    /// <returns>False if it does not work.</returns>
    public async Task<bool> ProveAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            Note(await FindProblemAsync(cancel));
            return isProved;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Whether a job failed for the sake of this part. If so, no work is taken until it works again.</summary>
    public abstract Task<bool> IsToBlameAsync(Exception failure);

    public void Dispose()
    {
        turn.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <returns>Null if it works; else one line for the operator.</returns>
    protected abstract Task<string?> FindProblemAsync(CancellationToken cancel);

    /// <summary>What was found out about it.</summary>
    /// <param name="found">Null if it works.</param>
    protected void Note(string? found)
    {
        isProved = found is null;
        var before = Interlocked.Exchange(ref problem, found);
        if (found is not null && before is null)
            log.LogError("{Part}: no work is taken until it is well again: {Problem}", name, found);
        if (found is null && before is not null) log.LogInformation("{Part} is well again", name);
    }
}
