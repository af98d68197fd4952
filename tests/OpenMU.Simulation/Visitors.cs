using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Simulation;

/// <summary>
/// Libraries with a single track each, that come while one floods the queue: nobody may wait for the flood to end.
/// </summary>
internal sealed class Visitors(VirtualWorld world, StorageAccount account, Programs programs, SimulationPlan plan)
{
    private const int Count = 20;
    private const string Prefix = "visitor-";

    /// <summary>Whose libraries they are.</summary>
    public static readonly IReadOnlyList<string> Tenants = [.. Enumerable.Range(0, Count).Select(i => $"{Prefix}{i}")];

    private static readonly TimeSpan First = TimeSpan.FromMinutes(2), Last = TimeSpan.FromMinutes(12);

    // How long an analysis takes at most, and what polls, events and sweeps take.
    private static readonly TimeSpan OfOne = TimeSpan.FromMinutes(2), OfWays = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The longest that one may wait: for the window, worked off by all workers at their slowest, and for the track
    /// itself.
    /// </summary>
    private TimeSpan Bound => (OfOne * plan.RightWindow / (plan.Workers * plan.Parallelism)) + OfOne + OfWays;

    /// <summary>Their coming, where there is a flood.</summary>
    public void Begin()
    {
        for (var i = 0; plan.IsFlood && i < Count; i++)
        {
            var name = $"{Tenants[i]}/only.flac";
            var content = Encoding.UTF8.GetBytes($"music of visitor {i}");
            world.After(world.Between(First, Last), null, () =>
            {
                account.Tracks.Put(name, content);
                programs.Announce(name);
            });
        }
    }

    /// <summary>Those who waited for longer than their bound, by the clocks of the workers.</summary>
    public async Task<IReadOnlyList<string>> StarvedAsync(CatalogueDbFactory catalogue)
    {
        await using var db = catalogue.CreateDbContext();
        var waits = (await db.Tracks.AsNoTracking().Include(track => track.Job)
                .Where(track => track.BlobName.StartsWith(Prefix)).ToListAsync())
            .Select(track => (track.BlobName, For: track.Job.FinishedAt - track.UploadedAt)).ToList();
        if (waits.Count == 0) return [];
        var longest = waits.Max(wait => wait.For);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  the longest of {waits.Count} visitors waited {longest:h\\:mm\\:ss}, at most {Bound:h\\:mm\\:ss} is right"));
        return
        [
            .. waits.Where(wait => wait.For is not { } time || time > Bound).Select(wait => string.Create(
                CultureInfo.InvariantCulture, $"{wait.BlobName}: starved, it waited {wait.For:h\\:mm\\:ss}")),
        ];
    }
}
