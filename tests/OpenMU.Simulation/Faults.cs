namespace OpenMU.Simulation;

/// <summary>How often what goes wrong, as probabilities; and between what times.</summary>
public sealed record Faults
{
    /// <summary>A process ends at one of its calls of storage or database, before it or after it.</summary>
    public double Kill { get; init; }

    /// <summary>A process stands still for longer than its leases, and then goes on as if nothing had been.</summary>
    public double Pause { get; init; }

    /// <summary>Storage answers that it is busy.</summary>
    public double Throttle { get; init; }

    /// <summary>A call of storage never arrives.</summary>
    public double LostCall { get; init; }

    /// <summary>Storage does what it was asked to, and the answer never arrives.</summary>
    public double LostReply { get; init; }

    /// <summary>The database does not answer: a timeout, or the victim of a deadlock.</summary>
    public double Database { get; init; }

    /// <summary>A transaction is committed, and the answer never arrives.</summary>
    public double LostCommit { get; init; }

    /// <summary>A message vanishes from the queue.</summary>
    public double LostMessage { get; init; }

    /// <summary>A message is handed out again while somebody holds it.</summary>
    public double DoubledMessage { get; init; }

    /// <summary>A message becomes visible minutes late.</summary>
    public double LateMessage { get; init; }

    /// <summary>A younger message is handed out before an older one.</summary>
    public double Reordered { get; init; }

    /// <summary>An event about a blob never comes, or comes twice, or late.</summary>
    public double Event { get; init; }

    /// <summary>How far clocks are off at most, to either side.</summary>
    public TimeSpan Skew { get; init; }

    /// <summary>
    /// The same for processes that have more to do: they die and stand still at a call each, so the more calls they
    /// make, the more seldom at one of them. Otherwise none would live long enough to do anything.
    /// </summary>
    /// <param name="parallelism">Tracks at a time of a worker.</param>
    public Faults For(int parallelism)
    {
        var share = Math.Min(1, 2.0 / parallelism);
        return this with { Kill = Kill * Math.Pow(share, 1.5), Pause = Pause * share * share };
    }

    /// <summary>Nothing goes wrong.</summary>
    public static Faults None { get; } = new();

    /// <summary>Much more of everything than a year in Azure brings.</summary>
    public static Faults Storm { get; } = new()
    {
        Kill = 0.0008,
        Pause = 0.003,
        Throttle = 0.004,
        LostCall = 0.004,
        LostReply = 0.004,
        Database = 0.002,
        LostCommit = 0.002,
        LostMessage = 0.01,
        DoubledMessage = 0.02,
        LateMessage = 0.02,
        Reordered = 0.1,
        Event = 0.03,
        Skew = TimeSpan.FromSeconds(40),
    };
}

/// <summary>What protects the catalogue, and can be taken away to see that the simulation notices.</summary>
public enum Guard
{
    /// <summary>Nothing is taken away.</summary>
    None,

    /// <summary>A result is stored only by the latest claim.</summary>
    Fence,

    /// <summary>A content has one job for a model.</summary>
    Dedupe,

    /// <summary>A message is sent again only when its age says that it is lost.</summary>
    Age,

    /// <summary>Of a tenant's jobs only a window has messages.</summary>
    Turns,

    /// <summary>An event is written in the transaction of what happened.</summary>
    Outbox,

    /// <summary>A receiver gets the events of one track one after the other.</summary>
    Order,
}
