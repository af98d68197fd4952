namespace OpenMU.Simulation;

/// <summary>What is simulated.</summary>
/// <param name="Seed">Of everything that chance decides.</param>
/// <param name="Tracks">Files that are uploaded.</param>
/// <param name="Faults">What goes wrong until the uploads are done.</param>
/// <param name="Without">The guard that is taken away.</param>
public sealed record SimulationPlan(int Seed, int Tracks, Faults Faults, Guard Without = Guard.None)
{
    private const int MostAtOnce = 16;

    /// <summary>How many workers.</summary>
    public int Workers => 4;

    /// <summary>Tracks at a time of each.</summary>
    public int Parallelism => Math.Clamp(Tracks / 200, 2, MostAtOnce);

    /// <summary>How much time passes between two sweeps.</summary>
    public TimeSpan SweepEvery => TimeSpan.FromMinutes(Parallelism < MostAtOnce ? 1 : 5);

    /// <summary>How long people upload: twice as fast as the workers are.</summary>
    public TimeSpan Uploading => TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(20d * Tracks / (Workers * Parallelism));
}
