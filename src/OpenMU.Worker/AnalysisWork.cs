using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;

namespace OpenMU.Worker;

/// <summary>Downloads a track and analyses it, as far as it was not analysed by the same tools and model.</summary>
internal sealed class AnalysisWork(
    JobLedger ledger, IDbContextFactory<CatalogueDb> catalogue, TrackDownload download, EarlierAnalyses earlier,
    TrackAnalyser analyser, ILogger log)
    : JobWork(ledger)
{
    public override async Task<Settlement> DoAsync(
        JobClaim claim, JobProgress progress, CancellationToken cancel)
    {
        try
        {
            if (claim.ModelVersion != analyser.ModelVersion) return await WithoutItsModelAsync(claim, cancel);
            var began = Stopwatch.GetTimestamp();
            var work = Telemetry.Collect();
            var said = await SaidAsync(claim, cancel);
            var known = analyser.Reusable(await earlier.OfAsync(claim, cancel), said);
            var analysis = analyser.FromKnown(known);
            // Of this very job, nothing would be found that it does not say already.
            if (analysis is not null && (known.Written ?? known.Measured)!.JobId == claim.JobId
                && known.Measured!.JobId == claim.JobId)
                return token => Ledger.KeepAsync(claim, token);
            if (analysis is null)
            {
                using var file = await DownloadAsync(claim, progress, cancel);
                if (file is null) return Reject(claim, JobLedger.FileGone);
                analysis = await AnalyseAsync(claim, known, said, file, progress, cancel);
            }

            analysis.Work = work;

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

    private async Task<SaidOfTrack> SaidAsync(JobClaim claim, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await SaidOfTrack.OfJobAsync(db, claim.JobId, claim.ContentId, cancel);
    }

    // A leftover from before the model was changed is done with quietly, and keeps what it has; the latest job shows
    // that ingest and worker disagree.
    private async Task<Settlement> WithoutItsModelAsync(JobClaim claim, CancellationToken cancel)
    {
        var isLatest = await download.IsLatestAsync(claim.JobId, cancel);
        if ((!isLatest || analyser.ModelVersion == Job.NoModel) && await earlier.HasOneAsync(claim.JobId, cancel))
            return token => Ledger.KeepAsync(claim, token);
        return isLatest
            ? throw new InvalidOperationException(
                $"The job asks for the model '{claim.ModelVersion}'; this worker has '{analyser.ModelVersion}'.")
            : Reject(claim, JobLedger.NotAskedFor);
    }

    // A model that fails on a track is tried as often as anything else; the last try keeps what was measured and says
    // why the model's fields are empty. A device that fails says nothing about the track.
    private async Task<Analysis> AnalyseAsync(
        JobClaim claim, ReusableFindings known, SaidOfTrack said, DownloadedFile file, JobProgress progress,
        CancellationToken cancel)
    {
        try
        {
            var analysis = known.IsNothing
                ? await analyser.AnalyseAsync(file.Path, said, progress, cancel)
                : await analyser.AnalyseRestAsync(file.Path, known, said, progress, cancel);
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
