using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests;

/// <summary>Puts tracks on a catalogue's shelf, each with a job of its own.</summary>
internal static class Shelf
{
    public static readonly DateTime Noon = new(2026, 1, 2, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>A track whose analysis is ready.</summary>
    public static Track Ready(string tenant, string fileName, Action<Analysis>? set = null)
    {
        var analysis = new Analysis { Codec = "flac", DurationSeconds = 100, AnalysedAt = Noon };
        set?.Invoke(analysis);
        var track = Other(tenant, fileName, JobState.Ready);
        track.Job.Analysis = analysis;
        return track;
    }

    /// <summary>A track without analysis.</summary>
    public static Track Other(string tenant, string fileName, JobState state) => new()
    {
        Tenant = tenant,
        BlobName = $"{tenant}/{fileName}",
        ETag = "1",
        FileName = fileName,
        UploadedAt = Noon,
        Job = new Job
        {
            Tenant = tenant,
            ContentId = $"sha256:{Guid.NewGuid():N}",
            ModelVersion = "mir-1",
            State = state,
            CreatedAt = Noon
        },
    };

    public static async Task<CatalogueFile> WithAsync(params Track[] tracks)
    {
        var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        db.AddRange(tracks.AsEnumerable());
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return file;
    }

    /// <summary>The names of the files found, in order.</summary>
    public static async Task<string[]> FindAsync(this CatalogueFile file, TrackQuery query, string tenant = "home")
    {
        await file.SettledAsync();
        await using var db = file.Open();
        var page = await new TrackSearch(db).FindAsync(tenant, query, TestContext.Current.CancellationToken);
        page.Total.Should().BeGreaterThanOrEqualTo(page.Tracks.Count);
        return [.. page.Tracks.Select(track => track.FileName)];
    }
}
