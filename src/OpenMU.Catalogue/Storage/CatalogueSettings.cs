namespace OpenMU.Catalogue.Storage;

/// <summary>Which database the catalogue lives in: the section <c>Catalogue</c> of a program's configuration.</summary>
public sealed class CatalogueSettings
{
    public CatalogueProvider Provider { get; set; } = CatalogueProvider.Sqlite;

    /// <summary>
    /// <c>Data Source=catalogue.db</c>, or for Azure SQL with a managed identity
    /// <c>Server=tcp:NAME.database.windows.net;Database=catalogue;Authentication=Active Directory Default</c>.
    /// </summary>
    public string ConnectionString { get; set; } = "";
}

/// <summary>The databases that the catalogue has migrations for.</summary>
public enum CatalogueProvider
{
    Sqlite,
    SqlServer,
}
