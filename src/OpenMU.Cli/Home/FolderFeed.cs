using Azure;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Home;

/// <summary>
/// Keeps a folder's music, with the lyrics beside it, in the storage, and nothing that is not in the folder any more:
/// uploads it, tries again while the storage is away, and uploads again what the storage lost when it was killed.
/// </summary>
internal sealed class FolderFeed(
    HomeSystem system, FolderUpload upload, FolderRemoval removal, IReadOnlyList<MusicFile> files)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Goes on until it is cancelled, which is its usual end; only a defect ends it with an exception.
    /// </summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var pause = LookEvery;
        while (!cancel.IsCancellationRequested)
        {
            var starts = system.StorageStarts;
            try
            {
                await removal.RunAsync(files, cancel);
                await upload.RunAsync(files, cancel, system.StorageWasCut);
                while (system.StorageStarts == starts) await Task.Delay(LookEvery, cancel);
                pause = LookEvery;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Outage.Is(e) || e is RequestFailedException or DbUpdateException)
            {
                system.Report(e);
                await Task.Delay(pause, cancel).ContinueWith(_ => { }, TaskScheduler.Default);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
