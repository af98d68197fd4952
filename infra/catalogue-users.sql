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

-- They read and write rows; the schema belongs to the administrator's migrations.
SELECT @sql += N'ALTER ROLE db_datareader ADD MEMBER ' + QUOTENAME(programs.Name) + N';'
             + N'ALTER ROLE db_datawriter ADD MEMBER ' + QUOTENAME(programs.Name) + N';'
FROM @programs AS programs;

EXEC sys.sp_executesql @sql;
