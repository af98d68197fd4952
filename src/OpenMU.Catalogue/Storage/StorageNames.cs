namespace OpenMU.Catalogue.Storage;

/// <summary>The one place that names containers and queues; bicep declares the same, which a test checks.</summary>
public static class StorageNames
{
    /// <summary>Container of the uploaded audio.</summary>
    public const string Tracks = "tracks";

    /// <summary>Container of the models that workers fetch; a folder a model.</summary>
    public const string Models = "models";

    /// <summary>Queue of jobs for the workers.</summary>
    public const string Analysis = "analysis";

    /// <summary>Where a job's message goes after its last try.</summary>
    public const string AnalysisPoison = "analysis-poison";

    /// <summary>Queue of questions for the workers.</summary>
    public const string Questions = "questions";

    /// <summary>Where a question's message goes after its last try.</summary>
    public const string QuestionsPoison = "questions-poison";

    /// <summary>Queue on which Event Grid announces what was deleted from the container.</summary>
    public const string Removals = "removals";

    /// <summary>Queue of names of blobs that are to be taken in: found by a sweep, or sent by the site.</summary>
    public const string Uploads = "uploads";

    /// <summary>The most messages that Azure hands out at once.</summary>
    public const int MaxReceivedMessages = 32;
}
