using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Functions;

/// <summary>
/// Sends what the outbox holds to those who want it. Each endpoint has a lane of its own with a few deliveries at a
/// time, so that one slow receiver holds up nobody else.
/// </summary>
public sealed class DeliverWebhooks(
    WebhookQueue queue, WebhookSender sender, TimeProvider time, ILogger<DeliverWebhooks> log)
{
    /// <summary>Endpoints that are delivered to at once.</summary>
    public const int EndpointsAtOnce = 32;

    /// <summary>Deliveries to one endpoint at once.</summary>
    public const int AtOnce = 4;

    // Well within what a function may take; the next run goes on from there.
    private static readonly TimeSpan TimeToDeliver = TimeSpan.FromMinutes(4);

    // What becomes due while others are slow waits no longer than this.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // A lane has ended when nothing could be claimed. What is due may wait behind what failed, so that it is not at
    // once looked for again.
    private static readonly TimeSpan LaneAgain = TimeSpan.FromSeconds(5);

    /// <summary>Delivers all that is due, until nothing is or the time is up.</summary>
    /// <returns>How many were delivered.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var lanes = new Dictionary<long, Task<int>>();
        var ended = new Dictionary<long, long>();
        var delivered = 0;
        try
        {
            while (true)
            {
                foreach (var (endpoint, at) in ended)
                {
                    if (time.GetElapsedTime(at) >= LaneAgain) ended.Remove(endpoint);
                }

                if (!IsOver(started) && lanes.Count < EndpointsAtOnce)
                {
                    foreach (var endpoint in await queue.EndpointsAsync(
                        [.. lanes.Keys, .. ended.Keys], EndpointsAtOnce - lanes.Count, cancel))
                        lanes.Add(endpoint, DeliverAsync(endpoint, started, cancel));
                }

                if (lanes.Count == 0) break;
                await Task.WhenAny([.. lanes.Values, Task.Delay(Look, time, cancel)]);
                foreach (var lane in lanes.Where(lane => lane.Value.IsCompleted).ToList())
                {
                    lanes.Remove(lane.Key);
                    ended.Add(lane.Key, time.GetTimestamp());
                    delivered += await lane.Value;
                }
            }
        }
        finally
        {
            await Task.WhenAll(lanes.Values).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        await queue.ForgetAsync(cancel);
        return delivered;
    }

    private bool IsOver(long started) => time.GetElapsedTime(started) >= TimeToDeliver;

    private async Task<int> DeliverAsync(long endpoint, long started, CancellationToken cancel)
    {
        var delivered = 0;
        while (!IsOver(started))
        {
            var claimed = await queue.ClaimAsync(endpoint, AtOnce, cancel);
            if (claimed.Count == 0) break;
            var results = await Task.WhenAll(claimed.Select(delivery => TryAsync(delivery, cancel)));
            delivered += results.Count(isDelivered => isDelivered);
        }

        return delivered;
    }

    private async Task<bool> TryAsync(WebhookDelivery delivery, CancellationToken cancel)
    {
        var answer = await sender.SendAsync(
            delivery.Endpoint, delivery.Event.MessageId, delivery.Event.Body, cancel);
        var isNoted = await queue.NoteAsync(delivery, answer, cancel);
        if (!answer.IsSuccess)
        {
            log.LogWarning(
                "{Message} was not delivered to endpoint {Endpoint}, try {Attempt}: {Status} {Answer}",
                delivery.Event.MessageId, delivery.EndpointId, delivery.Attempts, answer.Status, answer.Text);
        }

        return isNoted && answer.IsSuccess;
    }
}
