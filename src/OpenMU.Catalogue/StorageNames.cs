namespace OpenMU.Catalogue;

/// <summary>The one place that names containers and queues; bicep declares the same, which a test checks.</summary>
public static class StorageNames
{
    /// <summary>Container of the uploaded audio.</summary>
    public const string Tracks = "tracks";

    /// <summary>Queue of jobs for the workers.</summary>
    public const string Analysis = "analysis";

    /// <summary>Where a job's message goes after its last try.</summary>
    public const string AnalysisPoison = "analysis-poison";
}
