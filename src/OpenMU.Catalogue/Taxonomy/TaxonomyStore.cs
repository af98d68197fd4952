using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Taxonomy;

/// <summary>The versions of libraries' taxonomies, and which one holds.</summary>
public sealed class TaxonomyStore(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    /// <summary>Longest name of who imports or publishes.</summary>
    public const int MaxByLength = 256;

    /// <summary>What holds now.</summary>
    public async Task<PublishedTaxonomy> PublishedAsync(string tenant, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await PublishedTaxonomy.OfAsync(db, tenant, cancel);
    }

    /// <summary>A version; null where there is none.</summary>
    public async Task<TagTaxonomy?> VersionAsync(string tenant, int number, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await PublishedTaxonomy.VersionAsync(db, tenant, number, cancel);
    }

    /// <summary>All versions, the newest first; the last is the program's own.</summary>
    public async Task<IReadOnlyList<TaxonomyVersion>> ListAsync(string tenant, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var published = await db.TaxonomyPublications.AsNoTracking().Where(p => p.Tenant == tenant)
            .OrderByDescending(p => p.Sequence).ToListAsync(cancel);
        var versions = await db.Taxonomies.AsNoTracking().Where(t => t.Tenant == tenant)
            .OrderByDescending(t => t.Number).Select(t => new { t.Number, t.TermCount, t.By, t.At })
            .ToListAsync(cancel);
        var active = published.FirstOrDefault()?.Number ?? 0;
        return
        [
            .. versions.Select(t => Version(t.Number, t.TermCount, t.By, t.At)),
            Version(0, TagTaxonomy.BuiltIn.Terms.Count, null, null),
        ];

        TaxonomyVersion Version(int number, int terms, string? by, DateTime? at)
        {
            var last = published.Find(p => p.Number == number);
            return new TaxonomyVersion(number, terms, by, at, number == active, last?.By, last?.At);
        }
    }

    /// <summary>
    /// Takes a table in as a new version, which holds for nothing until it is published. Where a row is bad, none is
    /// made and the bad rows come back; the same table again is the version that it was.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="file">The table; groups that it has no terms for keep those of the version that holds.</param>
    /// <param name="by">Who imports.</param>
    /// <param name="badRows">Where rows go that are none, with the column error; not made where all are good.</param>
    /// <param name="dryRun">Whether nothing is stored.</param>
    /// <param name="cancel">Gives up; nothing is stored then.</param>
    /// <exception cref="InvalidDataException">It has not the columns of a taxonomy.</exception>
    public async Task<TaxonomyImport> ImportAsync(
        string tenant, ImportFile file, string by, string badRows, bool dryRun, CancellationToken cancel)
    {
        var others = await PublishedAsync(tenant, cancel);
        var reading = TaxonomyTable.Read(file, others.Taxonomy);
        using (var bad = new BadRowsFile(badRows, file.Format, reading.Columns, kept: 0)) bad.Append(reading.Bad);
        var import = new TaxonomyImport(
            reading.Rows, reading.Taxonomy, reading.IgnoredColumns,
            [.. reading.Bad.Select(row => new TaxonomyMistake(row.Row.Number, row.Error))]);
        if (reading.Taxonomy is not { } taxonomy || dryRun) return import;
        var terms = TaxonomyTable.Write(taxonomy);
        var closed = string.Join(' ', taxonomy.ClosedGroups.Order(StringComparer.Ordinal));
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{closed}\n{terms}")));
        var id = Guid.NewGuid();
        await using var db = catalogue.CreateDbContext();
        var number = await db.InTransactionAsync(
            async token =>
            {
                var all = db.Taxonomies.Where(t => t.Tenant == tenant);
                if (await all.OrderByDescending(t => t.Number).Select(t => new { t.Number, t.Digest })
                        .FirstOrDefaultAsync(token) is { } last && last.Digest == digest)
                    return last.Number;
                var next = (await all.MaxAsync(t => (int?)t.Number, token) ?? 0) + 1;
                db.Taxonomies.Add(new StoredTaxonomy
                {
                    Id = id,
                    Tenant = tenant,
                    Number = next,
                    Terms = terms,
                    ClosedGroups = closed,
                    Digest = digest,
                    TermCount = taxonomy.Terms.Count,
                    By = by,
                    At = await db.NowAsync(time, token),
                });
                await db.SaveChangesAsync(token);
                return next;
            },
            cancel);
        return import with { Version = number };
    }

    /// <summary>Has a version hold from now on.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="number">0 for the program's own list.</param>
    /// <param name="author">Who publishes.</param>
    /// <param name="expected"><see cref="PublishedTaxonomy.Sequence"/> of what is replaced; null for whatever holds.
    /// </param>
    /// <param name="cancel">Gives up.</param>
    public Task<TaxonomyAnswer> PublishAsync(
        string tenant, int number, CorrectionAuthor author, int? expected, CancellationToken cancel) =>
        ChangeAsync(
            tenant, author, expected,
            async (db, latest, token) =>
            {
                if (await PublishedTaxonomy.VersionAsync(db, tenant, number, token) is null)
                    return (TaxonomyOutcome.NoVersion, default);
                return number == (latest?.Number ?? 0)
                    ? (TaxonomyOutcome.NothingToDo, default)
                    : (TaxonomyOutcome.Done, (number, latest?.Sequence ?? 0));
            },
            cancel);

    /// <summary>Has the version hold again that held before the one that holds.</summary>
    /// <inheritdoc cref="PublishAsync"/>
    public Task<TaxonomyAnswer> RollBackAsync(
        string tenant, CorrectionAuthor author, int? expected, CancellationToken cancel) =>
        ChangeAsync(
            tenant, author, expected,
            async (db, latest, token) =>
            {
                if (latest?.Before is not { } before) return (TaxonomyOutcome.NothingToDo, default);
                var restored = await db.TaxonomyPublications.FindAsync([tenant, before], token);
                return (TaxonomyOutcome.Done, (restored?.Number ?? 0, restored?.Before));
            },
            cancel);

    private async Task<TaxonomyAnswer> ChangeAsync(
        string tenant, CorrectionAuthor author, int? expected,
        Func<CatalogueDb, TaxonomyPublication?, CancellationToken,
            Task<(TaxonomyOutcome Outcome, (int Number, int? Before) Next)>> choose,
        CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        try
        {
            return await db.InTransactionAsync(
                async token =>
                {
                    var latest = await db.TaxonomyPublications.Where(p => p.Tenant == tenant)
                        .OrderByDescending(p => p.Sequence).FirstOrDefaultAsync(token);
                    var (number, sequence) = (latest?.Number ?? 0, latest?.Sequence ?? 0);
                    if (expected is { } replaced && replaced != sequence)
                        return new TaxonomyAnswer(TaxonomyOutcome.Stale, number, sequence);
                    var (outcome, next) = await choose(db, latest, token);
                    if (outcome != TaxonomyOutcome.Done) return new TaxonomyAnswer(outcome, number, sequence);
                    var now = await db.NowAsync(time, token);
                    db.AuditEntries.Add(AuditEntry.Of(
                        tenant, author, AuditActions.TaxonomyPublished, $"{next.Number}", now,
                        new { Sequence = sequence + 1 }));
                    db.TaxonomyPublications.Add(new TaxonomyPublication
                    {
                        Tenant = tenant,
                        Sequence = sequence + 1,
                        Number = next.Number,
                        Before = next.Before,
                        By = author.By,
                        At = now,
                    });
                    await db.SaveChangesAsync(token);
                    return new TaxonomyAnswer(outcome, next.Number, sequence + 1);
                },
                cancel);
        }
        catch (DbUpdateException e) when (!Outage.Is(e) && !Outage.IsCancellation(e))
        {
            // Somebody else has published meanwhile.
            var now = await PublishedTaxonomy.OfAsync(db, tenant, cancel);
            return new TaxonomyAnswer(TaxonomyOutcome.Stale, now.Number, now.Sequence);
        }
    }
}

/// <summary>A version of a library's taxonomy, as lists show it.</summary>
/// <param name="Number">0 is the list that comes with the program.</param>
/// <param name="Terms">How many it has.</param>
/// <param name="By">Who imported it; null of the program's.</param>
/// <param name="At">When (UTC).</param>
/// <param name="IsPublished">Whether it holds.</param>
/// <param name="PublishedBy">Who published it last; null where nobody has.</param>
/// <param name="PublishedAt">When (UTC).</param>
public sealed record TaxonomyVersion(
    int Number, int Terms, string? By, DateTime? At, bool IsPublished, string? PublishedBy, DateTime? PublishedAt);

/// <summary>What came of a table.</summary>
/// <param name="Rows">How many it has.</param>
/// <param name="Taxonomy">Null where a row is bad.</param>
/// <param name="IgnoredColumns">Those that mean nothing in a taxonomy.</param>
/// <param name="Mistakes">Why rows came back.</param>
public sealed record TaxonomyImport(
    int Rows, TagTaxonomy? Taxonomy, IReadOnlyList<string> IgnoredColumns, IReadOnlyList<TaxonomyMistake> Mistakes)
{
    /// <summary>The version that was made of it, or that it was already; null where none was.</summary>
    public int? Version { get; init; }
}

/// <summary>Why a row is none.</summary>
/// <param name="Row">As an editor counts it; the header is row 1.</param>
/// <param name="Reason">One sentence.</param>
public sealed record TaxonomyMistake(long Row, string Reason);

/// <summary>What came of a publication.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Number">The version that holds now.</param>
/// <param name="Sequence">Of the publication that holds now.</param>
public sealed record TaxonomyAnswer(TaxonomyOutcome Outcome, int Number, int Sequence);

/// <summary>How a publication ended.</summary>
public enum TaxonomyOutcome
{
    Done,

    /// <summary>It holds already, or there is nothing to go back to.</summary>
    NothingToDo,

    /// <summary>There is no such version.</summary>
    NoVersion,

    /// <summary>Another one holds than the one that was to be replaced.</summary>
    Stale,
}
