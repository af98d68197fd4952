using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpenMU.Catalogue.Fields;

/// <summary>How the databases hold fields.</summary>
internal static class StoredFields
{
    /// <summary>As <see cref="FieldSet.ToJson"/>.</summary>
    public static PropertyBuilder<FieldSet> StoredAsJson(this PropertyBuilder<FieldSet> property)
    {
        property.HasConversion(
            fields => fields.ToJson(),
            json => FieldSet.Parse(json),
            new ValueComparer<FieldSet>((a, b) => Equals(a, b), fields => fields.GetHashCode(), fields => fields));
        return property;
    }
}
