using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Simulation;

/// <summary>People who ask about single tracks, often several things at once, and about a few together.</summary>
internal sealed class Askers(
    VirtualWorld world, StorageAccount account, Programs programs, CatalogueDbFactory catalogue, SimulationPlan plan)
{
    private const double Selections = 0.25, Poisons = 0.02, Longs = 0.02;
    private const int MostTogether = 4, MostAtOnce = 3;

    private readonly List<AskedQuestion> asked = [];

    /// <summary>What was asked, in its order.</summary>
    public IReadOnlyList<AskedQuestion> Asked => asked;

    /// <summary>Everything that will be asked, spread over the time of the plan.</summary>
    public void Begin()
    {
        for (var i = 0; i < plan.TimesOfQuestions; i++) world.After(Time(), null, Ask);
    }

    // What was just uploaded is seldom analysed: most questions come when there is something to ask about.
    private TimeSpan Time() => (plan.Uploading * Math.Sqrt(world.Chance.NextDouble())) + TimeSpan.FromMinutes(30);

    private void Ask()
    {
        var isSelection = world.Happens(Selections);
        var tracks = Pick(isSelection ? world.Chance.Next(2, MostTogether + 1) : 1);
        if (tracks.Count == 0) return;
        var questions = isSelection ? 1 : world.Chance.Next(1, MostAtOnce + 1);
        for (; questions > 0; questions--)
        {
            var question = new AskedQuestion($"{Kind()} question {asked.Count}", tracks);
            asked.Add(question);
            programs.Ask([.. tracks.Select(track => track.Id)], question.Text, () => question.IsTaken = true);
        }
    }

    private string Kind() => world.Happens(Poisons) ? SimulatedListener.Poison
        : world.Happens(Longs) ? SimulatedListener.Long
        : "sound";

    // Some names were not uploaded yet, and some files are not there any more: nobody asks about these.
    private List<AskedTrack> Pick(int count)
    {
        var tracks = new List<AskedTrack>();
        using var db = catalogue.CreateDbContext();
        for (; count > 0; count--)
        {
            var name = Owner.Name(world.Chance.Next(plan.Tracks));
            var row = db.Tracks.AsNoTracking().Include(track => track.Job)
                .SingleOrDefault(track => track.BlobName == name && track.MissingSince == null);
            if (row is null || tracks.Any(track => track.Id == row.Id)) continue;
            var isReady = row.Job.State == JobState.Ready && account.Tracks.Version(name) == row.ETag;
            tracks.Add(new AskedTrack(row.Id, name, row.ETag, isReady));
        }

        return tracks;
    }
}

/// <summary>A question as it was asked.</summary>
/// <param name="Text">No two have the same.</param>
/// <param name="Tracks">Which it is about, in their order.</param>
internal sealed record AskedQuestion(string Text, IReadOnlyList<AskedTrack> Tracks)
{
    /// <summary>Whether its sender was told that it is stored.</summary>
    public bool IsTaken { get; set; }
}

/// <summary>A track as it was when somebody asked about it.</summary>
/// <param name="Id">In the catalogue.</param>
/// <param name="Name">Of its blob.</param>
/// <param name="Version">Of its blob.</param>
/// <param name="IsReady">Whether that version was analysed.</param>
internal sealed record AskedTrack(long Id, string Name, string Version, bool IsReady);
