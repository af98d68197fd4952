using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Home;

/// <summary>What the catalogue says about a file of the folder.</summary>
/// <param name="File">The file.</param>
/// <param name="State">Its track's state; null while the file's present version, or the present model's word on it, is
/// not in the catalogue.</param>
/// <param name="Reason">Why it is Rejected or Failed; null otherwise.</param>
internal sealed record FolderTrack(MusicFile File, JobState? State, string? Reason);

/// <summary>Looks up what has become of a folder's files.</summary>
internal sealed class FolderTracks(
    HomeSystem system, FolderUpload upload, string tenant, IReadOnlyList<MusicFile> files)
{
    /// <summary>Every file, in the folder's order.</summary>
    public async Task<IReadOnlyList<FolderTrack>> ReadAsync(CancellationToken cancel)
    {
        await using var db = system.Catalogue.CreateDbContext();
        // Only tracks whose ingested version is the one in the container count, and the present model's word on it,
        // even while an earlier one's is shown: a changed file or model starts anew. Without a model, any analysis
        // will do.
        var isMeasuredOnly = system.ModelVersion == Job.NoModel;
        var tracks = from track in db.Tracks.AsNoTracking()
                     from job in db.Jobs
                     where track.Tenant == tenant && track.BlobName.StartsWith(upload.Prefix)
                         && job.Tenant == track.Tenant && job.ContentId == track.Job.ContentId
                         && job.Kind == JobKind.Analysis
                         && (job.ModelVersion == system.ModelVersion
                             || (isMeasuredOnly && job.Id == track.JobId && job.State == JobState.Ready))
                     orderby job.State == JobState.Ready
                     select new { track.BlobName, track.ETag, job.State, job.Reason };
        var known = new Dictionary<string, (JobState State, string? Reason)>(StringComparer.Ordinal);
        await foreach (var track in tracks.AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (upload.Arrived.TryGetValue(track.BlobName, out var etag) && etag == track.ETag.Trim('"'))
                known[track.BlobName] = (track.State, track.Reason);
        }

        // An emulator that was killed may come back without a file, which is then uploaded again and analysed.
        return [.. files.Select(file => known.TryGetValue(upload.BlobName(file), out var found)
                && found.Reason != JobLedger.NotAskedFor
                && !(found.Reason == JobLedger.FileGone && File.Exists(file.FullPath))
            ? new FolderTrack(file, found.State, found.Reason)
            : new FolderTrack(file, null, null))];
    }
}
