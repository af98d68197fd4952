namespace OpenMU.Simulation;

/// <summary>
/// Time that jumps from one event to the next. Every event runs on the one thread of the pool, and what it sets going
/// there runs before the next event, so that one seed gives one story.
/// </summary>
/// <param name="seed">Of everything that chance decides.</param>
public sealed class VirtualWorld(int seed)
{
    private static readonly DateTimeOffset Beginning = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Event, (long Ticks, long Order)> events = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<bool> isOver = () => true;
    private long order;

    /// <summary>The time since the beginning.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The world's own time, which no process needs to share.</summary>
    public DateTimeOffset Now => Beginning + Elapsed;

    /// <summary>Events so far.</summary>
    public long Events { get; private set; }

    public Random Chance { get; } = new(seed);

    /// <summary>Whether something happens that does so with this probability.</summary>
    public bool Happens(double probability) =>
        probability >= 1 || (probability > 0 && Chance.NextDouble() < probability);

    /// <summary>A time between two, each as likely.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * Chance.NextDouble());

    /// <summary>
    /// Does something later, unless its process is dead by then. A paused process does it when it goes on.
    /// </summary>
    public ScheduledEvent After(TimeSpan delay, SimulatedProcess? process, Action action)
    {
        var what = new Event(process, action);
        // What a dead process left is collected, and a timer in it that nobody holds any more ends its loop: that asks
        // for more, from the finalizer's thread.
        if (process?.IsDead == true) return new ScheduledEvent(what);
        var at = Elapsed + (delay < TimeSpan.Zero ? TimeSpan.Zero : delay);
        events.Enqueue(what, (at.Ticks, order++));
        return new ScheduledEvent(what);
    }

    /// <summary>Waits. A dead process waits for ever, as one does that was killed.</summary>
    public Task WaitAsync(TimeSpan delay, SimulatedProcess? process)
    {
        var source = new TaskCompletionSource();
        After(delay, process, source.SetResult);
        return source.Task;
    }

    /// <summary>Runs events until a condition holds, or until nothing is left to happen.</summary>
    public Task RunUntilAsync(Func<bool> over)
    {
        isOver = over;
        ThreadPool.UnsafeQueueUserWorkItem(_ => Next(), null);
        return ended.Task;
    }

    private void Next()
    {
        try
        {
            // What the last event set going comes first.
            if (ThreadPool.PendingWorkItemCount == 0 && !Step())
            {
                ended.SetResult();
                return;
            }
        }
        catch (Exception e)
        {
            ended.SetException(e);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(_ => Next(), null);
    }

    private bool Step()
    {
        if (isOver() || !events.TryDequeue(out var next, out var at)) return false;
        if (at.Ticks > Elapsed.Ticks) Elapsed = TimeSpan.FromTicks(at.Ticks);
        if (next.IsCancelled || next.Process?.IsDead == true) return true;

        if (next.Process?.PausedUntil > Elapsed)
        {
            events.Enqueue(next, (next.Process.PausedUntil.Ticks, order++));
            return true;
        }

        Events++;
        next.Action();
        return true;
    }

    internal sealed class Event(SimulatedProcess? process, Action action)
    {
        public SimulatedProcess? Process => process;

        public Action Action => action;

        public bool IsCancelled { get; set; }
    }
}

/// <summary>Something that will happen, unless it is called off.</summary>
public readonly struct ScheduledEvent
{
    private readonly VirtualWorld.Event what;

    internal ScheduledEvent(VirtualWorld.Event what) => this.what = what;

    public void Cancel() => what.IsCancelled = true;
}
