using System.Net;
using System.Net.Http.Headers;

namespace OpenMU.Cli.Hub;

/// <summary>
/// Fetches one file into a folder. What has arrived stands in a <c>.part</c> file whose name holds the hash that it is
/// to have, so that it survives a killed process and is never continued with another file's bytes. The file gets its
/// name when its hash is right.
/// </summary>
internal sealed class HubDownload(HubConnection hub, HubModel model, HubFile file, string folder)
{
    private const int BlockBytes = 1 << 20;
    private static readonly byte[] PointerStart = "version https://git-lfs"u8.ToArray();

    public HubFile Source => file;

    private string Target => Path.Combine(folder, file.Name);

    private string Part => $"{Target}.{file.Hash[..16]}.part";

    // The ETag of the host that gave the bytes, which is not the hub's own.
    private string ETagFile => $"{Part}.etag";

    private string What => $"{model.Name}'s {file.Name}";

    /// <summary>Bytes that are in the folder already, whole or in part.</summary>
    public long Present => Math.Min(file.Size, Length(Target) ?? Length(Part) ?? 0);

    /// <summary>Fetches what is missing.</summary>
    /// <param name="received">Called with the bytes that were added; less than 0 when some are thrown away.</param>
    /// <param name="cancel">Stops; what has arrived stays.</param>
    /// <exception cref="HubException">
    /// It could not be fetched, or its bytes are not those that the hub promised.
    /// </exception>
    public async Task RunAsync(Action<long> received, CancellationToken cancel)
    {
        if (Length(Target) == file.Size && await IsRightAsync(Target, cancel))
        {
            received(file.Size);
            return;
        }
        var isOld = File.Exists(Part);
        while (true)
        {
            await FillAsync(received, cancel);
            if (await IsRightAsync(Part, cancel)) break;
            received(-file.Size);
            File.Delete(Part);
            // Of what an earlier run left, bytes may have been lost: once more, and all from here.
            if (!isOld)
            {
                throw new HubException($"{What} is damaged: its bytes have not the hash that the hub gives. It was thrown "
                    + "away; run the same command again, or use another --endpoint.");
            }
            isOld = false;
        }
        File.Move(Part, Target, overwrite: true);
        File.Delete(ETagFile);
    }

    /// <summary>Fetches to the end, through failures.</summary>
    private async Task FillAsync(Action<long> received, CancellationToken cancel)
    {
        await using var part = new FileStream(
            Part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1, useAsync: true);
        if (part.Length > file.Size) part.SetLength(0);
        received(part.Length);
        var (retry, furthest) = (new HubRetry(hub.Settings), part.Length);
        while (part.Length < file.Size)
        {
            try
            {
                await ContinueAsync(part, received, cancel);
            }
            catch (HubException e) when (e.IsTransient)
            {
                if (part.Length > furthest) retry.Progressed();
                furthest = Math.Max(furthest, part.Length);
                await retry.WaitAsync(e, cancel);
            }
        }
        RequireNoPointer(part);
        part.Flush(flushToDisk: true);
    }

    private async Task ContinueAsync(
        FileStream part, Action<long> received, CancellationToken cancel)
    {
        var from = part.Length;
        var address = hub.AddressOf(
            $"{model.Name.Repository}/resolve/{Uri.EscapeDataString(model.Commit)}/{Uri.EscapeDataString(file.Name)}");
        using var answer = await hub.GetAsync(address, What, cancel, from, from > 0 ? await ETagAsync(cancel) : null);
        var response = answer.Response;
        // Only where both are a SHA-256: of small files a mirror may give any other tag.
        if (answer.LinkedETag is { Length: 64 } etag && file.Hash.Length == 64 && etag != file.Hash)
        {
            throw new HubException($"{What} has changed at {hub.Settings.Endpoint.Authority} since it was looked up; run the "
                + "same command again to have the new one.");
        }
        var continues = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange is { From: { } start } range && start == from
            && (range.Length ?? file.Size) == file.Size;
        if (from > 0 && !continues)
        {
            received(-from);
            part.SetLength(0);
        }
        if (!continues && response.StatusCode != HttpStatusCode.OK)
        {
            throw new HubException($"{What} cannot be continued (status {(int)response.StatusCode}).")
            {
                IsTransient = true
            };
        }
        await File.WriteAllTextAsync(ETagFile, $"{response.Headers.ETag}", cancel);
        await ReceiveAsync(response, part, received, cancel);
    }

    private async Task ReceiveAsync(
        HttpResponseMessage response, FileStream part, Action<long> received, CancellationToken cancel)
    {
        var host = response.RequestMessage!.RequestUri!.Authority;
        await using var body = await hub.ReadAsync(response.Content.ReadAsStreamAsync, host, cancel);
        var block = new byte[BlockBytes];
        while (true)
        {
            var read = await hub.ReadAsync(token => body.ReadAsync(block, token).AsTask(), host, cancel);
            if (read == 0) break;
            if (part.Length + read > file.Size)
            {
                part.SetLength(0);
                throw new HubException(
                    $"{What} is longer than the hub says; run the same command again, or use another --endpoint.");
            }
            part.Position = part.Length;
            await part.WriteAsync(block.AsMemory(0, read), cancel);
            received(read);
        }
        if (part.Length == file.Size) return;
        RequireNoPointer(part);
        throw new HubException($"{What} ended early.") { IsTransient = true };
    }

    /// <summary>A mirror without large file storage gives the pointer in a file's place.</summary>
    private void RequireNoPointer(FileStream part)
    {
        if (part.Length is 0 or > 1024 || !file.IsWeights) return;
        var start = new byte[PointerStart.Length];
        part.Position = 0;
        if (part.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length
            || !start.AsSpan().SequenceEqual(PointerStart))
        {
            return;
        }
        part.SetLength(0);
        throw new HubException($"{What} is only a pointer of Git LFS there, not the file; use another --endpoint.");
    }

    private async Task<bool> IsRightAsync(string path, CancellationToken cancel)
    {
        await using var whole = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, useAsync: true);
        using var hash = file.NewHash();
        var block = new byte[BlockBytes];
        for (int read; (read = await whole.ReadAsync(block, cancel)) > 0;) hash.AppendData(block, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == file.Hash;
    }

    private async Task<EntityTagHeaderValue?> ETagAsync(CancellationToken cancel) =>
        File.Exists(ETagFile)
        && EntityTagHeaderValue.TryParse(await File.ReadAllTextAsync(ETagFile, cancel), out var etag) && !etag.IsWeak
            ? etag
            : null;

    private static long? Length(string path) => File.Exists(path) ? new FileInfo(path).Length : null;
}
