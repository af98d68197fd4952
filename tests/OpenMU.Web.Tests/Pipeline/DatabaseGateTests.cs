using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web.Tests.Pipeline;

/// <summary>
/// Requests that write stand at the database for as long as the test holds the lock, so that what the gate does is not
/// a matter of speed.
/// </summary>
public sealed class DatabaseGateTests : IAsyncLifetime
{
    private const int Requests = 100;

    private readonly Site site = new();
    private ConnectionLog connections = null!;
    private SqliteConnection writer = null!;
    private long track;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Before the first connection: EF looks only now and then whether somebody listens.
        connections = new ConnectionLog(site.CataloguePath);
        await site.InitializeAsync();
        track = await site.AddHeardAsync("asked about");
        writer = new SqliteConnection($"Data Source={site.CataloguePath}");
        await writer.OpenAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        connections.Dispose();
        await writer.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task Some_requests_stand_at_the_database_some_wait_and_the_rest_are_told_to_come_again()
    {
        List<Task<HttpResponseMessage>> asked;
        await using (var held = await writer.BeginTransactionAsync(Cancel))
        {
            asked = [.. Enumerable.Range(0, Requests).Select(_ => AskAsync(Cancel))];
            await UntilAsync(() => asked.Count(task => task.IsCompleted)
                >= Requests - DatabaseGate.AtOnce - DatabaseGate.Waiting);
            connections.Most.Should().BeInRange(1, DatabaseGate.AtOnce);
            foreach (var probe in (string[])["/healthz", "/healthz/live", "/healthz/ready"])
            {
                using var health = await site.LooseClient.GetAsync(probe, Cancel);
                health.StatusCode.Should().Be(HttpStatusCode.OK);
            }
        }

        var answers = await Task.WhenAll(asked);
        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        refused.Should().HaveCountGreaterThanOrEqualTo(Requests - DatabaseGate.AtOnce - DatabaseGate.Waiting);
        refused.Should().OnlyContain(answer => answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        refused.Should().OnlyContain(
            answer => answer.Content.Headers.ContentType!.MediaType == "application/problem+json");
        // Whoever was let in has been answered, by the lock's end or by the end of patience.
        answers.Except(refused).Should().OnlyContain(answer => answer.StatusCode == HttpStatusCode.Accepted
            || answer.StatusCode == HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_client_that_leaves_frees_its_place_at_the_database()
    {
        await using var held = await writer.BeginTransactionAsync(Cancel);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        List<Task<HttpResponseMessage>> leaving =
            [.. Enumerable.Range(0, DatabaseGate.AtOnce + DatabaseGate.Waiting + 1).Select(_ => AskAsync(leave.Token))];
        // One too many: when it has been refused, every place is taken.
        await Task.WhenAny(leaving);

        await leave.CancelAsync();
        await Task.WhenAll(leaving.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));

        await UntilAsync(async () =>
            (await site.LooseClient.GetAsync("/v1/tracks", Cancel)).StatusCode == HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> AskAsync(CancellationToken cancel) =>
        site.LooseClient.PostAsJsonAsync($"/v1/tracks/{track}/questions", new { text = "Which key?" }, cancel);

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromMinutes(2));
            await Task.Delay(20, Cancel);
        }
    }

    /// <summary>Counts the connections of one database that are in use at once, as EF announces them.</summary>
    private sealed class ConnectionLog : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>,
        IDisposable
    {
        private readonly List<IDisposable> subscriptions = [];
        private readonly string file;
        private readonly HashSet<Guid> open = [];

        public ConnectionLog(string file)
        {
            this.file = file;
            subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
        }

        public int Most { get; private set; }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.EntityFrameworkCore") subscriptions.Add(value.Subscribe(this));
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is not Microsoft.EntityFrameworkCore.Diagnostics.ConnectionEventData data
                || !data.Connection.ConnectionString.Contains(file))
                return;
            lock (subscriptions)
            {
                if (value.Key.EndsWith(".ConnectionOpened", StringComparison.Ordinal)) open.Add(data.ConnectionId);
                // One whose request has run out of patience is disposed of without being closed first.
                else if (value.Key.EndsWith(".ConnectionClosed", StringComparison.Ordinal)
                    || value.Key.EndsWith(".ConnectionDisposing", StringComparison.Ordinal))
                    open.Remove(data.ConnectionId);
                Most = Math.Max(Most, open.Count);
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose()
        {
            foreach (var subscription in subscriptions) subscription.Dispose();
        }
    }
}
