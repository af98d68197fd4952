using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// Gives what the API shows an ETag, and answers 304 to a client that has it already. An answer is complete before its
/// first byte is sent: what fails in the middle is an error and no half document, and however slowly a client takes it,
/// the database is done with it. Long ones lie on the disk meanwhile.
/// </summary>
internal sealed class ConditionalGet(RequestDelegate next)
{
    private const int MemoryBytes = 1 << 20;
    private const int TagBytes = 16;

    public async Task InvokeAsync(HttpContext context)
    {
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!isRead || !IsDocument(context))
        {
            await next(context);
            return;
        }

        var response = context.Response;
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await using var spool = new FileBufferingWriteStream(MemoryBytes);
        using var hash = SHA256.Create();
        await using (var hashing = new CryptoStream(spool, hash, CryptoStreamMode.Write, leaveOpen: true))
        {
            response.Body = hashing;
            // The tag and the length are those of the document; some results write none for HEAD.
            var method = context.Request.Method;
            context.Request.Method = HttpMethods.Get;
            try
            {
                await next(context);
                await context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
            }
            finally
            {
                context.Features.Set(body);
                context.Request.Method = method;
            }
        }

        if (response.StatusCode == StatusCodes.Status200OK)
        {
            // What has a version of its own is named by it. Else weak: the same text, however it is compressed. A weak
            // version is that of a part, which a change names; the whole document is named with it.
            var digest = Base64Url.EncodeToString(hash.Hash.AsSpan(0, TagBytes));
            var tag = response.GetTypedHeaders().ETag switch
            {
                null => new EntityTagHeaderValue($"\"{digest}\"", isWeak: true),
                { IsWeak: true } part => new EntityTagHeaderValue(
                    $"\"{part.Tag.ToString().Trim('"')}.{digest}\"", isWeak: true),
                var own => own,
            };
            response.Headers.ETag = tag.ToString();
            response.Headers.CacheControl = "private, no-cache";
            if (Has(context.Request, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                response.Headers.ContentType = response.Headers.ContentDisposition = default;
                return;
            }
        }

        // Nothing yet: an error, whose body is written where errors are.
        if (spool.Length == 0) return;
        response.ContentLength = spool.Length;
        if (HttpMethods.IsGet(context.Request.Method))
            await spool.DrainBufferAsync(body.Stream, context.RequestAborted);
    }

    private static bool IsDocument(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<PassesTheGate>() is null
        && (context.Request.Path.StartsWithSegments("/v1") || context.Request.Path.StartsWithSegments("/openapi"));

    private static bool Has(HttpRequest request, EntityTagHeaderValue tag) =>
        request.GetTypedHeaders().IfNoneMatch.Any(known =>
            known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false));
}
