namespace OpenMU.Catalogue.Access;

/// <summary>
/// The triggers that keep the audit as it was written: whatever asks for it, no line is changed or deleted. Only
/// whoever may change the schema can take them away.
/// </summary>
internal static class AuditObjects
{
    /// <summary>Names of SQLite's triggers.</summary>
    public static readonly string[] SqliteTriggers = ["AuditIsNotChanged", "AuditIsNotDeleted"];

    private const string Refusal = "The audit is not changed.";

    /// <summary>Makes them in SQLite.</summary>
    public static readonly string[] Sqlite =
    [
        $"CREATE TRIGGER AuditIsNotChanged BEFORE UPDATE ON AuditEntries BEGIN SELECT RAISE(ABORT, '{Refusal}'); END;",
        $"CREATE TRIGGER AuditIsNotDeleted BEFORE DELETE ON AuditEntries BEGIN SELECT RAISE(ABORT, '{Refusal}'); END;",
    ];

    /// <summary>Makes it in SQL Server. A batch that would change a line is rolled back as a whole.</summary>
    public const string SqlServer =
        $"""
        CREATE OR ALTER TRIGGER [dbo].[AuditIsKept] ON [dbo].[AuditEntries] AFTER UPDATE, DELETE AS
        BEGIN
            SET NOCOUNT ON;
            IF NOT EXISTS (SELECT 1 FROM deleted) RETURN;
            ROLLBACK TRANSACTION;
            THROW 50001, N'{Refusal}', 1;
        END
        """;
}
