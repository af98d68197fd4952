using System.Security.Cryptography;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>
/// Bytes whose sender said what they add up to. Where they do not, their end is an error, so that nothing of them is
/// stored.
/// </summary>
/// <param name="inner">The bytes.</param>
/// <param name="sha256">Their SHA-256 in lower case; null where nothing was said.</param>
internal sealed class CheckedStream(Stream inner, string? sha256) : ReadOnceStream
{
    private readonly IncrementalHash? sum =
        sha256 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private bool isChecked;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        if (sum is null || isChecked) return read;
        sum.AppendData(buffer.Span[..read]);
        if (read > 0 || buffer.Length == 0) return read;
        isChecked = true;
        var found = Convert.ToHexStringLower(sum.GetHashAndReset());
        return found == sha256 ? 0 : throw new DamagedUploadException(found, sha256!);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) sum?.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Bytes that are not those that their sender meant.</summary>
internal sealed class DamagedUploadException(string found, string given)
    : Exception($"The bytes that came have the SHA-256 {found}, and {given} was given: nothing was stored.");
