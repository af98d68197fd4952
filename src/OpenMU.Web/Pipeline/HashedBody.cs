using System.Security.Cryptography;
using System.Text;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// A request's body as its handler reads it, and the SHA-256 of all that the request says: nothing of it is held.
/// </summary>
internal sealed class HashedBody : ReadOnceStream
{
    private const int DrainedAtOnce = 64 << 10;

    private readonly Stream body;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public HashedBody(HttpRequest request)
    {
        body = request.Body;
        // The type too: the same bytes as CSV and as JSON are two requests.
        var head = $"{request.Method}\n{request.Path}{request.QueryString}\n{request.ContentType}\n";
        hash.AppendData(Encoding.UTF8.GetBytes(head));
    }

    /// <summary>Reads what the handler has left, and gives the hash in hex. Once.</summary>
    public async Task<string> FinishAsync(CancellationToken cancel)
    {
        var rest = new byte[DrainedAtOnce];
        while (await ReadAsync(rest, cancel) > 0)
        {
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        hash.AppendData(buffer.Span[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = body.Read(buffer, offset, count);
        hash.AppendData(buffer, offset, read);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) hash.Dispose();
        base.Dispose(disposing);
    }
}
