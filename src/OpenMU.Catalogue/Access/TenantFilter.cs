using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Access;

/// <summary>
/// Keeps tenants apart, once and for every query: a context that is made for one tenant has a model whose tables are
/// filtered by it, and writes no row of another. Contexts for all have a model without filters, so that no plan has to
/// serve both.
/// </summary>
internal static class TenantFilter
{
    /// <summary>The property by which a row says whose it is.</summary>
    public const string Property = "Tenant";

    private static readonly MethodInfo OfOwn =
        typeof(TenantFilter).GetMethod(nameof(FilterOwn), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>
    /// Filters what has a tenant, and through it what belongs to that. A new table with a column of this name is
    /// filtered by itself; one that belongs to such a row by a key needs a line here.
    /// </summary>
    public static void Apply(ModelBuilder model, CatalogueDb db)
    {
        var own = model.Model.GetEntityTypes().Where(type => type.FindProperty(Property) is not null).ToList();
        foreach (var type in own) OfOwn.MakeGenericMethod(type.ClrType).Invoke(null, [model, db]);

        // Each of these is found by the key of what it belongs to, whose own filter holds inside.
        model.Entity<Analysis>().HasQueryFilter(a => db.Jobs.Any(j => j.Id == a.JobId));
        model.Entity<ContentLyrics>().HasQueryFilter(l => db.Jobs.Any(j => j.Id == l.JobId));
        model.Entity<TrackEmbedding>().HasQueryFilter(e => db.Jobs.Any(j => j.Id == e.JobId));
        model.Entity<TrackLyrics>().HasQueryFilter(l => db.Tracks.Any(t => t.Id == l.TrackId));
        model.Entity<StaleText>().HasQueryFilter(s => db.Tracks.Any(t => t.Id == s.TrackId));
        model.Entity<QuestionTrack>().HasQueryFilter(
            q => db.Tracks.Any(t => t.Id == q.TrackId) && db.Questions.Any(one => one.Id == q.QuestionId));
    }

    /// <summary>Refuses to write what is another tenant's.</summary>
    /// <exception cref="InvalidOperationException">A row is another tenant's; nothing is written.</exception>
    public static void Guard(CatalogueDb db)
    {
        if (db.OnlyTenant is not { } tenant) return;
        foreach (var entry in db.ChangeTracker.Entries().Where(entry =>
            entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted
            && entry.Metadata.FindProperty(Property) is not null))
        {
            if (!Equals(entry.Property(Property).CurrentValue, tenant))
            {
                throw new InvalidOperationException(
                    $"A row of {entry.Metadata.GetTableName()} is not of the tenant for which the work is done.");
            }
        }
    }

    private static void FilterOwn<T>(ModelBuilder model, CatalogueDb db)
        where T : class
    {
        Expression<Func<T, bool>> own = row => EF.Property<string>(row, Property) == db.OnlyTenant;
        model.Entity<T>().HasQueryFilter(own);
    }

    /// <summary>Tells the two models of a context apart.</summary>
    internal sealed class ModelKey : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) =>
            (context.GetType(), context is CatalogueDb { OnlyTenant: not null }, designTime);
    }
}
