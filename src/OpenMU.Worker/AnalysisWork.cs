using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;

namespace OpenMU.Worker;

/// <summary>Downloads a track and analyses it.</summary>
internal sealed class AnalysisWork(
    JobLedger ledger, TrackDownload download, TrackAnalyser analyser, ILogger log) : JobWork(ledger)
{
    public override async Task<Settlement> DoAsync(
        JobClaim claim, JobProgress progress, CancellationToken cancel)
    {
        try
        {
            if (claim.ModelVersion != analyser.ModelVersion) return await WithoutItsModelAsync(claim, cancel);
            var began = Stopwatch.GetTimestamp();
            using var file = await DownloadAsync(claim, progress, cancel);
            if (file is null) return Reject(claim, JobLedger.FileGone);
            var analysis = await AnalyseAsync(claim, file, progress, cancel);

            // Ctrl-C reaches the decoder too, which then ends early: what it gave is not the track.
            cancel.ThrowIfCancellationRequested();
            log.LogInformation(
                "Job {Job}: {Seconds:0} s of {Codec} analysed", claim.JobId, analysis.DurationSeconds, analysis.Codec);
            var took = Stopwatch.GetElapsedTime(began);
            return async token =>
            {
                var isStored = await Ledger.CommitAsync(claim, analysis, token);
                if (isStored) Telemetry.Analysed(analysis, took);
                return isStored;
            };
        }
        catch (UnreadableAudioException unreadable) when (!cancel.IsCancellationRequested)
        {
            log.LogInformation(
                "Job {Job} is rejected: {Reason} {Detail}", claim.JobId, unreadable.Message, unreadable.Detail);
            return Reject(claim, unreadable.Message);
        }
    }

    private async Task<DownloadedFile?> DownloadAsync(
        JobClaim claim, JobProgress progress, CancellationToken cancel)
    {
        using var stage = Telemetry.Begin(JobStage.Download);
        var name = $"{claim.JobId}-{claim.Fence}";
        return await download.FetchAsync(claim.JobId, claim.ContentId, name, progress, cancel);
    }

    // A leftover from before the model was changed is done with quietly; the latest job shows that
    // ingest and worker disagree.
    private async Task<Settlement> WithoutItsModelAsync(JobClaim claim, CancellationToken cancel) =>
        await download.IsLatestAsync(claim.JobId, cancel)
            ? throw new InvalidOperationException(
                $"The job asks for the model '{claim.ModelVersion}'; this worker has '{analyser.ModelVersion}'.")
            : Reject(claim, $"The model '{claim.ModelVersion}' is no longer asked for.");

    // A model that fails on a track is tried as often as anything else; the last try keeps what was measured and says
    // why the model's fields are empty. A device that fails says nothing about the track.
    private async Task<Analysis> AnalyseAsync(
        JobClaim claim, DownloadedFile file, JobProgress progress, CancellationToken cancel)
    {
        try
        {
            var analysis = await analyser.AnalyseAsync(file.Path, progress, cancel);
            if (analysis.QualityFlags.Contains(TrackAnalyser.Truncated)) await file.RequireWholeAsync(cancel);
            return analysis;
        }
        catch (Exception e)
            when (e is UnreadableAudioException or IOException && !cancel.IsCancellationRequested)
        {
            await file.RequireWholeAsync(cancel);
            throw;
        }
        catch (ModelFailedException failed)
            when (claim.IsLast && !cancel.IsCancellationRequested && !DeviceFault.Is(failed))
        {
            log.LogError(
                failed, "Job {Job}: the model failed {Attempts} times; the measurements are kept without its words",
                claim.JobId, claim.Attempt);
            return failed.Measured;
        }
    }
}
