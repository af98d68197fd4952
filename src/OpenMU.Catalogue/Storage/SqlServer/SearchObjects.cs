using Microsoft.EntityFrameworkCore.Migrations;

namespace OpenMU.Catalogue.Storage.SqlServer;

/// <summary>
/// The triggers that keep SearchRows, and the full-text index over it. A full-text index cannot be made in a
/// transaction, so a run that breaks off may have made a part: every statement may be run again.
/// </summary>
internal static class SearchObjects
{
    private static readonly string[] Columns =
    [
        "Tenant", "FileName", "FileWords", "FileNameOrder", "UploadedAt", "State", "Reason", "Title", "TitleOrder",
        "Artist", "ArtistOrder", "Album", "Bpm", "Key", "Camelot", "Lufs", "Seconds", "Caption", "TagText",
        "DroppedSentences", "Lyrics",
    ];

    // Capital and small letters of ASCII count the same and every other character by its code, as in SQLite's NOCASE.
    private const string Letters = "N'ABCDEFGHIJKLMNOPQRSTUVWXYZ', N'abcdefghijklmnopqrstuvwxyz'";

    private const string Source =
        $"""
        CREATE OR ALTER VIEW [dbo].[SearchSource] AS
        SELECT t.[Id] AS [TrackId], t.[Tenant], t.[FileName],
            TRANSLATE(t.[FileName], N'_-./\', N'     ') AS [FileWords],
            TRANSLATE(t.[FileName] COLLATE {SqlServerCatalogueDb.Exact}, {Letters}) AS [FileNameOrder],
            t.[UploadedAt],
            CASE WHEN t.[MissingSince] IS NULL THEN j.[State] ELSE N'Missing' END AS [State],
            CASE WHEN t.[MissingSince] IS NULL THEN j.[Reason] END AS [Reason],
            LEFT(COALESCE(c.[Title], a.[Title]), 512) AS [Title],
            LEFT(COALESCE(c.[Artist], a.[Artist]), 512) AS [Artist],
            LEFT(COALESCE(c.[Album], a.[Album]), 512) AS [Album],
            TRANSLATE(LEFT(COALESCE(c.[Title], a.[Title]), 512) COLLATE {SqlServerCatalogueDb.Exact}, {Letters})
                AS [TitleOrder],
            TRANSLATE(LEFT(COALESCE(c.[Artist], a.[Artist]), 512) COLLATE {SqlServerCatalogueDb.Exact}, {Letters})
                AS [ArtistOrder],
            COALESCE(c.[Bpm], a.[Bpm]) AS [Bpm], COALESCE(c.[Key], a.[Key]) AS [Key], COALESCE(c.[Camelot], a.[Camelot]) AS [Camelot],
            a.[IntegratedLufs] AS [Lufs], a.[DurationSeconds] AS [Seconds],
            COALESCE(c.[Caption], a.[Caption]) AS [Caption], COALESCE(c.[TagText], a.[TagText]) AS [TagText],
            a.[DroppedSentences],
            COALESCE(
                (SELECT TOP (1) l.[Text] FROM [dbo].[TrackLyrics] l WHERE l.[TrackId] = t.[Id] ORDER BY l.[Source]),
                (SELECT TOP (1) l.[Text] FROM [dbo].[ContentLyrics] l WHERE l.[JobId] = t.[JobId]
                    ORDER BY l.[Source])) AS [Lyrics]
        FROM [dbo].[Tracks] t
        JOIN [dbo].[Jobs] j ON j.[Id] = t.[JobId]
        LEFT JOIN [dbo].[Analyses] a ON a.[JobId] = t.[JobId]
        LEFT JOIN [dbo].[Corrections] c ON c.[TrackId] = t.[Id];
        """;

    private const string JobsToSearch =
        """
        CREATE OR ALTER TRIGGER [dbo].[JobsToSearch] ON [dbo].[Jobs] AFTER UPDATE AS
        BEGIN
            SET NOCOUNT ON;
            IF UPDATE([State]) OR UPDATE([Reason])
                UPDATE s SET [State] = i.[State], [Reason] = i.[Reason]
                FROM [dbo].[SearchRows] s JOIN [dbo].[Tracks] t ON t.[Id] = s.[TrackId] JOIN inserted i ON i.[Id] = t.[JobId]
                WHERE t.[MissingSince] IS NULL;
        END
        """;

    // The engine keeps an indexed view in the transaction that changes a row.
    private const string Counts =
        """
        CREATE OR ALTER VIEW [dbo].[TrackCounts] WITH SCHEMABINDING AS
        SELECT [Tenant], [State], [Camelot], COUNT_BIG(*) AS [Tracks]
        FROM [dbo].[SearchRows]
        GROUP BY [Tenant], [State], [Camelot];
        """;

    private const string CountsIndex =
        "CREATE UNIQUE CLUSTERED INDEX [IX_TrackCounts] ON [dbo].[TrackCounts] ([Tenant], [State], [Camelot])";

    internal const string FullTextCatalogue = "CREATE FULLTEXT CATALOG [Search] WITH ACCENT_SENSITIVITY = OFF";

    // Language 0 and no stop words: titles are in all languages, and "The The" is a band.
    internal const string FullTextIndex =
        """
        CREATE FULLTEXT INDEX ON [dbo].[SearchRows]
            ([FileName] LANGUAGE 0, [FileWords] LANGUAGE 0, [Title] LANGUAGE 0, [Artist] LANGUAGE 0,
            [Album] LANGUAGE 0, [Caption] LANGUAGE 0, [TagText] LANGUAGE 0, [Lyrics] LANGUAGE 0)
            KEY INDEX [PK_SearchRows] ON [Search] WITH (CHANGE_TRACKING = AUTO, STOPLIST = OFF)
        """;

    /// <summary>The view and the triggers, in the order of their making.</summary>
    internal static readonly string[] Objects =
    [
        Source,
        JobsToSearch,
        Trigger(
            "TracksToSearch", "Tracks", "INSERT, UPDATE", "SELECT [Id] FROM inserted",
            "IF NOT (UPDATE([Tenant]) OR UPDATE([FileName]) OR UPDATE([UploadedAt]) OR UPDATE([MissingSince]) "
                + "OR UPDATE([JobId])) RETURN;"),
        Trigger(
            "AnalysesToSearch", "Analyses", "INSERT, UPDATE, DELETE",
            "SELECT t.[Id] FROM [dbo].[Tracks] t WHERE t.[JobId] IN (SELECT [JobId] FROM inserted "
                + "UNION SELECT [JobId] FROM deleted)"),
        Trigger(
            "CorrectionsToSearch", "Corrections", "INSERT, UPDATE, DELETE",
            "SELECT [TrackId] FROM inserted UNION SELECT [TrackId] FROM deleted"),
        Trigger(
            "TrackLyricsToSearch", "TrackLyrics", "INSERT, UPDATE, DELETE",
            "SELECT [TrackId] FROM inserted UNION SELECT [TrackId] FROM deleted"),
        Trigger(
            "ContentLyricsToSearch", "ContentLyrics", "INSERT, UPDATE, DELETE",
            "SELECT t.[Id] FROM [dbo].[Tracks] t WHERE t.[JobId] IN (SELECT [JobId] FROM inserted "
                + "UNION SELECT [JobId] FROM deleted)"),
        Counts,
        CountsIndex,
    ];

    /// <summary>The last step of the initial migration.</summary>
    public static void Create(MigrationBuilder migrationBuilder)
    {
        // A view or trigger must be alone in its batch, which the conditions of an idempotent script would break.
        foreach (var statement in Objects) migrationBuilder.Sql($"EXEC(N'{statement.Replace("'", "''")}');");
        migrationBuilder.Sql(
            $"IF NOT EXISTS (SELECT 1 FROM sys.fulltext_catalogs WHERE [name] = N'Search') {FullTextCatalogue};",
            suppressTransaction: true);
        migrationBuilder.Sql(
            "IF NOT EXISTS (SELECT 1 FROM sys.fulltext_indexes WHERE [object_id] = "
                + $"OBJECT_ID(N'[dbo].[SearchRows]')) {FullTextIndex};",
            suppressTransaction: true);
    }

    /// <summary>Undoes <see cref="Create"/>.</summary>
    public static void Drop(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("DROP FULLTEXT INDEX ON [dbo].[SearchRows];", suppressTransaction: true);
        migrationBuilder.Sql("DROP FULLTEXT CATALOG [Search];", suppressTransaction: true);
        migrationBuilder.Sql("DROP TRIGGER [dbo].[TracksToSearch], [dbo].[JobsToSearch], "
            + "[dbo].[AnalysesToSearch], [dbo].[CorrectionsToSearch], [dbo].[TrackLyricsToSearch], "
            + "[dbo].[ContentLyricsToSearch];");
        migrationBuilder.Sql("DROP VIEW [dbo].[TrackCounts];");
        migrationBuilder.Sql("DROP VIEW [dbo].[SearchSource];");
    }

    // Rows stay where they are and change only if something in them does: to delete and insert a row would take its
    // words out of the full-text index and put them back.
    private static string Trigger(string name, string table, string events, string tracks, string unless = "")
    {
        var set = string.Join(", ", Columns.Select(column => $"[{column}] = v.[{column}]"));
        return $"""
            CREATE OR ALTER TRIGGER [dbo].[{name}] ON [dbo].[{table}] AFTER {events} AS
            BEGIN
                SET NOCOUNT ON;
                {unless}
                DECLARE @tracks TABLE ([Id] bigint PRIMARY KEY);
                INSERT INTO @tracks {tracks};
                UPDATE s SET {set}
                FROM [dbo].[SearchRows] s
                JOIN @tracks t ON t.[Id] = s.[TrackId]
                JOIN [dbo].[SearchSource] v ON v.[TrackId] = s.[TrackId]
                WHERE EXISTS (SELECT {List("v")} EXCEPT SELECT {List("s")});
                INSERT INTO [dbo].[SearchRows] ([TrackId], {List()})
                SELECT v.[TrackId], {List("v")} FROM [dbo].[SearchSource] v
                JOIN @tracks t ON t.[Id] = v.[TrackId]
                WHERE NOT EXISTS (SELECT 1 FROM [dbo].[SearchRows] s WHERE s.[TrackId] = v.[TrackId]);
            END
            """;
    }

    private static string List(string? of = null) =>
        string.Join(", ", Columns.Select(column => of is null ? $"[{column}]" : $"{of}.[{column}]"));
}
