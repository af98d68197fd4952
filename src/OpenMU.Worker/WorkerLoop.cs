using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;

namespace OpenMU.Worker;

/// <summary>Drains the queue: receives no more messages than it can start at once, and lets go of all it holds when it has to stop.</summary>
public sealed class WorkerLoop(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, TrackAnalyser analyser, WorkerOptions options, TimeProvider time, ILogger<WorkerLoop> log)
{
    // The most that Azure hands out at once.
    private const int LargestBatch = 32;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Works until it is cancelled, or the queue has been empty for as long as the options say.</summary>
    /// <exception cref="IOException">The folder for downloads cannot be made.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var folder = WorkFolder.Open(options.TempFolder);
        var ledger = new JobLedger(catalogue, time);
        var run = new JobRun(ledger, new JobMessages(storage, ledger), new TrackDownload(catalogue, storage), analyser, options, folder.Path, time, log);
        var running = new List<Task>();
        var pause = options.PollInterval;
        var emptySince = time.GetTimestamp();
        log.LogInformation("Working on {Parallelism} tracks at a time", options.Parallelism);
        while (!cancel.IsCancellationRequested)
        {
            running.RemoveAll(task => task.IsCompleted);
            if (running.Count >= options.Parallelism)
            {
                await Task.WhenAny(running);
                continue;
            }

            var received = await ReceiveAsync(options.Parallelism - running.Count);
            foreach (var message in received ?? []) running.Add(Task.Run(() => run.RunAsync(new HeldMessage(storage.Analysis, message), cancel), CancellationToken.None));
            if (running.Count > 0 || received is null) emptySince = time.GetTimestamp();
            else if (time.GetElapsedTime(emptySince) >= options.ExitWhenEmptyFor && await IsEmptyAsync()) break;

            // Storage that cannot be reached is asked ever more rarely.
            pause = received is null ? Min(2 * pause, LongestPause) : options.PollInterval;
            if (received is not { Length: > 0 }) await PauseAsync(running, pause, cancel);
        }

        await Task.WhenAll(running);
        log.LogInformation("Stopped");
    }

    private async Task<QueueMessage[]?> ReceiveAsync(int free)
    {
        try
        {
            // Not cancelled half-way: messages that were handed out must be released.
            return await storage.Analysis.ReceiveMessagesAsync(Math.Min(free, LargestBatch), options.Visibility, CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "The queue cannot be read; trying again");
            return null;
        }
    }

    // Messages that others hold, or that wait for another try, count as well.
    private async Task<bool> IsEmptyAsync()
    {
        QueueProperties queue = await storage.Analysis.GetPropertiesAsync(CancellationToken.None);
        return queue.ApproximateMessagesCount == 0;
    }

    private async Task PauseAsync(List<Task> running, TimeSpan pause, CancellationToken cancel)
    {
        var timer = Task.Delay(pause, time, cancel);
        await Task.WhenAny([timer, .. running]);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
