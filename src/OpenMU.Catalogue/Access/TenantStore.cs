using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>The tenants of a catalogue, as an operator sees to them.</summary>
public sealed class TenantStore(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    /// <summary>Adds a tenant. Files that lay below its name already are taken in by the next sweep.</summary>
    /// <param name="name">A name after <see cref="Tenant.IsName"/>.</param>
    /// <param name="origins">Origins of pages that may call the API.</param>
    /// <param name="author">Who adds it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False where there is one of this name.</returns>
    /// <exception cref="ArgumentException">No tenant may be called so.</exception>
    public async Task<bool> AddAsync(
        string name, IReadOnlyList<string> origins, CorrectionAuthor author, CancellationToken cancel)
    {
        if (!Tenant.IsName(name)) throw new ArgumentException(Tenant.NameRule, nameof(name));
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                if (await db.Tenants.AnyAsync(t => t.Name == name, token)) return false;
                var now = time.GetUtcNow().UtcDateTime;
                db.Tenants.Add(new Tenant { Name = name, CreatedAt = now, AllowedOrigins = [.. origins] });
                db.AuditEntries.Add(
                    AuditEntry.Of(name, author, AuditActions.TenantAdded, name, now, new { AllowedOrigins = origins }));
                await db.SaveChangesAsync(token);
                await db.UnknownPrefixes.Where(p => p.Prefix == name).ExecuteDeleteAsync(token);
                return true;
            },
            cancel);
    }

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<Tenant>> ListAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Tenants.AsNoTracking().OrderBy(t => t.Name).ToListAsync(cancel);
    }

    /// <returns>Null where there is none of this name.</returns>
    public async Task<Tenant?> FindAsync(string name, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Tenants.AsNoTracking().SingleOrDefaultAsync(t => t.Name == name, cancel);
    }

    /// <summary>Has a tenant's keys refused, or no longer. Its tracks and its keys are kept.</summary>
    /// <param name="name">The tenant.</param>
    /// <param name="isSuspended">Whether they are refused from now on.</param>
    /// <param name="author">Who says so.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False where there is no such tenant.</returns>
    public async Task<bool> SuspendAsync(
        string name, bool isSuspended, CorrectionAuthor author, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                if (await db.Tenants.SingleOrDefaultAsync(t => t.Name == name, token) is not { } tenant) return false;
                if (tenant.SuspendedAt is null != isSuspended) return true;
                var now = time.GetUtcNow().UtcDateTime;
                tenant.SuspendedAt = isSuspended ? now : null;
                var action = isSuspended ? AuditActions.TenantSuspended : AuditActions.TenantResumed;
                db.AuditEntries.Add(AuditEntry.Of(name, author, action, name, now));
                await db.SaveChangesAsync(token);
                return true;
            },
            cancel);
    }
}
