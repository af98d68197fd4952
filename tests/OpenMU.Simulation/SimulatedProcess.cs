namespace OpenMU.Simulation;

/// <summary>
/// One program: a worker, or the host of the functions. Killing it leaves everything it was about to do undone, at any
/// <c>await</c>; pausing it lets all of that happen late, as on a machine that was suspended.
/// </summary>
public sealed class SimulatedProcess
{
    private readonly VirtualWorld world;

    /// <param name="world">Where it runs.</param>
    /// <param name="skew">How far its clock is ahead.</param>
    public SimulatedProcess(VirtualWorld world, TimeSpan skew)
    {
        this.world = world;
        Clock = new SkewedClock(world, this, skew);
    }

    public bool IsDead { get; private set; }

    public TimeSpan PausedUntil { get; private set; }

    /// <summary>Its clock, with timers of the world.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Called when it is killed.</summary>
    public event Action? Killed;

    public void Kill()
    {
        if (IsDead) return;
        IsDead = true;
        Killed?.Invoke();
    }

    public void Pause(TimeSpan duration) => PausedUntil = world.Elapsed + duration;

    private sealed class SkewedClock(VirtualWorld world, SimulatedProcess process, TimeSpan skew) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => world.Now + skew;

        public override long GetTimestamp() => world.Elapsed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(world, process, () => callback(state));
            timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class Timer(VirtualWorld world, SimulatedProcess process, Action callback) : ITimer
    {
        private ScheduledEvent? next;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            next?.Cancel();
            next = null;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            next = world.After(dueTime, process, () =>
            {
                Change(period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan, period);
                callback();
            });
            return true;
        }

        public void Dispose() => next?.Cancel();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
