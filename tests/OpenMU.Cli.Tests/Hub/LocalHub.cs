using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OpenMU.Cli.Tests.Hub;

/// <summary>One request that a hub or its storage got.</summary>
internal sealed record HubRequest(string Host, string Path, string? Authorization, string? Range, string? IfRange);

/// <summary>
/// A server on the loopback interface that answers as the public hub does: descriptions and trees with the hashes of
/// large files beside those of their pointers, small files by itself, large ones by a redirect to another port that
/// knows ranges and ETags.
/// </summary>
internal sealed class LocalHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly WebApplication hub, storage;

    private LocalHub(WebApplication hub, WebApplication storage) => (this.hub, this.storage) = (hub, storage);

    /// <summary>The repository's files by path; those with weights are large.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = [];

    /// <summary>What is said of the repository.</summary>
    public JsonObject Description { get; } = new() { ["cardData"] = new JsonObject { ["license"] = "apache-2.0" } };

    public ConcurrentQueue<HubRequest> Requests { get; } = [];

    /// <summary>Looks at each request first, and answers it if it returns true.</summary>
    public Func<HttpContext, Task<bool>> Fault { get; set; } = _ => Task.FromResult(false);

    /// <summary>Writes the bytes of model.safetensors; null writes them all.</summary>
    public Func<HttpContext, ReadOnlyMemory<byte>, Task>? Body { get; set; }

    /// <summary>Whether the description has sizes and hashes, or the tree alone.</summary>
    public bool DescribesFiles { get; set; } = true;

    public bool KnowsRanges { get; set; } = true;

    public string StorageETag { get; set; } = "\"storage-1\"";

    public Uri Endpoint => new(hub.Urls.First());

    public string Storage => new Uri(storage.Urls.First()).Authority;

    public static async Task<LocalHub> StartAsync()
    {
        var started = new LocalHub(Server(), Server());
        started.hub.Run(context => started.AnswerAsync(context, started.HubAsync));
        started.storage.Run(context => started.AnswerAsync(context, started.StorageAsync));
        await started.hub.StartAsync();
        await started.storage.StartAsync();
        return started;
    }

    /// <summary>Cuts the connection without an end of the answer.</summary>
    public static Task CutAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await storage.DisposeAsync();
    }

    private static WebApplication Server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // Tests leave answers unfinished on purpose.
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(
            options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        return builder.Build();
    }

    private static bool IsLarge(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal);

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    [SuppressMessage("Security", "CA5350", Justification = "git names its blobs by SHA-1.")]
    private static string GitHash(byte[] content) => Convert.ToHexStringLower(
        SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, string, Task> answer)
    {
        var request = context.Request;
        var path = Uri.UnescapeDataString(request.Path.Value!);
        Requests.Enqueue(new(
            request.Host.Value!, path, request.Headers.Authorization, request.Headers.Range, request.Headers.IfRange));
        if (!await Fault(context)) await answer(context, path);
    }

    private async Task HubAsync(HttpContext context, string path)
    {
        const string api = "/api/models/artist/model/", resolve = $"/artist/model/resolve/{Commit}/";
        if (path.StartsWith($"{api}revision/", StringComparison.Ordinal))
        {
            await context.Response.WriteAsync(Describe().ToJsonString());
        }
        else if (path.StartsWith($"{api}tree/", StringComparison.Ordinal))
        {
            await WriteTreeAsync(context);
        }
        else if (path.StartsWith(resolve, StringComparison.Ordinal)
            && Files.TryGetValue(path[resolve.Length..], out var content))
        {
            await WriteFileAsync(context, path[resolve.Length..], content);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private JsonNode Describe()
    {
        var description = Description.DeepClone();
        description["sha"] = Commit;
        description["siblings"] = new JsonArray([.. Files.Select(file => DescribesFiles
            ? Entry("rfilename", "blobId", "sha256", file.Key, file.Value)
            : new JsonObject { ["rfilename"] = file.Key })]);
        return description;
    }

    // One file a page, as a hub divides long lists.
    private async Task WriteTreeAsync(HttpContext context)
    {
        var page = int.Parse($"0{context.Request.Query["page"]}", CultureInfo.InvariantCulture);
        var files = Files.OrderBy(file => file.Key, StringComparer.Ordinal).ToArray();
        if (page + 1 < files.Length)
            context.Response.Headers.Link = $"<{context.Request.Path}?page={page + 1}>; rel=\"next\"";
        var entry = Entry("path", "oid", "oid", files[page].Key, files[page].Value);
        await context.Response.WriteAsync(new JsonArray(entry).ToJsonString());
    }

    private static JsonObject Entry(string name, string git, string lfs, string path, byte[] content)
    {
        var pointer = Encoding.ASCII.GetBytes($"version https://git-lfs.github.com/spec/v1\noid sha256:{Sha256(content)}\n");
        var entry = new JsonObject
        {
            [name] = path,
            [git] = GitHash(IsLarge(path) ? pointer : content),
            ["size"] = content.Length
        };
        if (IsLarge(path))
        {
            entry["lfs"] = new JsonObject
            {
                [lfs] = Sha256(content),
                ["size"] = content.Length,
                ["pointerSize"] = pointer.Length
            };
        }
        return entry;
    }

    private async Task WriteFileAsync(HttpContext context, string name, byte[] content)
    {
        context.Response.Headers["X-Repo-Commit"] = Commit;
        if (!IsLarge(name))
        {
            context.Response.Headers.ETag = $"\"{GitHash(content)}\"";
            await context.Response.Body.WriteAsync(content);
            return;
        }
        context.Response.Headers["X-Linked-Etag"] = $"\"{Sha256(content)}\"";
        context.Response.Headers["X-Linked-Size"] = $"{content.Length}";
        context.Response.Redirect($"http://{Storage}/blobs/{name}?signature=secret");
    }

    private async Task StorageAsync(HttpContext context, string path)
    {
        var content = Files[path["/blobs/".Length..]];
        var range = context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
        var ifRange = context.Request.Headers.IfRange.ToString();
        if (!KnowsRanges || (ifRange.Length > 0 && ifRange != StorageETag)) range = 0;
        context.Response.Headers.ETag = StorageETag;
        context.Response.ContentLength = content.Length - range;
        if (range > 0)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {range}-{content.Length - 1}/{content.Length}";
        }
        var rest = content.AsMemory((int)range);
        if (Body is not null && path == "/blobs/model.safetensors") await Body(context, rest);
        else await context.Response.Body.WriteAsync(rest);
    }
}
