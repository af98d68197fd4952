using Microsoft.EntityFrameworkCore.Migrations;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Storage.Sqlite;

/// <summary>The triggers that keep SearchRows, the counts of it, and the full-text index over it.</summary>
internal static class SearchObjects
{
    private static readonly string Words = string.Join(", ", SearchColumns.Names);

    private static readonly string Columns =
        "TrackId, Tenant, FileName, UploadedAt, State, Reason, Title, Artist, Album, Bpm, Key, Camelot, "
        + $"Lufs, Seconds, Caption, TagText, DroppedSentences, FileNameOrder, TitleOrder, ArtistOrder, KeyOrder, {Words}";

    private const string Lyrics =
        """
        COALESCE(
            (SELECT l.Folded FROM TrackLyrics l WHERE l.TrackId = t.Id ORDER BY l.Source LIMIT 1),
            (SELECT l.Folded FROM ContentLyrics l WHERE l.JobId = t.JobId ORDER BY l.Source LIMIT 1))
        """;

    private static readonly string Camelot = Held(FieldNames.Key, "Camelot", "c");

    // The sources lie above one another: of each field, group or declared field the highest that says anything holds.
    private static readonly string Source =
        $"""
        CREATE VIEW SearchSource AS
        SELECT t.Id AS TrackId, t.Tenant, t.FileName, t.UploadedAt,
            CASE WHEN t.MissingSince IS NULL THEN j.State ELSE 'Missing' END AS State,
            CASE WHEN t.MissingSince IS NULL THEN j.Reason END AS Reason,
            substr({Held(FieldNames.Title, "Title", "co")}, 1, 512) AS Title,
            substr({Held(FieldNames.Artists, "Artist", "co")}, 1, 512) AS Artist,
            substr({Held(FieldNames.Album, "Album", "co")}, 1, 512) AS Album,
            {Held(FieldNames.Bpm, "Bpm", "c")} AS Bpm, {Held(FieldNames.Key, "Key", "c")} AS Key, {Camelot} AS Camelot,
            a.IntegratedLufs AS Lufs,
            CASE WHEN json_type(c.Fields, '$.duration') IS NULL THEN a.DurationSeconds
                ELSE CAST(json_extract(c.Fields, '$.duration[0]') AS REAL) END AS Seconds,
            {Held(FieldNames.Caption, "Caption", "c")} AS Caption, {Held(FieldNames.Tags, "TagText", "c")} AS TagText,
            a.DroppedSentences,
            t.FileNameOrder, {OrderBy(FieldNames.Title)} AS TitleOrder, {OrderBy(FieldNames.Artists)} AS ArtistOrder,
            2 * CAST({Camelot} AS INTEGER) + ({Camelot} LIKE '%B') AS KeyOrder,
            t.FileNameWords AS {SearchColumn.NameWords},
            {string.Join(",\n    ", SearchColumns.Fields.Select(part => $"{Texts(part.Value)} AS {part.Key}"))},
            {Values("custom")} AS {SearchColumn.CustomWords},
            json_extract({Lyrics}, '$.lyrics') AS {SearchColumn.LyricsWords},
            '{Facet.AnyTrack} ' || {Values("facets")} || {Differences()} AS {SearchColumn.Facets}
        FROM Tracks t
        JOIN Jobs j ON j.Id = t.JobId
        LEFT JOIN Analyses a ON a.JobId = t.JobId
        LEFT JOIN Corrections c ON c.Tenant = j.Tenant AND c.ContentId = j.ContentId
        LEFT JOIN OwnerRecords o ON o.TrackId = t.Id;
        """;

    /// <summary>The last step of the initial migration.</summary>
    public static void Create(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Source);
        foreach (var trigger in AuditObjects.Sqlite) migrationBuilder.Sql(trigger);

        Trigger("TrackAdded", "INSERT ON Tracks", Refresh("TrackId = NEW.Id"));
        Trigger(
            "TrackChanged",
            "UPDATE OF Tenant, FileName, UploadedAt, MissingSince, JobId ON Tracks", Refresh("TrackId = NEW.Id"));
        Trigger(
            "JobChanged", "UPDATE OF State, Reason ON Jobs",
            "UPDATE SearchRows SET State = NEW.State, Reason = NEW.Reason WHERE TrackId IN (SELECT Id FROM "
                + "Tracks WHERE JobId = NEW.Id AND MissingSince IS NULL);");
        Trigger("AnalysisAdded", "INSERT ON Analyses", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = NEW.JobId)"));
        Trigger("AnalysisChanged", "UPDATE ON Analyses", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = NEW.JobId)"));
        Trigger("AnalysisRemoved", "DELETE ON Analyses", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = OLD.JobId)"));
        Trigger("CorrectionAdded", "INSERT ON Corrections", Refresh(OfContent("NEW")));
        Trigger("CorrectionChanged", "UPDATE ON Corrections", Refresh(OfContent("NEW")));
        Trigger("CorrectionRemoved", "DELETE ON Corrections", Refresh(OfContent("OLD")));
        Trigger("OwnerAdded", "INSERT ON OwnerRecords", Refresh("TrackId = NEW.TrackId"));
        Trigger("OwnerChanged", "UPDATE ON OwnerRecords", Refresh("TrackId = NEW.TrackId"));
        Trigger("OwnerRemoved", "DELETE ON OwnerRecords", Refresh("TrackId = OLD.TrackId"));
        Trigger("TrackLyricsAdded", "INSERT ON TrackLyrics", Refresh("TrackId = NEW.TrackId"));
        Trigger("TrackLyricsChanged", "UPDATE OF Folded ON TrackLyrics", Refresh("TrackId = NEW.TrackId"));
        Trigger("TrackLyricsRemoved", "DELETE ON TrackLyrics", Refresh("TrackId = OLD.TrackId"));
        Trigger("ContentLyricsAdded", "INSERT ON ContentLyrics", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = NEW.JobId)"));
        Trigger("ContentLyricsChanged", "UPDATE OF Folded ON ContentLyrics", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = NEW.JobId)"));
        Trigger("ContentLyricsRemoved", "DELETE ON ContentLyrics", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = OLD.JobId)"));

        // All words are folded: what stands between two spaces is one. The index keeps no copy of the text: what it
        // once took in must be told to it again before it can forget it.
        migrationBuilder.Sql(
            $"""
            CREATE VIRTUAL TABLE SearchText USING fts5(
                {Words},
                content='SearchRows', content_rowid='TrackId', tokenize="ascii", prefix='1 2 3');
            """);
        var add = $"INSERT INTO SearchText(rowid, {Words}) VALUES (NEW.TrackId, {Of("NEW")});";
        var forget = $"INSERT INTO SearchText(SearchText, rowid, {Words}) VALUES ('delete', OLD.TrackId, {Of("OLD")});";
        Trigger("SearchRowAdded", "INSERT ON SearchRows", add);
        Trigger("SearchRowRemoved", "DELETE ON SearchRows", forget);
        Trigger(
            "SearchRowChanged",
            $"UPDATE ON SearchRows WHEN ({Of("OLD")}) IS NOT ({Of("NEW")})",
            forget + add);

        const string more =
            "INSERT INTO TrackCounts(Tenant, State, Camelot, Tracks) VALUES (NEW.Tenant, NEW.State, "
            + "IFNULL(NEW.Camelot, ''), 1) ON CONFLICT(Tenant, State, Camelot) DO UPDATE SET Tracks = Tracks + 1;";
        const string less =
            "UPDATE TrackCounts SET Tracks = Tracks - 1 WHERE Tenant = OLD.Tenant AND State = OLD.State "
            + "AND Camelot = IFNULL(OLD.Camelot, '');";
        // What a text embedding is made of, as far as search has it.
        const string stale =
            "INSERT INTO StaleTexts(TrackId, Changes) VALUES (NEW.TrackId, 1) "
            + "ON CONFLICT(TrackId) DO UPDATE SET Changes = Changes + 1;";
        Trigger("TextAdded", "INSERT ON SearchRows", stale);
        Trigger(
            "TextChanged",
            $"UPDATE ON SearchRows WHEN ({Told("OLD")}) IS NOT ({Told("NEW")})",
            stale);

        Trigger("CountMore", "INSERT ON SearchRows", more);
        Trigger("CountLess", "DELETE ON SearchRows", less);
        Trigger(
            "CountMoved",
            "UPDATE ON SearchRows WHEN (OLD.Tenant, OLD.State, OLD.Camelot) "
                + "IS NOT (NEW.Tenant, NEW.State, NEW.Camelot)",
            less + more);
        TenantObjects.Create(migrationBuilder);

        void Trigger(string name, string after, string body) =>
            migrationBuilder.Sql($"CREATE TRIGGER {name} AFTER {after} BEGIN {body} END;");
    }

    /// <summary>Undoes <see cref="Create"/>.</summary>
    public static void Drop(MigrationBuilder migrationBuilder)
    {
        TenantObjects.Drop(migrationBuilder);
        string[] triggers =
        [
            "TrackAdded", "TrackChanged", "JobChanged", "AnalysisAdded", "AnalysisChanged", "AnalysisRemoved",
            "CorrectionAdded", "CorrectionChanged", "CorrectionRemoved", "OwnerAdded", "OwnerChanged", "OwnerRemoved",
            "TrackLyricsAdded", "TrackLyricsChanged",
            "TrackLyricsRemoved", "ContentLyricsAdded", "ContentLyricsChanged", "ContentLyricsRemoved", "SearchRowAdded",
            "SearchRowRemoved", "SearchRowChanged", "TextAdded", "TextChanged", "CountMore", "CountLess",
            "CountMoved", .. AuditObjects.SqliteTriggers,
        ];
        foreach (var trigger in triggers) migrationBuilder.Sql($"DROP TRIGGER {trigger};");
        migrationBuilder.Sql("DROP TABLE SearchText;");
        migrationBuilder.Sql("DROP VIEW SearchSource;");
    }

    private static string OfContent(string row) =>
        $"TrackId IN (SELECT t.Id FROM Jobs j JOIN Tracks t ON t.JobId = j.Id WHERE j.Tenant = {row}.Tenant "
            + $"AND j.ContentId = {row}.ContentId)";

    private static string Refresh(string which)
    {
        var updates = string.Join(
            ", ", System.Array.ConvertAll(Columns.Split(", ")[1..], column => $"{column} = excluded.{column}"));
        return $"INSERT INTO SearchRows({Columns}) SELECT {Columns} FROM SearchSource WHERE {which} ON "
            + $"CONFLICT(TrackId) DO UPDATE SET {updates};";
    }

    private static string Told(string row) => $"{row}.Caption, {row}.AboutWords, {row}.Facets";

    private static string Of(string row) => string.Join(", ", SearchColumns.Names.Select(name => $"{row}.{name}"));

    private static string Texts(string[] fields) => $"trim({string.Join(" || ' ' || ", fields.Select(field =>
        $"COALESCE(json_extract(c.Folded, '$.{field}'), json_extract(o.Folded, '$.{field}'), "
            + $"json_extract(a.Folded, '$.{field}'), '')"))})";

    private static string OrderBy(string field) => $"NULLIF(COALESCE({string.Join(", ", "coa".Select(source =>
        $"json_extract({source}.Folded, '$.order.{field}')"))}), '')";

    // The column of the highest source that says something of the field, be it that there is no value.
    private static string Held(string field, string column, string above) =>
        $"CASE {string.Join(' ', above.Select(source =>
            $"WHEN json_type({source}.Fields, '$.{field}') IS NOT NULL THEN {source}.{column}"))} ELSE a.{column} END";

    // Texts under names that differ from track to track.
    private static string Values(string part)
    {
        var layers = ((string[])[Lyrics, "a.Folded", "o.Folded", "c.Folded"])
            .Select(layer => $"COALESCE(json_extract({layer}, '$.{part}'), '{{}}')")
            .Aggregate((below, above) => $"json_patch({below}, {above})");
        return $"COALESCE((SELECT group_concat(value, ' ') FROM json_each({layers}) WHERE value <> ''), '')";
    }

    // Where the owner or the file says other than what was measured.
    private static string Differences()
    {
        return string.Join(" || ", SearchDifferences.All.Select(difference =>
        {
            var either = SearchDifferences.Claims.Select(claim => $"json_extract({claim}, '$.{difference.Field}[0]')")
                .Select(said => difference.Margin is { } margin
                    ? $"abs(CAST({said} AS REAL) - {difference.Measured}) > {margin}"
                    : $"{said} <> {difference.Measured}");
            return $"CASE WHEN {string.Join(" OR ", either)} THEN ' {difference.Token}' ELSE '' END";
        }));
    }
}
