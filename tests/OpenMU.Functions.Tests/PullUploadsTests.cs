using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

/// <summary>Files that are fetched from a real server on loopback, behind the list of hosts that are allowed.</summary>
public sealed class PullUploadsTests(Emulator emulator)
{
    private static readonly byte[] Song = RandomBytes(9_000_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_fetched_whole_and_announced_as_an_upload_is()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var server = await ServerAsync(
            (_, context) => context.Response.Body.WriteAsync(Song, Cancel).AsTask());
        var id = await AddAsync(stage, server, Sum(Song));

        await PullAsync(stage, server);

        (await FindAsync(stage, id)).Should().BeEquivalentTo(
            new { State = UrlUploadState.Stored, Reason = (string?)null, Bytes = (long)Song.Length });
        (await BytesAsync(stage)).Should().Equal(Song);
        await new Handlers(stage).Uploads.DrainAsync(Cancel);
        (await stage.TracksAsync()).Should().ContainSingle().Which.Job.Should().Match<Job>(
            job => job.ContentId == $"sha256:{Sum(Song)}" && job.State == JobState.Queued);
    }

    [Fact]
    public async Task A_try_that_breaks_off_is_gone_on_with_where_it_was()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var asked = new List<string>();
        await using var server = await ServerAsync(async (request, context) =>
        {
            asked.Add($"{request.Headers.GetValueOrDefault("Range")} {request.Headers.GetValueOrDefault("If-Range")}");
            context.Response.Headers.ETag = "\"one\"";
            var from = asked.Count == 1
                ? 0
                : int.Parse(request.Headers["Range"].Split('=', '-')[1], CultureInfo.InvariantCulture);
            context.Response.ContentLength = Song.Length - from;
            if (from > 0)
            {
                context.Response.StatusCode = StatusCodes.Status206PartialContent;
                context.Response.Headers.ContentRange = $"bytes {from}-{Song.Length - 1}/{Song.Length}";
            }

            // The first time the connection breaks after some blocks.
            var to = asked.Count == 1 ? Song.Length - 100_000 : Song.Length;
            await context.Response.Body.WriteAsync(Song.AsMemory(from, to - from), Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            if (asked.Count == 1) context.Abort();
        });
        var id = await AddAsync(stage, server, Sum(Song));

        await PullAsync(stage, server);
        var broken = await FindAsync(stage, id);
        broken.State.Should().Be(UrlUploadState.Waiting);
        broken.Reason.Should().Be("The address does not answer, or its answer broke off.");
        broken.Bytes.Should().BePositive().And.BeLessThan(Song.Length);
        await DueNowAsync(stage);
        await PullAsync(stage, server);

        (await FindAsync(stage, id)).State.Should().Be(UrlUploadState.Stored);
        (await BytesAsync(stage)).Should().Equal(Song);
        asked.Should().Equal(" ", $"bytes={broken.Bytes}- \"one\"");
    }

    [Theory]
    [InlineData(404, "The address answers with 404.")]
    [InlineData(302, "The address redirects to another one: give that one.")]
    public async Task What_will_not_get_better_fails_at_once(int status, string reason)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var server = await ServerAsync((_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/other";
            return Task.CompletedTask;
        });
        var id = await AddAsync(stage, server);

        await PullAsync(stage, server);

        (await FindAsync(stage, id)).Should().BeEquivalentTo(new { State = UrlUploadState.Failed, Reason = reason });
        server.Received.Should().ContainSingle();
    }

    [Fact]
    public async Task Other_bytes_than_were_meant_are_not_stored()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var server = await ServerAsync((_, context) => context.Response.WriteAsync("other", Cancel));
        var id = await AddAsync(stage, server, Sum(Song));

        await PullAsync(stage, server);

        var failed = await FindAsync(stage, id);
        failed.State.Should().Be(UrlUploadState.Failed);
        failed.Reason.Should().Contain(Sum(Song)).And.Contain(Sum("other"u8.ToArray()));
        (await stage.Storage.Tracks.GetBlobClient("home/pulled.wav").ExistsAsync(Cancel)).Value.Should().BeFalse();
    }

    [Fact]
    public async Task A_file_without_an_end_is_given_up_at_the_bound()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var server = await ServerAsync(async (_, context) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(new byte[1 << 20], context.RequestAborted);
        });
        var id = await AddAsync(stage, server);

        await PullAsync(stage, server, new IngestOptions { MaxBytes = 8 << 20 });

        (await FindAsync(stage, id)).Should().BeEquivalentTo(
            new { State = UrlUploadState.Failed, Reason = "The file is larger than 0.01 GiB." });
    }

    [Fact]
    public async Task Nothing_on_this_machine_is_fetched_that_is_not_allowed()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var server = await WebhookReceiver.StartAsync();
        var id = await AddAsync(stage, server);

        await PullAsync(stage, new WebhookSettings { AllowHttp = true }, new IngestOptions());

        (await FindAsync(stage, id)).Should().BeEquivalentTo(
            new { State = UrlUploadState.Failed, Reason = "The address is not a public one." });
        server.Received.Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_whose_sum_is_not_its_senders_is_rejected_however_it_came()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var blob = stage.Storage.Tracks.GetBlobClient("home/damaged.wav");
        await blob.UploadAsync(new BinaryData("damaged"), cancellationToken: Cancel);
        await blob.SetMetadataAsync(
            new Dictionary<string, string> { ["sha256"] = Sum(Song) }, cancellationToken: Cancel);

        (await new Handlers(stage).Ingest.HandleAsync("home/damaged.wav", Cancel)).Should().Be(IngestOutcome.Refused);

        (await stage.TracksAsync()).Should().ContainSingle().Which.Job.Should().Match<Job>(
            job => job.State == JobState.Rejected && job.Reason!.Contains("is not the one that was sent"));
    }

    private static async Task<WebhookReceiver> ServerAsync(Func<ReceivedWebhook, HttpContext, Task> answer)
    {
        var server = await WebhookReceiver.StartAsync();
        server.Answer = answer;
        return server;
    }

    private static Task PullAsync(Stage stage, WebhookReceiver server, IngestOptions? options = null) => PullAsync(
        stage, new WebhookSettings { AllowHttp = true, AllowedHosts = server.Host }, options ?? new IngestOptions());

    private static async Task PullAsync(Stage stage, WebhookSettings settings, IngestOptions options)
    {
        using var pull = new PullUploads(
            new PublicAddresses(settings), Uploads(stage), stage.Storage, options, TimeProvider.System,
            NullLogger<PullUploads>.Instance);
        await pull.RunAsync(Cancel);
    }

    private static UrlUploads Uploads(Stage stage) => new(stage.Catalogue, TimeProvider.System);

    private static async Task<long> AddAsync(Stage stage, WebhookReceiver server, string? sha256 = null)
    {
        var upload = new UrlUpload
        {
            Tenant = "home",
            Url = server.Url,
            FileName = "pulled.wav",
            BlobName = "home/pulled.wav",
            Sha256 = sha256,
        };
        (await Uploads(stage).AddAsync(upload, Cancel)).Should().BeTrue();
        return upload.Id;
    }

    private static async Task<UrlUpload> FindAsync(Stage stage, long id) =>
        (await Uploads(stage).FindAsync("home", id, Cancel))!;

    private static async Task DueNowAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        await db.UrlUploads.ExecuteUpdateAsync(set => set.SetProperty(u => u.DueAt, u => u.CreatedAt), Cancel);
    }

    private static async Task<byte[]> BytesAsync(Stage stage) =>
        (await stage.Storage.Tracks.GetBlobClient("home/pulled.wav").DownloadContentAsync(Cancel)).Value.Content
            .ToArray();

    private static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
