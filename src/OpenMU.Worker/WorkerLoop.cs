using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>
/// The worker: drains the queue of tracks and the queue of questions side by side, with one model between them.
/// </summary>
public sealed class WorkerLoop(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, JobQueues jobs, TrackAnalyser analyser,
    MachineHealth machine, ProcessHealth process, WorkerOptions options, TimeProvider time, ILogger<WorkerLoop> log)
{
    private readonly JobsInFlight inFlight = new();

    /// <summary>Works until it is cancelled, or both queues have been empty for as long as the options say.</summary>
    /// <exception cref="IOException">The folder for downloads cannot be made.</exception>
    /// <exception cref="ProcessBrokenException">
    /// Only a new process helps; what was held has been given back.
    /// </exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel, process.Broken);
        await ProveDeviceAsync(cancel);
        await DrainAsync(end.Token);
        if (process.Problem is { } problem) throw new ProcessBrokenException(problem);
        log.LogInformation("Stopped");
    }

    private async Task DrainAsync(CancellationToken cancel)
    {
        using var folder = WorkFolder.Open(options.TempFolder);
        var download = new TrackDownload(catalogue, storage, machine.Disk, folder.Path);
        var (analyses, questions) = (jobs.Analyses, jobs.Questions);
        log.LogInformation(
            "Working on {Parallelism} tracks at a time, model: {Model}", options.Parallelism, analyser.ModelVersion);
        await Task.WhenAll(
            DrainAsync(
                analyses,
                new AnalysisWork(
                    analyses.Ledger, catalogue, download, new EarlierAnalyses(catalogue), analyser, log),
                options.Parallelism, cancel),
            DrainAsync(
                questions, new QuestionWork(questions.Ledger, catalogue, download, analyser, time, cancel),
                options.QuestionsAtOnce, cancel));
    }

    // A device that is sick from the start must not take a single message.
    private async Task ProveDeviceAsync(CancellationToken cancel)
    {
        if (analyser.Listener is not { } listener) return;
        try
        {
            await listener.ProveAsync(cancel);
            process.IsDeviceProved = true;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            if (DeviceFault.Is(e)) await process.BreakAsync($"The model's device failed: {e.Message.Split('\n')[0]}");
            else log.LogError(e, "The model could not be tried on a sound of our own making");
        }
        catch (OperationCanceledException)
        {
            // Told to end before there was anything to do.
        }
    }

    private Task DrainAsync(JobQueue queue, JobWork work, int parallelism, CancellationToken cancel)
    {
        var run = new JobRun(queue, work, inFlight, machine, process, options, time, log);
        return new QueueDrain(queue, run, inFlight, machine, parallelism, options, time, log).RunAsync(cancel);
    }
}
