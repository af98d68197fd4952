using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Music.Questions;

namespace OpenMU.Web.Tests;

/// <summary>
/// Stands in for front and back of the batch while a client waits: what the client uploads becomes a track that is
/// Ready, and what it asks about the track is answered.
/// </summary>
/// <param name="site">Whose loose tracks it works on.</param>
/// <param name="prefix">The beginning of the names of the files that are its own.</param>
internal sealed class PlayedWorker(Site site, string prefix) : IAsyncDisposable
{
    private static readonly Answer Answered = new(
        "In A minor.", AnswerOutcome.Answered, 1, [new ToolCall("GetAudioKey", "A minor", DateTime.UnixEpoch)],
        "tiny-1", "2", "open", 30, DateTime.UnixEpoch);

    private readonly CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;

    public void Start() => work = WorkAsync(stop.Token);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await work;
        stop.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancel)
    {
        var tracks = new Dictionary<string, long>();
        while (!cancel.IsCancellationRequested)
        {
            await foreach (var name in site.LooseBlobsAsync(prefix))
            {
                if (!tracks.ContainsKey(name)) tracks[name] = await site.CatalogueUploadAsync(name);
            }

            await using var db = site.Catalogue.CreateDbContext();
            var asked = await db.Questions
                .Where(q => q.TrackId != null && tracks.Values.Contains(q.TrackId.Value)
                    && q.Job.State == JobState.Queued)
                .Select(q => q.Id).ToListAsync(CancellationToken.None);
            foreach (var question in asked)
            {
                var (ledger, claim) = await site.ClaimAsync(question);
                await ledger.CommitAsync(claim, Answered, CancellationToken.None);
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }
}
