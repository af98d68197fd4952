using Microsoft.EntityFrameworkCore.Migrations;

namespace OpenMU.Catalogue.Storage.Sqlite;

/// <summary>The triggers that keep SearchRows, the counts of it, and the full-text index over it.</summary>
internal static class SearchObjects
{
    private const string Columns =
        "TrackId, Tenant, FileName, UploadedAt, State, Reason, Title, Artist, Album, Bpm, Key, Camelot, "
        + "Lufs, Seconds, Caption, TagText, DroppedSentences, Lyrics";

    private const string Words = "FileName, Title, Artist, Album, Caption, TagText, Lyrics";

    /// <summary>The last step of the initial migration.</summary>
    public static void Create(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            CREATE VIEW SearchSource AS
            SELECT t.Id AS TrackId, t.Tenant, t.FileName, t.UploadedAt,
                CASE WHEN t.MissingSince IS NULL THEN j.State ELSE 'Missing' END AS State,
                CASE WHEN t.MissingSince IS NULL THEN j.Reason END AS Reason,
                substr(COALESCE(c.Title, a.Title), 1, 512) AS Title,
                substr(COALESCE(c.Artist, a.Artist), 1, 512) AS Artist,
                substr(COALESCE(c.Album, a.Album), 1, 512) AS Album,
                COALESCE(c.Bpm, a.Bpm) AS Bpm, COALESCE(c.Key, a.Key) AS Key, COALESCE(c.Camelot, a.Camelot) AS Camelot,
                a.IntegratedLufs AS Lufs, a.DurationSeconds AS Seconds,
                COALESCE(c.Caption, a.Caption) AS Caption, COALESCE(c.TagText, a.TagText) AS TagText,
                a.DroppedSentences,
                COALESCE(
                    (SELECT l.Text FROM TrackLyrics l WHERE l.TrackId = t.Id ORDER BY l.Source LIMIT 1),
                    (SELECT l.Text FROM ContentLyrics l WHERE l.JobId = t.JobId ORDER BY l.Source LIMIT 1)) AS Lyrics
            FROM Tracks t
            JOIN Jobs j ON j.Id = t.JobId
            LEFT JOIN Analyses a ON a.JobId = t.JobId
            LEFT JOIN Corrections c ON c.TrackId = t.Id;
            """);

        Trigger("TrackAdded", "INSERT ON Tracks", Refresh("TrackId = NEW.Id"));
        Trigger("TrackChanged", "UPDATE OF Tenant, FileName, UploadedAt, MissingSince, JobId ON Tracks", Refresh("TrackId = NEW.Id"));
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
        Trigger("CorrectionAdded", "INSERT ON Corrections", Refresh("TrackId = NEW.TrackId"));
        Trigger("CorrectionChanged", "UPDATE ON Corrections", Refresh("TrackId = NEW.TrackId"));
        Trigger("CorrectionRemoved", "DELETE ON Corrections", Refresh("TrackId = OLD.TrackId"));
        Trigger("TrackLyricsAdded", "INSERT ON TrackLyrics", Refresh("TrackId = NEW.TrackId"));
        Trigger("TrackLyricsChanged", "UPDATE OF Text ON TrackLyrics", Refresh("TrackId = NEW.TrackId"));
        Trigger("TrackLyricsRemoved", "DELETE ON TrackLyrics", Refresh("TrackId = OLD.TrackId"));
        Trigger("ContentLyricsAdded", "INSERT ON ContentLyrics", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = NEW.JobId)"));
        Trigger("ContentLyricsChanged", "UPDATE OF Text ON ContentLyrics", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = NEW.JobId)"));
        Trigger("ContentLyricsRemoved", "DELETE ON ContentLyrics", Refresh(
            "TrackId IN (SELECT Id FROM Tracks WHERE JobId = OLD.JobId)"));

        // The index keeps no copy of the text: what it once took in must be told to it again before it can forget it.
        migrationBuilder.Sql(
            $"""
            CREATE VIRTUAL TABLE SearchText USING fts5(
                {Words},
                content='SearchRows', content_rowid='TrackId', tokenize="unicode61 remove_diacritics 2",
                prefix='1 2 3');
            """);
        const string add = $"INSERT INTO SearchText(rowid, {Words}) VALUES (NEW.TrackId, NEW.FileName, NEW.Title, "
            + "NEW.Artist, NEW.Album, NEW.Caption, NEW.TagText, NEW.Lyrics);";
        const string forget = $"INSERT INTO SearchText(SearchText, rowid, {Words}) VALUES ('delete', OLD.TrackId, "
            + "OLD.FileName, OLD.Title, OLD.Artist, OLD.Album, OLD.Caption, OLD.TagText, OLD.Lyrics);";
        Trigger("SearchRowAdded", "INSERT ON SearchRows", add);
        Trigger("SearchRowRemoved", "DELETE ON SearchRows", forget);
        Trigger(
            "SearchRowChanged",
            "UPDATE ON SearchRows WHEN (OLD.FileName, OLD.Title, OLD.Artist, OLD.Album, OLD.Caption, OLD.TagText, "
                + "OLD.Lyrics) IS NOT (NEW.FileName, NEW.Title, NEW.Artist, NEW.Album, NEW.Caption, NEW.TagText, "
                + "NEW.Lyrics)",
            forget + add);

        const string more =
            "INSERT INTO TrackCounts(Tenant, State, Camelot, Tracks) VALUES (NEW.Tenant, NEW.State, "
            + "IFNULL(NEW.Camelot, ''), 1) ON CONFLICT(Tenant, State, Camelot) DO UPDATE SET Tracks = Tracks + 1;";
        const string less =
            "UPDATE TrackCounts SET Tracks = Tracks - 1 WHERE Tenant = OLD.Tenant AND State = OLD.State "
            + "AND Camelot = IFNULL(OLD.Camelot, '');";
        Trigger("CountMore", "INSERT ON SearchRows", more);
        Trigger("CountLess", "DELETE ON SearchRows", less);
        Trigger(
            "CountMoved",
            "UPDATE ON SearchRows WHEN (OLD.Tenant, OLD.State, OLD.Camelot) "
                + "IS NOT (NEW.Tenant, NEW.State, NEW.Camelot)",
            less + more);

        void Trigger(string name, string after, string body) =>
            migrationBuilder.Sql($"CREATE TRIGGER {name} AFTER {after} BEGIN {body} END;");
    }

    /// <summary>Undoes <see cref="Create"/>.</summary>
    public static void Drop(MigrationBuilder migrationBuilder)
    {
        string[] triggers =
        [
            "TrackAdded", "TrackChanged", "JobChanged", "AnalysisAdded", "AnalysisChanged", "AnalysisRemoved",
            "CorrectionAdded", "CorrectionChanged", "CorrectionRemoved", "TrackLyricsAdded", "TrackLyricsChanged",
            "TrackLyricsRemoved", "ContentLyricsAdded", "ContentLyricsChanged", "ContentLyricsRemoved", "SearchRowAdded",
            "SearchRowRemoved", "SearchRowChanged", "CountMore", "CountLess", "CountMoved",
        ];
        foreach (var trigger in triggers) migrationBuilder.Sql($"DROP TRIGGER {trigger};");
        migrationBuilder.Sql("DROP TABLE SearchText;");
        migrationBuilder.Sql("DROP VIEW SearchSource;");
    }

    private static string Refresh(string which)
    {
        var updates = string.Join(
            ", ", System.Array.ConvertAll(Columns.Split(", ")[1..], column => $"{column} = excluded.{column}"));
        return $"INSERT INTO SearchRows({Columns}) SELECT {Columns} FROM SearchSource WHERE {which} ON "
            + $"CONFLICT(TrackId) DO UPDATE SET {updates};";
    }
}
