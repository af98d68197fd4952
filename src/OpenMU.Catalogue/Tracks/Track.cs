using System.Text;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// One uploaded file. Two files with the same bytes are two tracks that share one job and one analysis; a file that
/// was renamed is the same track.
/// </summary>
public sealed class Track
{
    /// <summary>
    /// Longest <see cref="FileName"/> in UTF-16 units: with tenant and id it is a key of search, and SQL Server's keys
    /// have at most 1,700 bytes. Of a longer path the end is kept.
    /// </summary>
    public const int MaxFileNameLength = (1700 - (2 * TrackBlob.MaxTenantLength) - sizeof(long)) / 2;

    /// <summary>How the <see cref="ETag"/> of a file begins that could not be uploaded: it has no blob.</summary>
    public const string NotUploaded = "\"file:";

    public long Id { get; set; }

    /// <summary>The library that owns the track; every query filters on it.</summary>
    public required string Tenant { get; set; }

    /// <summary>Name inside the container, tenant first: <c>tenant/folder/song.flac</c>.</summary>
    public required string BlobName { get; set; }

    /// <summary>
    /// <see cref="TrackBlob.Key"/> of <see cref="BlobName"/>, which it follows: unique per tenant, and what a name is
    /// looked up by.
    /// </summary>
    public string BlobKey
    {
        get => TrackBlob.Key(BlobName);
        private set { } // the database's copy is written, never believed
    }

    /// <summary>
    /// The blob's version that was ingested, quoted; a later upload under the same name has another one. Only a change
    /// that knows the present value may replace it.
    /// </summary>
    public required string ETag { get; set; }

    /// <summary>The file's path as its owner named it, for display and search.</summary>
    public required string FileName { get; set; }

    /// <summary>Its words as search finds them; follows <see cref="FileName"/>.</summary>
    public string FileNameWords
    {
        get => SearchDocument.OfFileName(FileName);
        private set { } // the database's copy is written, never believed
    }

    /// <summary>What it is sorted by; follows <see cref="FileName"/>.</summary>
    public string FileNameOrder
    {
        get => SearchFold.SortKey(FileName, MaxFileNameLength);
        private set { } // the database's copy is written, never believed
    }

    /// <summary>The last part of <see cref="FileName"/>, which it follows, as names of files are looked up.</summary>
    public string NameKey
    {
        get => NameKeyOf(FileName);
        private set { } // the database's copy is written, never believed
    }

    public long SizeBytes { get; set; }

    /// <summary>UTC.</summary>
    public DateTime UploadedAt { get; set; }

    /// <summary>Since when the blob is known to be gone (UTC); null while it is there.</summary>
    public DateTime? MissingSince { get; set; }

    public long JobId { get; set; }

    public Job Job { get; set; } = null!;

    /// <summary>The <see cref="NameKey"/> of a path: composed as most systems write it, in small letters.</summary>
    public static string NameKeyOf(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..].Normalize(NormalizationForm.FormC).ToLowerInvariant();
        return name[^Math.Min(name.Length, MaxFileNameLength)..];
    }
}
