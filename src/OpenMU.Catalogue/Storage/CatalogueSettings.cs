using System.ComponentModel.DataAnnotations;
using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Catalogue.Storage;

/// <summary>Which database the catalogue lives in: the section <c>Catalogue</c> of a program's configuration.</summary>
public sealed class CatalogueSettings : IValidatableObject
{
    [EnumDataType(typeof(CatalogueProvider), ErrorMessage = "must be Sqlite or SqlServer")]
    public CatalogueProvider Provider { get; set; } = CatalogueProvider.Sqlite;

    /// <summary>
    /// <c>Data Source=catalogue.db</c>, or for Azure SQL with a managed identity
    /// <c>Server=tcp:NAME.database.windows.net;Database=catalogue;Authentication=Active Directory Default</c>.
    /// </summary>
    [Required(ErrorMessage = StrictOptions.Needed + ", such as Data Source=catalogue.db")]
    public string ConnectionString { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsConnectionString())
            yield return new($"is no connection string for {Provider}", [nameof(ConnectionString)]);
    }

    private bool IsConnectionString()
    {
        try
        {
            DbConnectionStringBuilder parsed = Provider == CatalogueProvider.Sqlite
                ? new SqliteConnectionStringBuilder(ConnectionString)
                : new SqlConnectionStringBuilder(ConnectionString);
            return parsed.Count > 0;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            return false;
        }
    }
}

/// <summary>The databases that the catalogue has migrations for.</summary>
public enum CatalogueProvider
{
    Sqlite,
    SqlServer,
}
