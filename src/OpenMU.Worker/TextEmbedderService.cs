using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Meaning;

namespace OpenMU.Worker;

/// <summary>
/// Has the texts compared by meaning, beside the worker's other work: those of tracks that were analysed, corrected,
/// imported or given lyrics. It holds nothing; what it breaks off in is done by the next.
/// </summary>
internal sealed class TextEmbedderService(
    TextEmbedder embedder, TimeProvider time, ILogger<TextEmbedderService> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var isRenewed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!isRenewed) await embedder.RenewAsync(stoppingToken);
                isRenewed = true;
                for (long? last = 0; last is { } after;) last = await embedder.TakeAsync(after, stoppingToken);
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The database is away, or another worker was faster: searches by words need nothing of this.
                log.LogDebug(e, "Texts could not be taken; trying again");
                await Task.Delay(Pause, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }
}
