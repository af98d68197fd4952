using Microsoft.EntityFrameworkCore;

namespace OpenMU.Catalogue.Storage.Sqlite;

/// <summary>
/// What SQLite believes about how often values occur, in its table <c>sqlite_stat1</c>: a million rows in each table,
/// nearly all of one tenant. Without it SQLite takes a tenant for something as rare as an id, and reads all of a
/// library's rows for fifty that are named by their ids. The ways that it finds are then the same in every catalogue,
/// small or large, and are those that tests see.
/// </summary>
internal static class PlannerStatistics
{
    private const long Rows = 1_000_000;
    private const long DistinctValues = 1000;

    // Every index of ours; the full-text index has tables of its own, whose ways are fixed.
    private const string Indexes =
        """
        SELECT m.name AS "Table", l.name AS "Index",
            (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) AS Columns
        FROM sqlite_schema m JOIN pragma_index_list(m.name) l
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'SearchText%'
            AND m.name NOT LIKE '\_\_%' ESCAPE '\'
        """;

    /// <summary>Whether the file has them, of every index that it has now.</summary>
    public static async Task<bool> AreThereAsync(DbContext db, CancellationToken cancel) =>
        await db.Database.SqlQueryRaw<int>("SELECT COUNT(*) AS Value FROM sqlite_schema WHERE name = 'sqlite_stat1'")
            .SingleAsync(cancel) == 1
        && await db.Database.SqlQueryRaw<int>(
            $"SELECT COUNT(*) AS Value FROM ({Indexes}) WHERE \"Index\" NOT IN (SELECT idx FROM sqlite_stat1)")
            .SingleAsync(cancel) == 0;

    /// <summary>Writes them; connections that are open elsewhere go on without.</summary>
    public static async Task WriteAsync(DbContext db, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // Makes the table, and reads nothing of ours.
        await db.Database.ExecuteSqlRawAsync("ANALYZE sqlite_schema", cancel);
        await db.Database.ExecuteSqlRawAsync("DELETE FROM sqlite_stat1", cancel);
        var indexes = await db.Database.SqlQueryRaw<NamedIndex>(Indexes).ToListAsync(cancel);
        foreach (var index in indexes)
        {
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ({index.Table}, {index.Index}, {Of(index)})", cancel);
        }

        await transaction.CommitAsync(cancel);
        // This connection reads them now; others do when they are opened.
        await db.Database.ExecuteSqlRawAsync("ANALYZE sqlite_schema", cancel);
    }

    // How many rows there are, and how many of these have the same values in the first column, the first two and so on.
    // Only who has statistics may skip over a column without a value; with as many names as rows that takes for ever.
    private static string Of(NamedIndex index)
    {
        var left = (double)Rows;
        return $"{Rows} " + string.Join(' ', index.Columns.Split(',').Select(column =>
        {
            left /= column switch
            {
                "Tenant" => 1,
                "Kind" => 2,
                "State" => 6,
                _ when column.EndsWith("Id", StringComparison.Ordinal)
                    || column.EndsWith("Key", StringComparison.Ordinal) => Rows,
                _ => DistinctValues,
            };
            return (long)Math.Max(1, left);
        })) + " noskipscan";
    }

    private sealed record NamedIndex(string Table, string Index, string Columns);
}
