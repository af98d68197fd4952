namespace OpenMU.Simulation;

/// <summary>What is simulated.</summary>
/// <param name="Seed">Of everything that chance decides.</param>
/// <param name="Tracks">Files that are uploaded.</param>
/// <param name="Faults">What goes wrong until the uploads are done.</param>
/// <param name="Without">The guard that is taken away.</param>
/// <param name="IsFlood">All is uploaded in the first minute, and then others come with a track each.</param>
/// <param name="Webhooks">Partners are told of what happens, and one of them is away for a day.</param>
public sealed record SimulationPlan(
    int Seed, int Tracks, Faults Faults, Guard Without = Guard.None, bool IsFlood = false, bool Webhooks = false)
{
    private const int MostAtOnce = 16;

    /// <summary>How many workers.</summary>
    public int Workers => 4;

    /// <summary>Tracks at a time of each.</summary>
    public int Parallelism => Math.Clamp(Tracks / 200, 2, MostAtOnce);

    /// <summary>Jobs that have a message at a time.</summary>
    public int Window => Without == Guard.Turns ? 100_000 : RightWindow;

    /// <summary>As many as keep the workers busy.</summary>
    public int RightWindow => 2 * Workers * Math.Max(Parallelism, QuestionsAtOnce);

    /// <summary>Questions of each at a time.</summary>
    public int QuestionsAtOnce => 4;

    /// <summary>
    /// Batches of names that the host looks at side by side. Each asks for names all day, and at every call the host
    /// may stand still: more than there is work for would keep it from all work.
    /// </summary>
    public int UploadsAtOnce => Math.Max(1, Parallelism / 2);

    /// <summary>How often somebody asks something, at times several things.</summary>
    public int TimesOfQuestions => Tracks / 20;

    /// <summary>
    /// How much time passes between two sweeps: as many of a large container as of a small one, for each lists it all.
    /// </summary>
    public TimeSpan SweepEvery => TimeSpan.FromMinutes(Math.Clamp(Tracks / 6000, 1, 15));

    /// <summary>How long people upload: twice as fast as the workers are.</summary>
    public TimeSpan Uploading => TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(20d * Tracks / (Workers * Parallelism));
}
