using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security;
using System.Text;

namespace OpenMU.Simulation;

/// <summary>A container of blobs.</summary>
/// <param name="world">Its clock.</param>
public sealed class StorageContainer(VirtualWorld world)
{
    private readonly SortedSet<string> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Blob> blobs = new(StringComparer.Ordinal);
    private long versions;

    /// <summary>Names and bytes of what is there.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> All => blobs.Select(blob => (blob.Key, blob.Value.Bytes));

    public int Count => blobs.Count;

    /// <summary>The bytes of a blob; null if it is not there.</summary>
    public byte[]? Find(string name) => blobs.TryGetValue(name, out var blob) ? blob.Bytes : null;

    /// <summary>The version of a blob, as an ETag; null if it is not there.</summary>
    public string? Version(string name) => blobs.TryGetValue(name, out var blob) ? blob.ETag : null;

    /// <summary>Uploads, over what is there by this name.</summary>
    public void Put(string name, byte[] bytes)
    {
        names.Add(name);
        blobs[name] = new Blob(bytes, $"\"0x{++versions:X16}\"", world.Now);
    }

    public void Delete(string name)
    {
        names.Remove(name);
        blobs.Remove(name);
    }

    internal HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var path = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath);
        var slash = path.IndexOf('/', 1);
        if (slash < 0)
        {
            return StorageReply.Query(request, "comp") == "list"
                ? List(
                    StorageReply.Query(request, "prefix") ?? "", StorageReply.Query(request, "marker") ?? "",
                    StorageReply.Query(request, "maxresults", 5000))
                : Described(StorageReply.Empty(HttpStatusCode.OK), "\"0x1\"", world.Now);
        }

        if (!blobs.TryGetValue(path[(slash + 1)..], out var blob))
            return StorageReply.Error(HttpStatusCode.NotFound, "BlobNotFound");
        if (request.Headers.IfMatch.FirstOrDefault() is { } wanted && wanted.Tag != blob.ETag)
            return StorageReply.Error(HttpStatusCode.PreconditionFailed, "ConditionNotMet");
        return request.Method == HttpMethod.Head ? Head(blob) : Content(request, blob);
    }

    private HttpResponseMessage List(string prefix, string after, int most)
    {
        var xml = new StringBuilder("<EnumerationResults ContainerName=\"tracks\"><Blobs>");
        var (count, last, isMore) = (0, "", false);
        var first = after.Length == 0 ? prefix : after + '\0';
        foreach (var name in names.GetViewBetween(first, prefix + '\uffff'))
        {
            if (count == most)
            {
                isMore = true;
                break;
            }

            var blob = blobs[name];
            (count, last) = (count + 1, name);
            xml.Append(CultureInfo.InvariantCulture, $"<Blob><Name>{SecurityElement.Escape(name)}</Name><Properties>")
                .Append(CultureInfo.InvariantCulture, $"<Last-Modified>{blob.At:R}</Last-Modified>")
                .Append(CultureInfo.InvariantCulture, $"<Etag>{blob.ETag.Trim('"')}</Etag>")
                .Append(CultureInfo.InvariantCulture, $"<Content-Length>{blob.Bytes.Length}</Content-Length>")
                .Append("<BlobType>BlockBlob</BlobType></Properties></Blob>");
        }

        xml.Append("</Blobs><NextMarker>").Append(isMore ? SecurityElement.Escape(last) : "")
            .Append("</NextMarker></EnumerationResults>");
        return StorageReply.Xml(HttpStatusCode.OK, xml);
    }

    private static HttpResponseMessage Head(Blob blob)
    {
        var response = Described(StorageReply.Empty(HttpStatusCode.OK), blob.ETag, blob.At);
        response.Content.Headers.ContentLength = blob.Bytes.Length;
        return response;
    }

    private static HttpResponseMessage Content(HttpRequestMessage request, Blob blob)
    {
        var (start, length) = (0, blob.Bytes.Length);
        var isRange = request.Headers.TryGetValues("x-ms-range", out var values);
        if (isRange)
        {
            var range = RangeHeaderValue.Parse(values!.First()).Ranges.First();
            start = (int)range.From!.Value;
            if (start >= length) return StorageReply.Error(HttpStatusCode.RequestedRangeNotSatisfiable, "InvalidRange");
            length = (int)Math.Min(range.To ?? long.MaxValue, length - 1) + 1 - start;
        }

        var response = Described(
            new HttpResponseMessage(isRange ? HttpStatusCode.PartialContent : HttpStatusCode.OK)
            {
                Content = new ByteArrayContent(blob.Bytes, start, length),
            },
            blob.ETag, blob.At);
        if (isRange)
        {
            response.Content.Headers.ContentRange =
                new ContentRangeHeaderValue(start, start + length - 1, blob.Bytes.Length);
        }

        return response;
    }

    private static HttpResponseMessage Described(HttpResponseMessage response, string etag, DateTimeOffset at)
    {
        response.Headers.ETag = new EntityTagHeaderValue(etag);
        response.Headers.Add("x-ms-blob-type", "BlockBlob");
        response.Content.Headers.LastModified = at;
        return response;
    }

    private sealed record Blob(byte[] Bytes, string ETag, DateTimeOffset At);
}
