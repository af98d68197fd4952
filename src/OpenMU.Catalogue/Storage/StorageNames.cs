namespace OpenMU.Catalogue.Storage;

/// <summary>The one place that names containers and queues; bicep declares the same, which a test checks.</summary>
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
    /// Longest blob name the catalogue takes, in UTF-16 units. Azure allows 1,024; an index key in SQL Server has 1,700
    /// bytes, of which the tenant needs 128. Uploads with longer names are refused.
    /// </summary>
    public const int MaxBlobNameLength = 768;

    /// <summary>The most messages that Azure hands out at once.</summary>
    public const int MaxReceivedMessages = 32;
}
