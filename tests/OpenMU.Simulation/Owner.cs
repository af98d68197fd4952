using System.Text;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Simulation;

/// <summary>A library's people: they upload, overwrite, rename, copy and delete.</summary>
internal sealed class Owner(
    VirtualWorld world, Mischief mischief, StorageAccount account, Programs programs, SimulationPlan plan)
{
    private const double Copies = 0.03, Noises = 0.01, Poisons = 0.002, Changes = 0.08;
    private static readonly TimeSpan LateEvent = TimeSpan.FromMinutes(15), Soon = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstMinute = TimeSpan.FromMinutes(1);

    /// <summary>The library that all files belong to.</summary>
    public const string Library = "library";

    /// <summary>The name of a file as it is uploaded.</summary>
    public static string Name(int number) => $"{Library}/{number % 97}/{number}.flac";

    /// <summary>Everything that will be done, spread over the time of the plan.</summary>
    public void Begin()
    {
        for (var i = 0; i < plan.Tracks; i++)
        {
            var (name, content) = (Name(i), Content(i));
            world.After((plan.IsFlood ? FirstMinute : plan.Uploading) * world.Chance.NextDouble(), null, () =>
            {
                Put(name, content);
                if (world.Happens(Changes))
                    world.After(Soon * world.Chance.NextDouble(), null, () => Change(name, content));
            });
        }
    }

    private string Content(int number)
    {
        if (world.Happens(Copies)) return $"music {world.Chance.Next(number + 1)}";
        if (world.Happens(Noises)) return $"{SimulatedAnalyser.Noise} {number}";
        return world.Happens(Poisons) ? $"{SimulatedAnalyser.Poison} {number}" : $"music {number}";
    }

    private void Change(string name, string content)
    {
        switch (world.Chance.Next(3))
        {
            case 0:
                Put(name, content + " again");
                break;
            case 1:
                Delete(name);
                break;
            default:
                Put(name + ".renamed", content);
                Delete(name);
                break;
        }
    }

    private void Put(string name, string content)
    {
        account.Tracks.Put(name, Encoding.UTF8.GetBytes(content));
        Tell(() => programs.Announce(name));
    }

    private void Delete(string name)
    {
        account.Tracks.Delete(name);
        var text = $$"""{"subject":"/blobServices/default/containers/{{StorageNames.Tracks}}/blobs/{{name}}"}""";
        Tell(() => account.Queue(StorageNames.Removals).Send(text));
    }

    private void Tell(Action tell)
    {
        if (mischief.Does("event lost", mischief.Faults.Event)) return;
        if (mischief.Does("event doubled", mischief.Faults.Event)) world.After(Delay(), null, tell);
        world.After(Delay(), null, tell);
    }

    private TimeSpan Delay() => mischief.Does("event late", mischief.Faults.Event)
        ? LateEvent * world.Chance.NextDouble()
        : TimeSpan.FromSeconds(world.Chance.NextDouble());
}
