namespace OpenMU.Simulation;

/// <summary>Makes things go wrong, and counts them.</summary>
/// <param name="world">Where.</param>
public sealed class Mischief(VirtualWorld world)
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(1), Slow = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(50), LongPause = TimeSpan.FromSeconds(200);

    private readonly SortedDictionary<string, int> done = new(StringComparer.Ordinal);

    /// <summary>What goes wrong at present.</summary>
    public Faults Faults { get; set; } = Faults.None;

    /// <summary>How often what went wrong.</summary>
    public IReadOnlyDictionary<string, int> Done => done;

    /// <summary>Whether something goes wrong now. If so, it is counted.</summary>
    public bool Does(string what, double probability)
    {
        if (!world.Happens(probability)) return false;
        done[what] = done.GetValueOrDefault(what) + 1;
        return true;
    }

    /// <summary>Where a process waits for others: it may be killed here, or stand still.</summary>
    public Task WaitAsync(SimulatedProcess process)
    {
        if (process.IsDead) return new TaskCompletionSource().Task;
        if (Kills(process)) return world.WaitAsync(TimeSpan.Zero, process);
        if (Does("process paused", Faults.Pause)) process.Pause(world.Between(ShortPause, LongPause));
        return world.WaitAsync(world.Between(Quick, Slow), process);
    }

    /// <summary>Whether the process ends here.</summary>
    public bool Kills(SimulatedProcess process)
    {
        if (process.IsDead) return true;
        if (!Does("process killed", Faults.Kill)) return false;
        process.Kill();
        return true;
    }
}
