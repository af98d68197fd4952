using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>
/// Drains one queue: receives no more messages than it can start at once, and lets go of all it
/// holds when it has to stop. As many jobs as it starts at a time may be with the model besides: so the next tracks are
/// decoded while it listens, and no more than these hold their sound in memory.
/// </summary>
internal sealed class QueueDrain(
    JobQueue jobs, JobRun run, JobsInFlight inFlight, MachineHealth machine, int parallelism, WorkerOptions options,
    TimeProvider time, ILogger log)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // Who sends what comes next may have died: an idle worker looks so often whether something waits.
    private static readonly TimeSpan RefillEvery = TimeSpan.FromSeconds(10);

    private long? refilled;

    /// <summary>Works until it is cancelled, or the queue has been empty for as long as the options say.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var running = new List<Running>();
        var pause = options.PollInterval;
        var emptySince = time.GetTimestamp();
        while (!cancel.IsCancellationRequested)
        {
            running.RemoveAll(job => job.Task.IsCompleted);
            var free = Math.Min(
                parallelism - running.Count(job => !job.HandedOver.IsCompleted), 2 * parallelism - running.Count);
            if (free <= 0)
            {
                await Task.WhenAny(Changes(running));
                continue;
            }

            if (!await IsAbleAsync(cancel)) break;
            var received = await ReceiveAsync(free);
            foreach (var message in received ?? []) running.Add(Start(message, cancel));
            if (received is { Length: 0 } && await RefillAsync()) continue;
            if (running.Count > 0 || received is null) emptySince = time.GetTimestamp();
            else if (time.GetElapsedTime(emptySince) >= options.ExitWhenEmptyFor && await IsEmptyAsync()) break;

            // Storage that cannot be reached is asked ever more rarely.
            pause = received is null ? Min(2 * pause, LongestPause) : options.PollInterval;
            if (received is not { Length: > 0 }) await PauseAsync(running, pause, cancel);
        }

        await Task.WhenAll(running.Select(job => job.Task));
    }

    private Running Start(QueueMessage message, CancellationToken cancel)
    {
        var handedOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = Task.Run(
            () => run.RunAsync(new HeldMessage(jobs.Waiting, message), cancel, () => handedOver.TrySetResult()),
            CancellationToken.None);
        return new Running(job, handedOver.Task);
    }

    /// <summary>Complete when a job has ended, or is with the model from now on.</summary>
    private static IEnumerable<Task> Changes(IEnumerable<Running> running) =>
        running.SelectMany(job => job.HandedOver.IsCompleted ? (Task[])[job.Task] : [job.Task, job.HandedOver]);

    /// <summary>Waits until the worker can take more work; false if it has to stop meanwhile.</summary>
    private async Task<bool> IsAbleAsync(CancellationToken cancel)
    {
        try
        {
            await inFlight.WaitAsync(cancel);
            await machine.WaitAsync(cancel);
            return true;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<QueueMessage[]?> ReceiveAsync(int free)
    {
        try
        {
            // Not cancelled half-way: messages that were handed out must be released.
            return await jobs.Waiting.ReceiveMessagesAsync(
                Math.Min(free, StorageNames.MaxReceivedMessages), options.Visibility, CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "The queue cannot be read; trying again");
            await machine.IsToBlameAsync(e);
            return null;
        }
    }

    /// <summary>Sends what waits as rows although the queue is empty.</summary>
    /// <returns>Whether anything was sent.</returns>
    private async Task<bool> RefillAsync()
    {
        if (refilled is { } last && time.GetElapsedTime(last) < RefillEvery) return false;
        refilled = time.GetTimestamp();
        try
        {
            return await jobs.RefillAsync(CancellationToken.None) > 0;
        }
        catch (Exception e)
        {
            log.LogWarning(e, "What waits for the queue could not be sent; trying again");
            await machine.IsToBlameAsync(e);
            return false;
        }
    }

    // Messages that others hold, or that wait for another try, count as well.
    private async Task<bool> IsEmptyAsync()
    {
        try
        {
            QueueProperties properties = await jobs.Waiting.GetPropertiesAsync(CancellationToken.None);
            return properties.ApproximateMessagesCount == 0;
        }
        catch (Exception e) when (Outage.Is(e))
        {
            log.LogWarning(e, "The queue cannot be counted; trying again");
            return false;
        }
    }

    private async Task PauseAsync(List<Running> running, TimeSpan pause, CancellationToken cancel)
    {
        var timer = Task.Delay(pause, time, cancel);
        await Task.WhenAny([timer, .. running.Select(job => job.Task)]);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>A job, and when only the model had work with it.</summary>
    private sealed record Running(Task Task, Task HandedOver);
}
