using System.Diagnostics;
using System.Text.Json;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Jobs;

/// <summary>
/// How a job's message gets onto the queue of its kind, which is the ledger's, and how it is written and read.
/// </summary>
public sealed class JobQueue(MusicStorage storage, JobLedger ledger, JobOutbox outbox)
{
    /// <summary>Where the states of its jobs are kept.</summary>
    public JobLedger Ledger => ledger;

    /// <summary>Which of its jobs are due a message.</summary>
    public JobOutbox Outbox => outbox;

    /// <summary>The kind of its jobs.</summary>
    public JobKind Kind => ledger.Kind;

    /// <summary>The queue that its messages wait on.</summary>
    public QueueClient Waiting => storage.Waiting(Kind);

    /// <summary>The queue for messages that nobody can work off.</summary>
    public QueueClient Poison => storage.Poison(Kind);

    // Without it a message would vanish after seven days on the queue.
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    // Whoever calls it is not to send for ever while workers make room as fast.
    private const int MostAtOnce = 10_000;

    /// <summary>
    /// Sends what waits of a job's tenant, as far as its share of the window has room: when the job has come, and when
    /// it has ended and made room. If this fails, <see cref="RefillAsync"/> makes it good.
    /// </summary>
    /// <returns>False if nothing was sent: nothing waits, or what waits has its turn later.</returns>
    public async Task<bool> EnqueueAsync(long jobId, CancellationToken cancel)
    {
        if (await outbox.TenantOfAsync(jobId, cancel) is not { } tenant) return false;
        var sent = 0;
        while (sent < MostAtOnce && await SendNextAsync(tenant, cancel)) sent++;
        return sent > 0;
    }

    /// <summary>
    /// Fills the window with what waits, one message of each tenant after the other, until all shares are full. Doing
    /// so when there is no need costs one query.
    /// </summary>
    /// <returns>Messages sent.</returns>
    public async Task<int> RefillAsync(CancellationToken cancel)
    {
        var sent = 0;
        var tenants = await outbox.WithRoomAsync(cancel);
        while (tenants.Count > 0)
        {
            var more = new List<string>();
            foreach (var tenant in tenants)
            {
                if (await SendNextAsync(tenant, cancel)) more.Add(tenant);
            }

            sent += more.Count;
            tenants = sent < MostAtOnce ? more : [];
        }

        return sent;
    }

    /// <summary>
    /// Sends a job's message again, unless another sender was faster. The note of it is written first: a crash between
    /// the two leaves a job without a message, which <see cref="JobOutbox.DueAsync"/> finds.
    /// </summary>
    /// <returns>False if nothing was sent.</returns>
    public async Task<bool> EnqueueAsync(DueJob job, CancellationToken cancel)
    {
        if (await outbox.TakeAsync(job, cancel) is not { } taken) return false;
        await SendAsync(job, taken, cancel);
        return true;
    }

    private async Task<bool> SendNextAsync(string tenant, CancellationToken cancel)
    {
        if (await outbox.TakeNextAsync(tenant, cancel) is not { } next) return false;
        await SendAsync(next.Job, next.Taken, cancel);
        return true;
    }

    private async Task SendAsync(DueJob job, DateTime taken, CancellationToken cancel)
    {
        using var activity = Telemetry.Activities.StartActivity("enqueue", ActivityKind.Producer);
        try
        {
            await Waiting.SendMessageAsync(
                Write(new JobMessage(job.Id, Telemetry.TraceParent)), timeToLive: Forever, cancellationToken: cancel);
        }
        catch
        {
            await outbox.GiveBackAsync(job, taken, CancellationToken.None);
            throw;
        }
    }

    /// <summary>When the oldest message at the front of the queue was sent (UTC); null where none waits.</summary>
    public async Task<DateTime?> FrontAsync(CancellationToken cancel)
    {
        PeekedMessage[] front = await Waiting.PeekMessagesAsync(StorageNames.MaxReceivedMessages, cancel);
        return front.Min(message => message.InsertedOn?.UtcDateTime);
    }

    /// <summary>Puts a message that nobody can work off onto the poison queue.</summary>
    public Task PoisonAsync(string body, CancellationToken cancel) =>
        Poison.SendMessageAsync(body, timeToLive: Forever, cancellationToken: cancel);

    /// <summary>Sends Failed jobs back for as many tries again.</summary>
    /// <param name="tenant">Only this tenant's, or null for everybody's.</param>
    /// <param name="cancel">Gives up; what is Queued but not enqueued by then, the sweep enqueues.</param>
    /// <returns>How many.</returns>
    public async Task<int> RedriveAsync(string? tenant, CancellationToken cancel) =>
        await EnqueueAllAsync(await ledger.RedriveAsync(tenant, cancel), cancel);

    /// <summary>Sends Rejected jobs back: see <see cref="JobLedger.RedriveRejectedAsync"/>.</summary>
    /// <returns>How many.</returns>
    public async Task<int> RedriveRejectedAsync(string? tenant, string? reason, CancellationToken cancel) =>
        await EnqueueAllAsync(await ledger.RedriveRejectedAsync(tenant, reason, cancel), cancel);

    /// <summary>
    /// Sends jobs back that the model failed on: see <see cref="JobLedger.RedriveWithoutWordsAsync"/>.
    /// </summary>
    /// <returns>How many.</returns>
    public async Task<int> RedriveWithoutWordsAsync(string? tenant, CancellationToken cancel) =>
        await EnqueueAllAsync(await ledger.RedriveWithoutWordsAsync(tenant, cancel), cancel);

    /// <summary>Has some tracks analysed again: see <see cref="JobLedger.RetryAsync"/>.</summary>
    /// <returns>How many analyses.</returns>
    public async Task<int> RetryAsync(
        string tenant, IReadOnlyList<long> tracks, bool onlyChanged, CancellationToken cancel) =>
        await EnqueueAllAsync(await ledger.RetryAsync(tenant, tracks, onlyChanged, cancel), cancel);

    /// <summary>A message's text.</summary>
    public static string Write(JobMessage message) => JsonSerializer.Serialize(message);

    /// <summary>The message in a text, or null if there is none.</summary>
    public static JobMessage? Read(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<JobMessage>(body) is { JobId: > 0 } message ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<int> EnqueueAllAsync(IReadOnlyList<long> jobIds, CancellationToken cancel)
    {
        if (jobIds.Count > 0) await RefillAsync(cancel);
        return jobIds.Count;
    }
}
