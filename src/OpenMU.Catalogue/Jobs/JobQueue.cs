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

    /// <summary>Sends the message of a job that never had one.</summary>
    /// <returns>False if somebody has sent it, or the job is settled or at work: nothing was sent.</returns>
    public Task<bool> EnqueueAsync(long jobId, CancellationToken cancel) =>
        EnqueueAsync(new DueJob(jobId, EnqueuedAt: null), cancel);

    /// <summary>
    /// Sends a job's message, unless another sender was faster. The note of it is written first: a crash between the
    /// two leaves a job without a message, which <see cref="JobOutbox.DueAsync"/> finds.
    /// </summary>
    /// <returns>False if nothing was sent.</returns>
    public async Task<bool> EnqueueAsync(DueJob job, CancellationToken cancel)
    {
        if (await outbox.TakeAsync(job, cancel) is not { } taken) return false;
        using var activity = Telemetry.Activities.StartActivity("enqueue", ActivityKind.Producer);
        try
        {
            await Waiting.SendMessageAsync(
                Write(new JobMessage(job.Id, Telemetry.TraceParent)), timeToLive: Forever, cancellationToken: cancel);
            return true;
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
        foreach (var job in jobIds) await EnqueueAsync(job, cancel);
        return jobIds.Count;
    }
}
