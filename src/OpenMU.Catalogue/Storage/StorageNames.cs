namespace OpenMU.Catalogue.Storage;

/// <summary>
/// The one place that names containers, queues and metadata and says what they hold; bicep declares the same containers and queues,
/// which a test checks.
/// </summary>
public static class StorageNames
{
    /// <summary>Container of the uploaded audio.</summary>
    public const string Tracks = "tracks";

    /// <summary>Queue of jobs for the workers.</summary>
    public const string Analysis = "analysis";

    /// <summary>Where a job's message goes after its last try.</summary>
    public const string AnalysisPoison = "analysis-poison";

    /// <summary>Queue of questions for the workers.</summary>
    public const string Questions = "questions";

    /// <summary>Where a question's message goes after its last try.</summary>
    public const string QuestionsPoison = "questions-poison";

    /// <summary>
    /// Longest blob name the catalogue takes, in UTF-16 units. Azure allows 1,024; an index key in SQL Server has 1,700 bytes,
    /// of which the tenant needs 128. Uploads with longer names are refused.
    /// </summary>
    public const int MaxBlobNameLength = 768;

    /// <summary>Tenant of a blob whose name has no folder, and of a home set-up.</summary>
    public const string DefaultTenant = "default";

    /// <summary>Longest name of a tenant.</summary>
    public const int MaxTenantLength = 64;

    /// <summary>Metadata of a blob: the file's path as its owner named it, percent-encoded.</summary>
    public const string PathMetadata = "path";

    /// <summary>Metadata of a blob: when its file was changed, for uploaders that compare.</summary>
    public const string ModifiedMetadata = "modified";

    /// <summary>Largest file that is taken where nothing else is set: 2 GiB.</summary>
    public const long MaxTrackBytes = 2L << 30;

    /// <summary>The most messages that Azure hands out at once.</summary>
    public const int MaxReceivedMessages = 32;
}
