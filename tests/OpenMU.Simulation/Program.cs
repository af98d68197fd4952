using System.CommandLine;
using OpenMU.Simulation;

Option<int> tracks = new("--tracks") { Description = "Files that are uploaded.", DefaultValueFactory = _ => 100_000 };
Option<int> seed = new("--seed") { Description = "Decides everything that chance does.", DefaultValueFactory = _ => 1 };
Option<int> seeds = new("--seeds")
{
    Description = "So many runs, each with the next seed, until books do not close.",
    DefaultValueFactory = _ => 1,
};
Option<Guard> without = new("--without")
{
    Description = "A guard that is taken away; the books must then not close.",
    DefaultValueFactory = _ => Guard.None,
};
Option<bool> calm = new("--calm") { Description = "Nothing goes wrong." };
Option<bool> flood = new("--flood")
{
    Description = "One library uploads all in a minute, then others come with a track each, and must not wait for it.",
};
Option<bool> webhooks = new("--webhooks")
{
    Description = "Two partners are told of what happens by webhooks; one of them is away for a day.",
};
Option<bool> quiet = new("--quiet") { Description = "Only the books." };

var command = new RootCommand(
    "The whole batch in a time of its own: the real handlers, worker and SQLite over a double of the storage account, "
    + "with processes killed between any two awaits, messages lost, doubled, late and out of order, zombies, clocks "
    + "that are off, and a database and a storage that do not answer. Ends with 1 where the books do not close.")
{
    tracks, seed, seeds, without, calm, flood, webhooks, quiet,
};
command.SetAction(async (parsed, _) =>
{
    for (var i = 0; i < parsed.GetValue(seeds); i++)
    {
        var plan = new SimulationPlan(
            parsed.GetValue(seed) + i, parsed.GetValue(tracks), parsed.GetValue(calm) ? Faults.None : Faults.Storm,
            parsed.GetValue(without), parsed.GetValue(flood), parsed.GetValue(webhooks));
        if (!await RunAsync(plan, parsed.GetValue(quiet))) return 1;
    }

    return 0;
});
return await command.Parse(args).InvokeAsync();

static async Task<bool> RunAsync(SimulationPlan plan, bool isQuiet)
{
    const int Shown = 10;
    var folder = Directory.CreateDirectory(
        Path.Combine(Scratch(), $"openmu-simulation-{Guid.NewGuid():N}")).FullName;
    try
    {
        var started = TimeProvider.System.GetTimestamp();
        var books = await Simulation.RunAsync(plan, folder, isQuiet ? null : Console.Error.WriteLine);
        Console.WriteLine(
            $"seed {plan.Seed}, {plan.Tracks} uploads: {books.Blobs} blobs, {books.Tracks} tracks, {books.Analyses} "
            + $"analyses, {books.Questions} questions, {books.Answers} answers, {books.SentAgain} messages sent again, "
            + $"{books.Events} events in {books.Elapsed.TotalHours:0.0} hours of its own and "
            + $"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s, "
            + $"{Environment.CpuUsage.TotalTime.TotalSeconds:0} s of a processor, {Peak():0.0} GiB of memory so far");
        Console.WriteLine("  " + string.Join(", ", books.Faults.Select(fault => $"{fault.Key}: {fault.Value}")));
        foreach (var line in books.Wrong.Take(Shown)) Console.WriteLine("  WRONG: " + line);
        var end = books.Wrong.Count == 0 ? "The books are closed." : $"{books.Wrong.Count} entries are wrong.";
        Console.WriteLine($"  {end}");
        return books.Wrong.Count == 0;
    }
    finally
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
}

// Nothing of it need outlast the run, and a disk would be waited for.
static string Scratch()
{
    const string Memory = "/dev/shm";
    const long Room = 2L << 30;
    return Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > Room ? Memory : Path.GetTempPath();
}

static double Peak()
{
    using var self = System.Diagnostics.Process.GetCurrentProcess();
    return self.PeakWorkingSet64 / (double)(1 << 30);
}
