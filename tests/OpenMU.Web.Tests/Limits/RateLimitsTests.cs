using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenMU.Web.Tests.Limits;

/// <summary>
/// Budgets so small that they are spent at once; they fill up again within a minute, so a test asks until it is
/// refused, and never how long that took.
/// </summary>
public sealed class RateLimitsTests(Site site)
{
    private const string SignedIn = "X-MS-CLIENT-PRINCIPAL-NAME";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_too_much_is_told_when_to_come_again_and_nobody_else_is_refused()
    {
        using var client = await OpenAsync("--RateLimits:RequestsPerMinute=2");

        using var refused = await UntilRefusedAsync(client, "/v1/status", "ann");
        refused.Headers.RetryAfter!.Delta.Should().BePositive();
        refused.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Cancel)).RootElement;
        problem.GetProperty("type").GetString().Should().Be("urn:openmu:problem:rate-limited");
        Left(refused, "requests").Should().Be(0);

        using var another = await AskAsync(client, "/v1/status", "bob");
        another.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_answer_says_what_the_budgets_are_and_what_is_left()
    {
        using var client = await OpenAsync();

        using var answer = await AskAsync(client, "/v1/tracks/999999999", "ann");

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        answer.Headers.GetValues("RateLimit-Policy").Single()
            .Should().Be("\"requests\";q=1200;w=60, \"library\";q=6000;w=60");
        Left(answer, "requests").Should().BeInRange(1, 1199);
        using var heavy = await AskAsync(client, "/v1/duplicates", "ann");
        heavy.Headers.GetValues("RateLimit-Policy").Single().Should().StartWith("\"heavy\";q=300;w=60, ");
    }

    [Fact]
    public async Task Exports_have_a_budget_of_their_own_that_leaves_the_rest()
    {
        using var client = await OpenAsync("--RateLimits:HeavyRequestsPerMinute=1");

        using var refused = await UntilRefusedAsync(client, "/v1/tracks.jsonl", "ann");
        Left(refused, "heavy").Should().Be(0);

        using var light = await AskAsync(client, "/v1/tracks", "ann");
        light.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task All_clients_of_a_library_have_one_budget_together()
    {
        using var client = await OpenAsync("--RateLimits:TenantRequestsPerMinute=3");

        for (var i = 0; ; i++)
        {
            using var answer = await AskAsync(client, "/v1/status", $"person {i}");
            if (answer.StatusCode != HttpStatusCode.TooManyRequests) continue;
            Left(answer, "library").Should().Be(0);
            Left(answer, "requests").Should().BePositive();
            break;
        }
    }

    [Fact]
    public async Task A_client_has_no_more_requests_at_once_than_it_may_have()
    {
        using var client = await OpenAsync("--RateLimits:ConcurrentHeavyRequests=1");
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/v1/tracks?fileName=slow.wav");
        upload.Headers.Add(SignedIn, "ann");
        // The body begins when the site asks for it, that is when the upload has been let in.
        upload.Headers.ExpectContinue = true;
        var body = new HeldContent();
        upload.Content = body;
        var uploading = client.SendAsync(upload, Cancel);
        await body.Begun;

        using (var refused = await UntilRefusedAsync(client, "/v1/tracks.jsonl", "ann"))
            refused.Headers.RetryAfter!.Delta.Should().BePositive();
        using var another = await AskAsync(client, "/v1/tracks.jsonl", "bob");
        another.StatusCode.Should().Be(HttpStatusCode.OK);

        body.End();
        using var uploaded = await uploading;
        uploaded.StatusCode.Should().Be(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task At_home_without_a_key_nothing_is_counted_and_a_made_up_key_brings_no_budget()
    {
        using var client = await OpenAsync("--RateLimits:RequestsPerMinute=1");
        for (var i = 0; i < 5; i++)
        {
            using var answer = await client.GetAsync("/v1/status", Cancel);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            answer.Headers.Contains("RateLimit").Should().BeFalse();
        }

        HttpStatusCode status;
        var keys = 0;
        do
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/status");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer made-up-{keys++}");
            using var answer = await client.SendAsync(request, Cancel);
            status = answer.StatusCode;
        }
        while (status != HttpStatusCode.TooManyRequests);
        keys.Should().BePositive();
    }

    private async Task<HttpClient> OpenAsync(params string[] settings) =>
        new(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan })
        {
            BaseAddress = await site.StartAsync("loose", ["--Site:SignIn=Platform", .. settings]),
        };

    private static async Task<HttpResponseMessage> UntilRefusedAsync(HttpClient client, string path, string person)
    {
        while (true)
        {
            var answer = await AskAsync(client, path, person);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) return answer;
            answer.Dispose();
        }
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, string path, string person)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(SignedIn, person);
        return await client.SendAsync(request, Cancel);
    }

    private static int Left(HttpResponseMessage answer, string budget) => int.Parse(
        Regex.Match(answer.Headers.GetValues("RateLimit").Single(), $"\"{budget}\";r=(\\d+);t=\\d+").Groups[1].Value,
        CultureInfo.InvariantCulture);

    /// <summary>A body whose end comes when the test says so.</summary>
    private sealed class HeldContent : HttpContent
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldContent() => Headers.ContentType = new("application/octet-stream");

        public Task Begun => begun.Task;

        public void End() => end.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            // The server gives up on a body that stands still.
            do
            {
                await stream.WriteAsync(new byte[512]);
                await stream.FlushAsync();
                begun.TrySetResult();
            }
            while (await Task.WhenAny(end.Task, Task.Delay(100, Cancel)) != end.Task);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
