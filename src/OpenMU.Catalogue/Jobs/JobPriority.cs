namespace OpenMU.Catalogue.Jobs;

/// <summary>Which of a tenant's jobs go first. Between tenants it says nothing: each has its own turn.</summary>
public enum JobPriority
{
    /// <summary>When nothing else waits: a library that is tagged overnight.</summary>
    Bulk,

    /// <summary>In the order in which they came.</summary>
    Normal,

    /// <summary>Somebody waits for it.</summary>
    Urgent,
}
