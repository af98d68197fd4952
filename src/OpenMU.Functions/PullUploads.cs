using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Music;

namespace OpenMU.Functions;

/// <summary>
/// Fetches files from the addresses that partners give, by the way that leads to the public internet only, block by
/// block into the storage. A try that breaks off is gone on with where the server says that the file is the same.
/// </summary>
public sealed class PullUploads : IDisposable
{
    /// <summary>Files that are fetched at once.</summary>
    public const int AtOnce = 4;

    private const int BlockBytes = 4 << 20;

    // Says of a blob which of them it was.
    private const string PulledMetadata = "pulled";

    private static readonly TimeSpan TimeToPull = TimeSpan.FromMinutes(4), TimeToRead = TimeSpan.FromSeconds(30);

    private readonly HttpMessageInvoker http;
    private readonly PublicAddresses addresses;
    private readonly UrlUploads uploads;
    private readonly MusicStorage storage;
    private readonly IngestOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<PullUploads> log;

    public PullUploads(
        PublicAddresses addresses, UrlUploads uploads, MusicStorage storage, IngestOptions options, TimeProvider time,
        ILogger<PullUploads> log)
    {
        (this.addresses, this.uploads, this.storage) = (addresses, uploads, storage);
        (this.options, this.time, this.log) = (options, time, log);
        http = new HttpMessageInvoker(addresses.Handler());
    }

    /// <summary>Fetches all that is due, until nothing is or the time is up.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (!IsOver(started) && await uploads.ClaimAsync(cancel) is { } upload)
                await TryAsync(upload, started, cancel);
        }));
        await uploads.ForgetAsync(cancel);
    }

    public void Dispose() => http.Dispose();

    private bool IsOver(long started) => time.GetElapsedTime(started) >= TimeToPull;

    private async Task TryAsync(UrlUpload upload, long started, CancellationToken cancel)
    {
        try
        {
            if (addresses.Refusal(upload.Url) is { } refusal) throw new PullRefusedException(refusal);
            if (await PullAsync(upload, started, cancel)) log.LogInformation("{Blob} was fetched", upload.BlobName);
        }
        catch (PullRefusedException refused)
        {
            await uploads.EndAsync(upload, UrlUploadState.Failed, refused.Message, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && !Outage.IsStorage(e) && !Outage.IsCatalogue(e)
            && Outage.Is(e))
        {
            var isRefused = e is RefusedAddressException || e.InnerException is RefusedAddressException;
            var reason = isRefused ? "The address is not a public one."
                : e is HttpRequestException { StatusCode: { } status } ? $"The address answers with {(int)status}."
                : "The address does not answer, or its answer broke off.";
            log.LogWarning(e, "{Upload} could not be fetched this time", upload.Id);
            if (isRefused) await uploads.EndAsync(upload, UrlUploadState.Failed, reason, cancel);
            else await uploads.PostponeAsync(upload, reason, cancel);
        }
    }

    private async Task<bool> PullAsync(UrlUpload upload, long started, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeToRead);
        using var request = new HttpRequestMessage(HttpMethod.Get, upload.Url);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("OpenMU-Uploads", "1"));
        if (upload is { Bytes: > 0, ETag: { } known })
        {
            request.Headers.Range = new RangeHeaderValue(upload.Bytes, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(known));
        }

        using var response = await http.SendAsync(request, limit.Token);
        // A try before had all of it, and ended before it was put together.
        var isWhole = response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && upload.Bytes > 0
            && response.Content.Headers.ContentRange?.Length == upload.Bytes;
        if (!isWhole) Begin(upload, response);
        var rest = isWhole ? 0 : response.Content.Headers.ContentLength;
        if (options.TooLarge(upload.Bytes + (rest ?? 0)) is { } tooLarge) throw new PullRefusedException(tooLarge);
        using var sum = upload.Bytes == 0 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
        var blob = storage.Tracks.GetBlockBlobClient(upload.BlobName);
        var block = new byte[BlockBytes];
        while (!isWhole)
        {
            limit.CancelAfter(TimeToRead);
            var read = await ReadAsync(body, block, limit);
            if (read == 0) break;
            if (options.TooLarge(upload.Bytes + read) is { } grown) throw new PullRefusedException(grown);
            sum?.AppendData(block, 0, read);
            await blob.StageBlockAsync(
                BlockId(upload.Bytes), new MemoryStream(block, 0, read), cancellationToken: cancel);
            upload.Bytes += read;
            (upload.Attempts, var isFull) = (0, read == block.Length);
            if (!await uploads.ProgressAsync(upload, cancel)) return false;
            if (!isFull || !IsOver(started)) continue;
            await uploads.PostponeAsync(upload, reason: null, cancel);
            return false;
        }

        if (sum is not null) Check(upload, sum.GetHashAndReset());
        await CommitAsync(blob, upload, cancel);
        return true;
    }

    // What the server gives decides where the file goes on.
    private static void Begin(UrlUpload upload, HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            || (int)response.StatusCode >= 500)
            throw new HttpRequestException(null, null, response.StatusCode);
        if ((int)response.StatusCode is >= 300 and < 400)
            throw new PullRefusedException("The address redirects to another one: give that one.");
        var goesOn = response.StatusCode == HttpStatusCode.PartialContent && upload.Bytes > 0
            && response.Content.Headers.ContentRange?.From == upload.Bytes;
        if (!goesOn && response.StatusCode != HttpStatusCode.OK)
            throw new PullRefusedException($"The address answers with {(int)response.StatusCode}.");
        if (!goesOn) upload.Bytes = 0;
        upload.ETag = response.Headers.ETag is { IsWeak: false, Tag: { Length: <= 256 } tag } ? tag : null;
    }

    // Blocks are full but the last, so that a next try goes on between two of them.
    private static async Task<int> ReadAsync(Stream body, byte[] block, CancellationTokenSource limit)
    {
        var read = 0;
        while (read < block.Length)
        {
            var more = await body.ReadAsync(block.AsMemory(read), limit.Token);
            if (more == 0) break;
            read += more;
            limit.CancelAfter(TimeToRead);
        }

        return read;
    }

    private async Task CommitAsync(BlockBlobClient blob, UrlUpload upload, CancellationToken cancel)
    {
        if (upload.Bytes == 0) throw new PullRefusedException("The file is empty.");
        var blocks = Enumerable.Range(0, (int)((upload.Bytes + BlockBytes - 1) / BlockBytes))
            .Select(i => BlockId((long)i * BlockBytes));
        try
        {
            await blob.CommitBlockListAsync(
                blocks,
                new CommitBlockListOptions
                {
                    HttpHeaders = new BlobHttpHeaders { ContentType = AudioFileTypes.Bytes },
                    Metadata = Metadata(upload),
                    Conditions = upload.Replace ? null : new BlobRequestConditions { IfNoneMatch = Azure.ETag.All },
                },
                cancel);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // A try before may have stored it, and ended before it could say so.
            BlobProperties there = await blob.GetPropertiesAsync(cancellationToken: cancel);
            if (!there.Metadata.TryGetValue(PulledMetadata, out var id) || id != Metadata(upload)[PulledMetadata])
                throw new PullRefusedException($"There is a track named {upload.FileName} already.");
        }
        catch (RequestFailedException lost) when (lost.ErrorCode == BlobErrorCode.InvalidBlockList)
        {
            // Another upload of the name has thrown the blocks away.
            (upload.Bytes, upload.ETag) = (0, null);
            await uploads.ProgressAsync(upload, cancel);
            throw new HttpRequestException("The blocks are gone.", lost);
        }

        await uploads.EndAsync(upload, UrlUploadState.Stored, reason: null, cancel);
        await storage.Uploads.SendMessageAsync(upload.BlobName, cancel);
    }

    private static void Check(UrlUpload upload, byte[] sum)
    {
        var found = Convert.ToHexStringLower(sum);
        if (upload.Sha256 is { } given && given != found)
            throw new PullRefusedException($"The file's SHA-256 is {found}, and {given} was given.");
    }

    private static Dictionary<string, string> Metadata(UrlUpload upload)
    {
        var metadata = new Dictionary<string, string>
        {
            [PulledMetadata] = upload.Id.ToString(CultureInfo.InvariantCulture),
        };
        if (upload.Sha256 is { } sum) metadata[TrackBlob.Sha256Metadata] = sum;
        return metadata;
    }

    private static string BlockId(long offset) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes((offset / BlockBytes).ToString("D8", null)));

    /// <summary>It is of no use to try again.</summary>
    private sealed class PullRefusedException(string reason) : Exception(reason);
}
