using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Publishing;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Publishing;

/// <summary>Tracks that show a first model's analyses, with a second model's held back beside them.</summary>
internal static class HeldShelf
{
    public const string First = "mir-1", Second = "second";

    /// <summary>A second model's job of a track's content.</summary>
    public static Job Beside(Track track, JobState state, Action<Analysis>? set = null, bool isHeld = true)
    {
        var analysis = state == JobState.Ready ? new Analysis { Codec = "flac", DurationSeconds = 100 } : null;
        if (analysis is not null) set?.Invoke(analysis);
        return new Job
        {
            Tenant = track.Tenant,
            ContentId = track.Job.ContentId,
            ModelVersion = Second,
            State = state,
            CreatedAt = Shelf.Noon,
            HeldSince = isHeld ? Shelf.Noon : null,
            Analysis = analysis,
        };
    }

    /// <summary>Stores tracks first, so that their own jobs are the earlier ones.</summary>
    public static async Task<CatalogueFile> WithAsync(IEnumerable<Track> tracks, params Job[] beside)
    {
        var file = await Shelf.WithAsync([.. tracks]);
        await using var db = file.Open();
        db.AddRange(beside.AsEnumerable());
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return file;
    }

    public static Publisher Publisher(this CatalogueFile file) => new(file.Factory, TimeProvider.System);
}
