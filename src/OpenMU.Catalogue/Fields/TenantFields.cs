using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Fields;

/// <summary>The fields of one library: those that every catalogue has, and those that its owner has declared.</summary>
public sealed class TenantFields
{
    private readonly Dictionary<string, CatalogueField> byName = new(StringComparer.OrdinalIgnoreCase);

    private TenantFields(IReadOnlyList<CatalogueField> declared)
    {
        Declared = declared;
        foreach (var field in CatalogueField.Known.Concat(declared)) byName[field.Name] = field;
    }

    /// <summary>Those that the owner has declared, in the order of their names.</summary>
    public IReadOnlyList<CatalogueField> Declared { get; }

    /// <summary>Reads a library's.</summary>
    public static async Task<TenantFields> OfAsync(CatalogueDb db, string tenant, CancellationToken cancel) =>
        new([.. (await db.DeclaredFields.AsNoTracking().Where(f => f.Tenant == tenant).OrderBy(f => f.Name)
            .ToListAsync(cancel)).Select(field => field.ToField())]);

    /// <summary>A field by its name, in any case of letters.</summary>
    /// <exception cref="FormatException">There is none; the message says which one may have been meant.</exception>
    public CatalogueField Find(string name)
    {
        if (byName.TryGetValue(name, out var field)) return field;
        var near = NearestName.Of(name, byName.Keys);
        throw new FormatException(
            $"There is no field '{name}'{(near is null ? "." : $"; did you mean {near}?")}");
    }
}
