using System.Security.Cryptography;
using System.Text;
using Azure;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Functions;

/// <summary>One version of one blob, as its properties describe it.</summary>
/// <param name="Blob">Where it belongs by its name.</param>
/// <param name="FileName">The path as its owner named it: the metadata's <c>path</c>, else the rest of
/// the blob's name.</param>
/// <param name="ETag">Names the version. Headers quote it and listings do not, so it is compared and stored
/// quoted (format H).</param>
/// <param name="SizeBytes">Length.</param>
/// <param name="UploadedAt">UTC, to the second.</param>
internal sealed record Upload(BlobPlace Blob, string FileName, ETag ETag, long SizeBytes, DateTime UploadedAt)
{
    /// <summary>The SHA-256 of the bytes as their sender gave it; null where he did not.</summary>
    public string? GivenSha256 { get; init; }

    /// <summary>Why bytes are refused that are not those of their sender; null where they are.</summary>
    /// <param name="contentId">By their own SHA-256.</param>
    public string? Damage(string contentId) => GivenSha256 is null || contentId == $"sha256:{GivenSha256}"
        ? null
        : $"The file is not the one that was sent: its sender gave the SHA-256 {GivenSha256}.";

    /// <summary>The version as the catalogue keeps it.</summary>
    public string Version => ETag.ToString("H");

    /// <summary>The content id of a blob that is refused unread: no other version shares it.</summary>
    public string UnreadContentId() => $"{Job.UnreadPrefix}"
        + $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Blob.Name}\n{Version}")))}";
}

/// <summary>Where a blob belongs in the catalogue by its name alone.</summary>
/// <param name="Name">The blob's own.</param>
/// <param name="Tenant">First segment of the name, or <c>default</c> where there is none; shortened where the
/// catalogue cannot hold it.</param>
/// <param name="RowName">The name as the catalogue keeps it: the blob's own, shortened where it cannot hold it.</param>
/// <param name="Refusal">Why the name cannot be taken, in one sentence for people; null if it can.</param>
internal sealed record BlobPlace(string Name, string Tenant, string RowName, string? Refusal)
{
    // A shortened name ends with so many digits of its hash, so that no two fall together.
    private const int HashDigits = 16;

    /// <summary>
    /// <see cref="TrackBlob.Key"/> of the name that the catalogue keeps.
    /// </summary>
    public string Key => TrackBlob.Key(RowName);

    /// <summary>Reads a name. There is none without a place: what cannot be taken gets a row that says so.</summary>
    public static BlobPlace Of(string name)
    {
        var slash = name.IndexOf('/');
        var tenant = slash <= 0 ? TrackBlob.DefaultTenant : name[..slash];
        var refusal = slash == 0 ? "The name begins with a slash, so it names no library."
            : name.Length > TrackBlob.MaxNameLength
                ? $"The name has {name.Length} characters; {TrackBlob.MaxNameLength} are possible."
            : SystemFiles.IsInFolder(name) ? "The file lies in a folder that a system keeps for itself."
            : null;
        return new BlobPlace(
            name, Shorten(tenant, TrackBlob.MaxTenantLength), Shorten(name, TrackBlob.MaxNameLength), refusal);
    }

    /// <summary>The path to show, from the metadata of a blob.</summary>
    /// <param name="metadata">The blob's; may hold its <c>path</c>.</param>
    public string FileName(IDictionary<string, string> metadata)
    {
        var path = metadata.TryGetValue(TrackBlob.PathMetadata, out var escaped)
            ? Uri.UnescapeDataString(escaped)
            : Name[(Name.IndexOf('/') + 1)..];
        path = new string([.. path.Where(c => !char.IsControl(c))]).Trim();
        if (path.Length == 0) path = Name;
        return path.Length <= Track.MaxFileNameLength ? path : path[^Track.MaxFileNameLength..];
    }

    private static string Shorten(string text, int length) =>
        text.Length <= length ? text : $"{text[..(length - HashDigits - 1)]}~{TrackBlob.Key(text)[..HashDigits]}";
}
