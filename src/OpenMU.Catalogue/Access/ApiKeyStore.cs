using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>The keys of tenants: made, found, withdrawn and replaced without a gap.</summary>
public sealed class ApiKeyStore(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    // Whoever uses a key is not kept waiting because a note cannot be written.
    private static readonly TimeSpan TimeToNote = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan NoteAgainAfter = TimeSpan.FromMinutes(1);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Makes a key.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="label">What it is for; 1 to <see cref="ApiKey.MaxLabelLength"/> characters.</param>
    /// <param name="scopes">What it allows; something.</param>
    /// <param name="expiresAt">Until when (UTC); null for a key that does not end.</param>
    /// <param name="author">Who makes it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The key, whose text is to be had here only; null where there is no such tenant.</returns>
    public async Task<NewApiKey?> CreateAsync(
        string tenant, string label, ApiScopes scopes, DateTime? expiresAt, CorrectionAuthor author,
        CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, ApiKey.MaxLabelLength);
        ArgumentOutOfRangeException.ThrowIfEqual(scopes & ApiScopes.All, ApiScopes.None);
        var text = ApiKeyText.New();
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                if (!await db.Tenants.AnyAsync(t => t.Name == tenant, token)) return null;
                // Of a run that was committed after all.
                if (await OneAsync(db, tenant, text.PublicId, token) is { } made)
                    return new NewApiKey(made, text.ToString());
                var key = Add(db, text, tenant, label, scopes, expiresAt);
                db.AuditEntries.Add(AuditEntry.Of(
                    tenant, author, AuditActions.KeyCreated, key.PublicId, Now,
                    new { label, Scopes = $"{scopes}", expiresAt }));
                await db.SaveChangesAsync(token);
                return new NewApiKey(key, text.ToString());
            },
            cancel);
    }

    /// <summary>
    /// The key that a text is, if it may be used now. Takes as long for a public id that there is not as for a secret
    /// that is wrong, and notes that it was used.
    /// </summary>
    /// <param name="text">As the client sent it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null where it is no key, unknown, expired or revoked.</returns>
    public async Task<FoundApiKey?> FindAsync(string text, CancellationToken cancel)
    {
        if (!ApiKeyText.TryParse(text, out var parts)) return null;
        await using var db = catalogue.CreateDbContext();
        var found = await (
            from key in db.ApiKeys
            join tenant in db.Tenants on key.Tenant equals tenant.Name
            where key.PublicId == parts.PublicId
            select new { Key = key, tenant.SuspendedAt }).AsNoTracking().SingleOrDefaultAsync(cancel);
        var isRight = CryptographicOperations.FixedTimeEquals(
            parts.SecretHash(), found?.Key.SecretHash ?? new byte[SHA256.HashSizeInBytes]);
        // A server's collation may take "a" for "A".
        if (found is null || !isRight || found.Key.PublicId != parts.PublicId) return null;
        var now = Now;
        if (found.Key.RevokedAt is not null || found.Key.ExpiresAt <= now) return null;
        if (!(now - found.Key.LastUsedAt < NoteAgainAfter)) await NoteUseAsync(db, found.Key.Id, now, cancel);
        return new FoundApiKey(found.Key, found.SuspendedAt is not null);
    }

    /// <summary>A tenant's keys, the newest first, those included that are revoked.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(string tenant, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.ApiKeys.AsNoTracking().Where(k => k.Tenant == tenant).OrderByDescending(k => k.Id)
            .ToListAsync(cancel);
    }

    /// <summary>Has a key refused from now on. Doing it again changes nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="publicId">The key.</param>
    /// <param name="author">Who says so.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The key; null where the tenant has no such key.</returns>
    public async Task<ApiKey?> RevokeAsync(
        string tenant, string publicId, CorrectionAuthor author, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                if (await OneAsync(db, tenant, publicId, token) is not { } key) return null;
                if (key.RevokedAt is not null) return key;
                key.RevokedAt = Now;
                db.AuditEntries.Add(AuditEntry.Of(
                    tenant, author, AuditActions.KeyRevoked, publicId, Now, new { key.Label }));
                await db.SaveChangesAsync(token);
                return key;
            },
            cancel);
    }

    /// <summary>
    /// Makes a key with the label and scopes of another one, which is good until then only: both are good meanwhile.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="publicId">The key that is replaced.</param>
    /// <param name="until">How long the old one works (UTC); earlier where it ends earlier by itself.</param>
    /// <param name="expiresAt">When the new one ends (UTC); null for one that does not end.</param>
    /// <param name="author">Who says so.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The new key; null where the tenant has no such key that is not revoked.</returns>
    public async Task<NewApiKey?> RotateAsync(
        string tenant, string publicId, DateTime until, DateTime? expiresAt, CorrectionAuthor author,
        CancellationToken cancel)
    {
        var text = ApiKeyText.New();
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                if (await OneAsync(db, tenant, publicId, token) is not { RevokedAt: null } old) return null;
                if (await OneAsync(db, tenant, text.PublicId, token) is { } made)
                    return new NewApiKey(made, text.ToString());
                if (old.ExpiresAt is null || old.ExpiresAt > until) old.ExpiresAt = until;
                var key = Add(db, text, tenant, old.Label, old.Scopes, expiresAt);
                db.AuditEntries.Add(AuditEntry.Of(
                    tenant, author, AuditActions.KeyRotated, publicId, Now, new { NewKey = key.PublicId, until }));
                await db.SaveChangesAsync(token);
                return new NewApiKey(key, text.ToString());
            },
            cancel);
    }

    private static Task<ApiKey?> OneAsync(
        CatalogueDb db, string tenant, string publicId, CancellationToken cancel) =>
        db.ApiKeys.SingleOrDefaultAsync(k => k.PublicId == publicId && k.Tenant == tenant, cancel);

    private ApiKey Add(
        CatalogueDb db, ApiKeyText text, string tenant, string label, ApiScopes scopes, DateTime? expiresAt) =>
        db.ApiKeys.Add(new ApiKey
        {
            Tenant = tenant,
            Label = label,
            PublicId = text.PublicId,
            SecretHash = text.SecretHash(),
            Scopes = scopes,
            CreatedAt = Now,
            ExpiresAt = expiresAt,
        }).Entity;

    private async Task NoteUseAsync(CatalogueDb db, long id, DateTime now, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(TimeToNote, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        var before = now - NoteAgainAfter;
        try
        {
            await db.ApiKeys.Where(k => k.Id == id && (k.LastUsedAt == null || k.LastUsedAt <= before))
                .ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now), both.Token);
        }
        catch (Exception e) when (Outage.Is(e) || Outage.IsCancellation(e))
        {
            // Whoever has gone is told so by what comes next; a busy database has it noted another time.
        }
    }
}

/// <summary>A key that was just made.</summary>
/// <param name="Key">Its row.</param>
/// <param name="Text">The whole key, secret included: it is shown once and kept nowhere.</param>
public sealed record NewApiKey(ApiKey Key, string Text);

/// <summary>A key that may be used.</summary>
/// <param name="Key">Its row.</param>
/// <param name="IsSuspended">Whether its tenant is suspended.</param>
public sealed record FoundApiKey(ApiKey Key, bool IsSuspended);
