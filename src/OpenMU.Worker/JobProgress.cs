namespace OpenMU.Worker;

/// <summary>
/// How far a job has come. Whoever works on it tells, or names a position to look at; whoever renews its lease asks,
/// and ends a job that hangs. A timer alone renews nothing.
/// </summary>
/// <param name="options">How long a job may go without progress, and how long it may take.</param>
/// <param name="time">The clock.</param>
/// <param name="handedOver">Called when all that is left to do is the model's; may be null.</param>
public sealed class JobProgress(WorkerOptions options, TimeProvider time, Action? handedOver = null) : IDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource ended = new();
    private Func<double>? position;
    private Func<bool>? sharing;
    private double lastPosition, soundSeconds;
    private long advancedAt = time.GetTimestamp(), workedSince = time.GetTimestamp();
    private TimeSpan worked;
    private bool isSound, isWaiting;

    /// <summary>Cancelled when the job is ended for lack of progress.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>
    /// The call that made no progress was made for other jobs as well, so that nobody knows which of them is to blame.
    /// </summary>
    public bool IsShared { get; private set; }

    /// <summary>All that is left to do is the model's: other jobs may begin.</summary>
    public void HandOver() => handedOver?.Invoke();

    /// <summary>Something was done.</summary>
    public void Advance()
    {
        lock (gate) advancedAt = time.GetTimestamp();
    }

    /// <summary>
    /// The job waits for what other jobs hold, such as the model: until the disposal its time does not run.
    /// </summary>
    public IDisposable Wait()
    {
        lock (gate)
        {
            worked += time.GetElapsedTime(workedSince);
            isWaiting = true;
        }

        return new Ending(GoOn);
    }

    /// <summary>Every change of a position is progress, until the disposal.</summary>
    /// <param name="where">Called from other threads.</param>
    /// <param name="isSound">It is the seconds of sound that were decoded.</param>
    /// <param name="isShared">Whether what is done is done for other jobs as well; called from other threads.</param>
    public IDisposable Watch(Func<double> where, bool isSound = false, Func<bool>? isShared = null)
    {
        lock (gate)
        {
            (position, lastPosition, this.isSound, sharing) = (where, where(), isSound, isShared);
            advancedAt = time.GetTimestamp();
        }

        return new Ending(StopWatching);
    }

    /// <summary>Looks at the position and the clock.</summary>
    /// <returns>Why the job has to end, in one sentence; null while it may go on.</returns>
    public string? FindProblem()
    {
        lock (gate)
        {
            Look();
            if (isWaiting) return null;
            IsShared = sharing?.Invoke() ?? false;
            if (time.GetElapsedTime(advancedAt) >= options.StallAfter)
                return $"It made no progress for {options.StallAfter:c}.";
            var limit = options.Deadline + soundSeconds * options.DeadlinePerSecond * TimeSpan.FromSeconds(1);
            return worked + time.GetElapsedTime(workedSince) >= limit
                ? $"It was not done after {limit:c}, the deadline for {soundSeconds:0} s of sound."
                : null;
        }
    }

    /// <summary>Ends the job.</summary>
    public Task EndAsync() => ended.CancelAsync();

    public void Dispose() => ended.Dispose();

    private void Look()
    {
        if (position is null || position() is var now && now == lastPosition) return;
        lastPosition = position();
        if (isSound) soundSeconds = lastPosition;
        advancedAt = time.GetTimestamp();
    }

    private void StopWatching()
    {
        lock (gate)
        {
            Look();
            (position, sharing) = (null, null);
            advancedAt = time.GetTimestamp();
        }
    }

    private void GoOn()
    {
        lock (gate)
        {
            isWaiting = false;
            advancedAt = workedSince = time.GetTimestamp();
        }
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
