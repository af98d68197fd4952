namespace OpenMU.Catalogue.Storage.SqlServer;

/// <summary>The triggers that count what tenants have: TenantQueues, and the bytes of TenantUsages.</summary>
internal static class TenantObjects
{
    /// <summary>Rows are locked only where a job begins or ends to wait, or to be sent.</summary>
    internal const string JobsToQueues =
        """
        CREATE OR ALTER TRIGGER [dbo].[JobsToQueues] ON [dbo].[Jobs] AFTER INSERT, UPDATE, DELETE AS
        BEGIN
            SET NOCOUNT ON;
            DECLARE @changes TABLE (
                [Kind] nvarchar(16), [Tenant] nvarchar(64) COLLATE Latin1_General_100_BIN2, [Waiting] int, [Sent] int,
                PRIMARY KEY ([Kind], [Tenant]));
            INSERT INTO @changes
            SELECT [Kind], [Tenant], SUM([Waiting]), SUM([Sent])
            FROM (
                SELECT [Kind], [Tenant],
                    CASE WHEN [State] = N'Queued' AND [EnqueuedAt] IS NULL THEN 1 ELSE 0 END AS [Waiting],
                    CASE WHEN [State] = N'Analysing' OR ([State] = N'Queued' AND [EnqueuedAt] IS NOT NULL)
                        THEN 1 ELSE 0 END AS [Sent]
                FROM inserted
                UNION ALL
                SELECT [Kind], [Tenant],
                    CASE WHEN [State] = N'Queued' AND [EnqueuedAt] IS NULL THEN -1 ELSE 0 END,
                    CASE WHEN [State] = N'Analysing' OR ([State] = N'Queued' AND [EnqueuedAt] IS NOT NULL)
                        THEN -1 ELSE 0 END
                FROM deleted) c
            GROUP BY [Kind], [Tenant]
            HAVING SUM([Waiting]) <> 0 OR SUM([Sent]) <> 0;
            IF NOT EXISTS (SELECT 1 FROM @changes) RETURN;
            UPDATE q SET [Waiting] = q.[Waiting] + c.[Waiting], [Sent] = q.[Sent] + c.[Sent],
                [Turns] = q.[Turns] + CASE WHEN c.[Waiting] < 0 AND c.[Sent] > 0 THEN c.[Sent] ELSE 0 END
            FROM [dbo].[TenantQueues] q JOIN @changes c ON c.[Kind] = q.[Kind] AND c.[Tenant] = q.[Tenant];
            INSERT INTO [dbo].[TenantQueues] ([Kind], [Tenant], [Waiting], [Sent], [Turns])
            SELECT c.[Kind], c.[Tenant], c.[Waiting], c.[Sent], 0 FROM @changes c
            WHERE NOT EXISTS (
                SELECT 1 FROM [dbo].[TenantQueues] q WITH (UPDLOCK, HOLDLOCK)
                WHERE q.[Kind] = c.[Kind] AND q.[Tenant] = c.[Tenant]);
        END
        """;

    /// <summary>The first day is the one that nothing was counted on.</summary>
    internal const string TracksToUsages =
        """
        CREATE OR ALTER TRIGGER [dbo].[TracksToUsages] ON [dbo].[Tracks] AFTER INSERT, UPDATE, DELETE AS
        BEGIN
            SET NOCOUNT ON;
            DECLARE @changes TABLE ([Tenant] nvarchar(64) COLLATE Latin1_General_100_BIN2 PRIMARY KEY, [Bytes] bigint);
            INSERT INTO @changes
            SELECT [Tenant], SUM([Bytes])
            FROM (
                SELECT [Tenant], CASE WHEN [MissingSince] IS NULL THEN [SizeBytes] ELSE 0 END AS [Bytes] FROM inserted
                UNION ALL
                SELECT [Tenant], CASE WHEN [MissingSince] IS NULL THEN -[SizeBytes] ELSE 0 END FROM deleted) c
            GROUP BY [Tenant]
            HAVING SUM([Bytes]) <> 0;
            IF NOT EXISTS (SELECT 1 FROM @changes) RETURN;
            UPDATE u SET [Bytes] = u.[Bytes] + c.[Bytes]
            FROM [dbo].[TenantUsages] u JOIN @changes c ON c.[Tenant] = u.[Tenant];
            INSERT INTO [dbo].[TenantUsages] ([Tenant], [Day], [Tracks], [Questions], [Bytes])
            SELECT c.[Tenant], '0001-01-01', 0, 0, c.[Bytes] FROM @changes c
            WHERE NOT EXISTS (
                SELECT 1 FROM [dbo].[TenantUsages] u WITH (UPDLOCK, HOLDLOCK) WHERE u.[Tenant] = c.[Tenant]);
        END
        """;
}
