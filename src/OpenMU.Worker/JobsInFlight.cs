namespace OpenMU.Worker;

/// <summary>
/// What a worker has in flight, from all its queues. Jobs run side by side, but one that may have ended a worker runs
/// alone: it begins when the others are done, and nothing begins beside it.
/// </summary>
internal sealed class JobsInFlight
{
    private readonly Lock gate = new();
    private TaskCompletionSource left = NewSignal();
    private Place? alone;
    private int count;

    /// <summary>
    /// A place for one more job, which leaves by disposing it; null while a job is alone or waits to be.
    /// </summary>
    public Place? TryEnter()
    {
        lock (gate)
        {
            if (alone is not null) return null;
            count++;
            return new Place(this);
        }
    }

    /// <summary>Comes back when <see cref="TryEnter"/> gives a place.</summary>
    public Task WaitAsync(CancellationToken cancel) => UntilAsync(() => alone is null, cancel);

    private async Task<bool> TryStayAloneAsync(Place place, CancellationToken cancel)
    {
        lock (gate)
        {
            if (alone is not null) return false;
            alone = place;
        }

        await UntilAsync(() => count == 1, cancel);
        return true;
    }

    private async Task UntilAsync(Func<bool> holds, CancellationToken cancel)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (holds()) return;
                next = left.Task;
            }

            await next.WaitAsync(cancel);
        }
    }

    private void Leave(Place place)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            count--;
            if (alone == place) alone = null;
            (signal, left) = (left, NewSignal());
        }

        signal.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One job's place.</summary>
    public sealed class Place(JobsInFlight jobs) : IDisposable
    {
        /// <summary>Waits until every other job has left; none enters until this one has left too.</summary>
        /// <returns>False, without waiting, if another job is alone or waits to be.</returns>
        public Task<bool> TryStayAloneAsync(CancellationToken cancel) => jobs.TryStayAloneAsync(this, cancel);

        public void Dispose() => jobs.Leave(this);
    }
}
