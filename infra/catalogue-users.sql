-- Who may use the database: the three programs, each by its own managed identity. Run by deploy.sh as the server's Entra
-- administrator with sqlcmd, which fills in the names and client ids. May run any number of times.
DECLARE @programs TABLE (Name sysname NOT NULL, ClientId uniqueidentifier NOT NULL);
INSERT @programs (Name, ClientId)
VALUES (N'$(FUNCTIONS_USER)', '$(FUNCTIONS_CLIENT_ID)'),
       (N'$(WORKER_USER)', '$(WORKER_CLIENT_ID)'),
       (N'$(WEB_USER)', '$(WEB_CLIENT_ID)');

-- With the SID given, the server need not ask Entra who they are, and so needs no rights there.
DECLARE @sql nvarchar(max) = N'';

-- An identity that was made anew has another client id under the same name.
SELECT @sql += N'DROP USER ' + QUOTENAME(users.name) + N';'
FROM @programs AS programs
JOIN sys.database_principals AS users ON users.name = programs.Name
WHERE users.sid <> CONVERT(varbinary(16), programs.ClientId);

SELECT @sql += N'CREATE USER ' + QUOTENAME(programs.Name)
             + N' WITH SID = ' + CONVERT(nvarchar(34), CONVERT(varbinary(16), programs.ClientId), 1) + N', TYPE = E;'
FROM @programs AS programs
WHERE NOT EXISTS (
    SELECT 1 FROM sys.database_principals AS users
    WHERE users.name = programs.Name AND users.sid = CONVERT(varbinary(16), programs.ClientId));

-- What each may do with which table: the least that it needs. All read all, for each shows or compares it; the schema belongs
-- to the administrator's migrations. What triggers do, and what falls with a row that others refer to, needs no right.
DECLARE @rights TABLE (Name sysname NOT NULL, Permission nvarchar(60) NOT NULL, TableName sysname NOT NULL);
INSERT @rights (Name, Permission, TableName)
VALUES (N'$(FUNCTIONS_USER)', N'INSERT, UPDATE, DELETE', N'Tracks'),
       (N'$(FUNCTIONS_USER)', N'INSERT, UPDATE, DELETE', N'Jobs'),
       (N'$(FUNCTIONS_USER)', N'INSERT, UPDATE', N'Sweeps'),
       (N'$(FUNCTIONS_USER)', N'DELETE', N'Analyses'),
       (N'$(FUNCTIONS_USER)', N'UPDATE, DELETE', N'Corrections'),
       (N'$(FUNCTIONS_USER)', N'UPDATE, DELETE', N'Questions'),
       (N'$(FUNCTIONS_USER)', N'DELETE', N'SearchRows'),
       (N'$(FUNCTIONS_USER)', N'INSERT, UPDATE, DELETE', N'TrackLyrics'),
       (N'$(WORKER_USER)', N'UPDATE', N'Jobs'),
       (N'$(WORKER_USER)', N'UPDATE', N'Tracks'),
       (N'$(WORKER_USER)', N'INSERT, UPDATE, DELETE', N'Analyses'),
       (N'$(WORKER_USER)', N'UPDATE', N'Questions'),
       (N'$(WORKER_USER)', N'INSERT, UPDATE, DELETE', N'ContentLyrics'),
       (N'$(WORKER_USER)', N'INSERT, UPDATE', N'TrackLyrics'),
       (N'$(WORKER_USER)', N'DELETE', N'PendingOwnerRows'),
       (N'$(FUNCTIONS_USER)', N'DELETE', N'PendingOwnerRows'),
       (N'$(WEB_USER)', N'INSERT, UPDATE, DELETE', N'PendingOwnerRows'),
       (N'$(WEB_USER)', N'INSERT, UPDATE, DELETE', N'ImportRuns'),
       (N'$(WEB_USER)', N'INSERT, UPDATE', N'Questions'),
       (N'$(WEB_USER)', N'INSERT, UPDATE', N'Jobs'),
       (N'$(WEB_USER)', N'INSERT, UPDATE, DELETE', N'TrackLyrics'),
       (N'$(WEB_USER)', N'INSERT, UPDATE, DELETE', N'Corrections'),
       (N'$(WEB_USER)', N'INSERT, UPDATE', N'ApiKeys'),
       (N'$(FUNCTIONS_USER)', N'INSERT, UPDATE, DELETE', N'UnknownPrefixes'),
       (N'$(FUNCTIONS_USER)', N'INSERT', N'AuditEntries'),
       (N'$(WORKER_USER)', N'INSERT', N'AuditEntries'),
       (N'$(WEB_USER)', N'INSERT', N'AuditEntries');

-- A table that nobody has decided about yet is everybody's to write: better than a program that stands still. Tenants are the
-- administrator's alone.
INSERT @rights (Name, Permission, TableName)
SELECT programs.Name, N'INSERT, UPDATE, DELETE', tables.name
FROM @programs AS programs
CROSS JOIN sys.tables AS tables
WHERE tables.schema_id = SCHEMA_ID(N'dbo') AND tables.name NOT IN (N'__EFMigrationsHistory', N'Tenants')
  AND tables.name NOT IN (SELECT TableName FROM @rights);

-- Rights of an earlier version of this script go first.
SELECT @sql += N'IF IS_ROLEMEMBER(N''db_datawriter'', N' + QUOTENAME(programs.Name, '''') + N') = 1 '
             + N'ALTER ROLE db_datawriter DROP MEMBER ' + QUOTENAME(programs.Name) + N';'
             + N'ALTER ROLE db_datareader ADD MEMBER ' + QUOTENAME(programs.Name) + N';'
FROM @programs AS programs;

SELECT @sql += N'REVOKE INSERT, UPDATE, DELETE ON [dbo].' + QUOTENAME(tables.name) + N' FROM ' + QUOTENAME(programs.Name) + N';'
FROM @programs AS programs
CROSS JOIN sys.tables AS tables
WHERE tables.schema_id = SCHEMA_ID(N'dbo') AND tables.name <> N'__EFMigrationsHistory';

SELECT @sql += N'GRANT ' + rights.Permission + N' ON [dbo].' + QUOTENAME(rights.TableName)
             + N' TO ' + QUOTENAME(rights.Name) + N';'
FROM @rights AS rights;

EXEC sys.sp_executesql @sql;
