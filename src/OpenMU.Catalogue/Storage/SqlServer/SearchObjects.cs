using Microsoft.EntityFrameworkCore.Migrations;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Storage.SqlServer;

/// <summary>
/// The triggers that keep SearchRows, and the full-text index over it. A full-text index cannot be made in a
/// transaction, so a run that breaks off may have made a part: every statement may be run again.
/// </summary>
internal static class SearchObjects
{
    private static readonly string[] Columns =
    [
        "Tenant", "FileName", "UploadedAt", "State", "Reason", "Title", "Artist", "Album", "Bpm", "Key", "Camelot", "Lufs",
        "Seconds", "Caption", "TagText", "DroppedSentences", "FileNameOrder", "TitleOrder", "ArtistOrder", "KeyOrder",
        .. SearchColumns.Names,
    ];

    private static readonly string Camelot = Held(FieldNames.Key, "Camelot", "c");

    // The sources lie above one another: of each field, group or declared field the highest that says anything holds.
    private static readonly string Source =
        $"""
        CREATE OR ALTER VIEW [dbo].[SearchSource] AS
        SELECT t.[Id] AS [TrackId], t.[Tenant], t.[FileName], t.[UploadedAt],
            CASE WHEN t.[MissingSince] IS NULL THEN j.[State] ELSE N'Missing' END AS [State],
            CASE WHEN t.[MissingSince] IS NULL THEN j.[Reason] END AS [Reason],
            LEFT({Held(FieldNames.Title, "Title", "co")}, 512) AS [Title],
            LEFT({Held(FieldNames.Artists, "Artist", "co")}, 512) AS [Artist],
            LEFT({Held(FieldNames.Album, "Album", "co")}, 512) AS [Album],
            {Held(FieldNames.Bpm, "Bpm", "c")} AS [Bpm], {Held(FieldNames.Key, "Key", "c")} AS [Key],
            {Camelot} AS [Camelot],
            a.[IntegratedLufs] AS [Lufs],
            CASE WHEN JSON_QUERY(c.[Fields], '$.duration') IS NULL THEN a.[DurationSeconds]
                ELSE TRY_CAST(JSON_VALUE(c.[Fields], '$.duration[0]') AS float) END AS [Seconds],
            {Held(FieldNames.Caption, "Caption", "c")} AS [Caption],
            {Held(FieldNames.Tags, "TagText", "c")} AS [TagText],
            a.[DroppedSentences], t.[FileNameOrder],
            NULLIF(COALESCE(cw.[orderTitle], ow.[orderTitle], aw.[orderTitle]), N'') AS [TitleOrder],
            NULLIF(COALESCE(cw.[orderArtists], ow.[orderArtists], aw.[orderArtists]), N'') AS [ArtistOrder],
            2 * TRY_CAST(LEFT({Camelot}, LEN({Camelot}) - 1) AS int) + CASE WHEN {Camelot} LIKE N'%B' THEN 1 ELSE 0 END
                AS [KeyOrder],
            t.[FileNameWords] AS [{SearchColumn.NameWords}],
            {string.Join(",\n    ", SearchColumns.Fields.Select(part => $"{Texts(part.Value)} AS [{part.Key}]"))},
            {Values("custom")} AS [{SearchColumn.CustomWords}],
            lw.[lyrics] AS [{SearchColumn.LyricsWords}],
            CONCAT_WS(N' ', N'{Facet.AnyTrack}', {Values("facets")}, {Differences()}) AS [{SearchColumn.Facets}]
        FROM [dbo].[Tracks] t
        JOIN [dbo].[Jobs] j ON j.[Id] = t.[JobId]
        LEFT JOIN [dbo].[Analyses] a ON a.[JobId] = t.[JobId]
        LEFT JOIN [dbo].[Corrections] c ON c.[Tenant] = j.[Tenant] AND c.[ContentId] = j.[ContentId]
        LEFT JOIN [dbo].[OwnerRecords] o ON o.[TrackId] = t.[Id]
        OUTER APPLY (SELECT COALESCE(
            (SELECT TOP (1) l.[Folded] FROM [dbo].[TrackLyrics] l WHERE l.[TrackId] = t.[Id] ORDER BY l.[Source]),
            (SELECT TOP (1) l.[Folded] FROM [dbo].[ContentLyrics] l WHERE l.[JobId] = t.[JobId] ORDER BY l.[Source]))
                AS [Folded]) l
        {Layer("a")}
        {Layer("o")}
        {Layer("c")}
        OUTER APPLY OPENJSON(l.[Folded]) WITH (
            [lyrics] nvarchar(max) '$.lyrics', [facets] nvarchar(max) '$.facets' AS JSON,
            [custom] nvarchar(max) '$.custom' AS JSON) lw;
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

    // What a text embedding is made of, as far as search has it.
    private const string SearchToTexts =
        """
        CREATE OR ALTER TRIGGER [dbo].[SearchToTexts] ON [dbo].[SearchRows] AFTER INSERT, UPDATE AS
        BEGIN
            SET NOCOUNT ON;
            DECLARE @tracks TABLE ([Id] bigint PRIMARY KEY);
            INSERT INTO @tracks SELECT i.[TrackId] FROM inserted i LEFT JOIN deleted d ON d.[TrackId] = i.[TrackId]
                WHERE d.[TrackId] IS NULL OR EXISTS (SELECT i.[Caption], i.[AboutWords], i.[Facets]
                    EXCEPT SELECT d.[Caption], d.[AboutWords], d.[Facets]);
            UPDATE s SET [Changes] = s.[Changes] + 1
            FROM [dbo].[StaleTexts] s JOIN @tracks t ON t.[Id] = s.[TrackId];
            INSERT INTO [dbo].[StaleTexts] ([TrackId], [Changes])
            SELECT t.[Id], 1 FROM @tracks t
            WHERE NOT EXISTS (SELECT 1 FROM [dbo].[StaleTexts] s WHERE s.[TrackId] = t.[Id]);
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
    internal static readonly string FullTextIndex =
        $"""
        CREATE FULLTEXT INDEX ON [dbo].[SearchRows]
            ({string.Join(", ", SearchColumns.Names.Select(name => $"[{name}] LANGUAGE 0"))})
            KEY INDEX [PK_SearchRows] ON [Search] WITH (CHANGE_TRACKING = AUTO, STOPLIST = OFF)
        """;

    /// <summary>The view and the triggers, in the order of their making.</summary>
    internal static readonly string[] Objects =
    [
        Source,
        JobsToSearch,
        SearchToTexts,
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
            "SELECT t.[Id] FROM [dbo].[Tracks] t JOIN [dbo].[Jobs] j ON j.[Id] = t.[JobId] WHERE EXISTS (SELECT 1 FROM "
                + "(SELECT [Tenant], [ContentId] FROM inserted UNION SELECT [Tenant], [ContentId] FROM deleted) c "
                + "WHERE c.[Tenant] = j.[Tenant] AND c.[ContentId] = j.[ContentId])"),
        Trigger(
            "OwnersToSearch", "OwnerRecords", "INSERT, UPDATE, DELETE",
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
        TenantObjects.JobsToQueues,
        TenantObjects.TracksToUsages,
        AuditObjects.SqlServer,
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
            + "[dbo].[AnalysesToSearch], [dbo].[CorrectionsToSearch], [dbo].[OwnersToSearch], [dbo].[TrackLyricsToSearch], "
            + "[dbo].[ContentLyricsToSearch], [dbo].[SearchToTexts], [dbo].[JobsToQueues], "
            + "[dbo].[TracksToUsages], [dbo].[AuditIsKept];");
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

    private static string Texts(string[] fields) => $"CONCAT_WS(N' ', {string.Join(", ", fields.Select(field =>
        $"COALESCE(cw.[{field}], ow.[{field}], aw.[{field}])"))}, N'')";

    // The column of the highest source that says something of the field, be it that there is no value.
    private static string Held(string field, string column, string above) =>
        $"CASE {string.Join(' ', above.Select(source =>
            $"WHEN JSON_QUERY({source}.[Fields], '$.{field}') IS NOT NULL THEN {source}.[{column}]"))} "
        + $"ELSE a.[{column}] END";

    private static string Layer(string source)
    {
        var fields = SearchColumns.Fields.Values.SelectMany(names => names)
            .Select(field => $"[{field}] nvarchar(max) '$.{field}'");
        return $"""
            OUTER APPLY OPENJSON({source}.[Folded]) WITH (
                {string.Join(", ", fields)}, [orderTitle] nvarchar({CatalogueDb.MaxNameLength}) '$.order.title',
                [orderArtists] nvarchar({CatalogueDb.MaxNameLength}) '$.order.artists',
                [facets] nvarchar(max) '$.facets' AS JSON, [custom] nvarchar(max) '$.custom' AS JSON) {source}w
            """;
    }

    // Texts under names that differ from track to track.
    private static string Values(string part)
    {
        var layers = "coal".Select((source, rank) =>
            $"SELECT {rank} AS [Rank], x.[key] AS [Name], x.[value] AS [Text] FROM OPENJSON({source}w.[{part}]) x");
        return "(SELECT STRING_AGG(v.[Text], N' ') FROM (SELECT s.[Text], ROW_NUMBER() OVER (PARTITION BY s.[Name] "
            + $"ORDER BY s.[Rank]) AS [Place] FROM ({string.Join(" UNION ALL ", layers)}) s) v "
            + "WHERE v.[Place] = 1 AND v.[Text] <> N'')";
    }

    // Where the owner or the file says other than what was measured.
    private static string Differences() => string.Join(", ", SearchDifferences.All.Select(difference =>
    {
        var either = SearchDifferences.Claims.Select(claim => difference.Margin is { } margin
            ? $"ABS(TRY_CAST(JSON_VALUE({claim}, '$.{difference.Field}[0]') AS float) - {difference.Measured}) > {margin}"
            : $"JSON_VALUE({claim}, '$.{difference.Field}[0]') <> {difference.Measured}");
        return $"CASE WHEN {string.Join(" OR ", either)} THEN N'{difference.Token}' END";
    }));
}
