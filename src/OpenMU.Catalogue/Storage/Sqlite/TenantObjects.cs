using Microsoft.EntityFrameworkCore.Migrations;

namespace OpenMU.Catalogue.Storage.Sqlite;

/// <summary>The triggers that count what tenants have: TenantQueues, and the bytes of TenantUsages.</summary>
internal static class TenantObjects
{
    private static readonly string[] Names =
        ["JobQueued", "JobMoved", "JobLeft", "BytesMore", "BytesMoved", "BytesLess"];

    /// <summary>Makes them, when the tables are there.</summary>
    public static void Create(MigrationBuilder migrationBuilder)
    {
        const string insert = "INSERT INTO TenantQueues(Kind, Tenant, Waiting, Sent, Turns) VALUES ";
        const string add = " ON CONFLICT(Kind, Tenant) DO UPDATE SET Waiting = Waiting + excluded.Waiting, "
            + "Sent = Sent + excluded.Sent, Turns = Turns + excluded.Turns;";
        const string bytes = "INSERT INTO TenantUsages(Tenant, Day, Tracks, Questions, Bytes) VALUES ";
        const string addBytes = " ON CONFLICT(Tenant) DO UPDATE SET Bytes = Bytes + excluded.Bytes;";
        string[] bodies =
        [
            $"INSERT ON Jobs WHEN {IsOpen("NEW")} "
                + $"BEGIN {insert}(NEW.Kind, NEW.Tenant, {Waits("NEW")}, {Sent("NEW")}, 0){add}",
            $"UPDATE OF State, EnqueuedAt ON Jobs WHEN {Waits("NEW")} <> {Waits("OLD")} "
                + $"OR {Sent("NEW")} <> {Sent("OLD")} BEGIN {insert}(NEW.Kind, NEW.Tenant, "
                + $"{Waits("NEW")} - {Waits("OLD")}, {Sent("NEW")} - {Sent("OLD")}, "
                + $"{Waits("OLD")} AND {Sent("NEW")}){add}",
            $"DELETE ON Jobs WHEN {IsOpen("OLD")} BEGIN UPDATE TenantQueues SET Waiting = Waiting - {Waits("OLD")}, "
                + $"Sent = Sent - {Sent("OLD")} WHERE Kind = OLD.Kind AND Tenant = OLD.Tenant;",
            $"INSERT ON Tracks BEGIN {bytes}(NEW.Tenant, '0001-01-01', 0, 0, {Bytes("NEW")}){addBytes}",
            $"UPDATE OF SizeBytes, MissingSince ON Tracks WHEN {Bytes("NEW")} <> {Bytes("OLD")} BEGIN {bytes}"
                + $"(NEW.Tenant, '0001-01-01', 0, 0, {Bytes("NEW")} - {Bytes("OLD")}){addBytes}",
            $"DELETE ON Tracks BEGIN UPDATE TenantUsages SET Bytes = Bytes - {Bytes("OLD")} WHERE Tenant = OLD.Tenant;",
        ];
        for (var i = 0; i < Names.Length; i++)
            migrationBuilder.Sql($"CREATE TRIGGER {Names[i]} AFTER {bodies[i]} END;");
    }

    /// <summary>Undoes <see cref="Create"/>.</summary>
    public static void Drop(MigrationBuilder migrationBuilder)
    {
        foreach (var name in Names) migrationBuilder.Sql($"DROP TRIGGER {name};");
    }

    private static string Bytes(string row) => $"({row}.SizeBytes * ({row}.MissingSince IS NULL))";

    private static string IsOpen(string row) => $"{row}.State IN ('Queued', 'Analysing')";

    private static string Waits(string row) => $"({row}.State = 'Queued' AND {row}.EnqueuedAt IS NULL)";

    private static string Sent(string row) => $"({IsOpen(row)} AND NOT {Waits(row)})";
}
