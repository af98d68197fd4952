using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace OpenMU.Testing;

/// <summary>
/// Every statement that this process sends to one SQLite file while this listens, and how SQLite goes about each.
/// </summary>
public sealed partial class QueryLog
    : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly ConcurrentDictionary<string, (string Name, object? Value)[]> statements = new();
    private readonly ConcurrentBag<IDisposable> subscriptions = [];
    private readonly string file;

    /// <param name="file">The database.</param>
    public QueryLog(string file)
    {
        this.file = file;
        subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    /// <summary>Each statement once.</summary>
    public IReadOnlyCollection<string> Statements => [.. statements.Keys];

    /// <summary>Forgets all statements.</summary>
    public void Clear() => statements.Clear();

    /// <summary>
    /// Makes SQLite believe that each table of a file has so many rows, and that values repeat as in a large
    /// catalogue; what is open meanwhile does not notice.
    /// </summary>
    public static void Pretend(string file, long rows)
    {
        using var connection = Open(file);
        Execute(connection, "ANALYZE");
        Execute(connection, "DELETE FROM sqlite_stat1");
        var indexes = Rows(
            connection,
            "SELECT m.name, l.name FROM sqlite_schema m JOIN pragma_index_list(m.name) l WHERE m.type = 'table' "
                + "AND m.name IN ('Tracks', 'Jobs', 'Analyses', 'SearchRows', 'Questions', 'Corrections')");
        foreach (var (table, index) in indexes.Select(row => (row[0], row[1])))
        {
            // As many rows for each value of the first columns as there would be if each had a thousand, but for the
            // few whose values are few.
            var left = (double)rows;
            var counts = Rows(connection, $"SELECT name FROM pragma_index_info('{index}')").Select(column =>
            {
                left /= column[0] switch { "Tenant" => 1, "Kind" => 2, "State" => 6, _ => 1000 };
                return $"{(long)Math.Max(1, left)}";
            });
            Execute(
                connection,
                $"INSERT INTO sqlite_stat1 VALUES ('{table}', '{index}', '{rows} {string.Join(' ', counts)}')");
        }
    }

    /// <summary>How SQLite would run each statement, a line a step; what it cannot explain is left out.</summary>
    public IReadOnlyList<(string Statement, IReadOnlyList<string> Plan)> Plans()
    {
        using var connection = Open(file);
        return
        [
            .. from statement in statements
               where Explained().IsMatch(statement.Key)
               select (statement.Key, Explain(connection, statement.Key, statement.Value)),
        ];
    }

    /// <summary>The same for what its triggers do.</summary>
    public static IReadOnlyList<(string Statement, IReadOnlyList<string> Plan)> TriggerPlans(string file)
    {
        using var connection = Open(file);
        return
        [
            .. from trigger in Rows(connection, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
               let body = Body().Match(trigger[0]).Groups["body"].Value
               from statement in body.Split(";", StringSplitOptions.TrimEntries)
               where statement.Length > 0
               let bound = OfRow().Replace(statement, "?1")
               select (trigger[0], Explain(connection, bound, [("?1", 1L)])),
        ];
    }

    /// <inheritdoc />
    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore") subscriptions.Add(value.Subscribe(this));
    }

    /// <inheritdoc />
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not CommandEventData { Command: { Connection: { } connection } command }
            || Path.GetFullPath(connection.DataSource) != Path.GetFullPath(file))
        {
            return;
        }

        statements.TryAdd(
            command.CommandText,
            [.. command.Parameters.Cast<DbParameter>().Select(one => (one.ParameterName, one.Value))]);
    }

    /// <inheritdoc />
    public void OnError(Exception error)
    {
    }

    /// <inheritdoc />
    public void OnCompleted()
    {
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var subscription in subscriptions) subscription.Dispose();
    }

    private static List<string> Explain(
        SqliteConnection connection, string statement, IEnumerable<(string Name, object? Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {statement}";
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return Read(command).ConvertAll(row => row[3]);
    }

    // A connection of its own, so that it reads the statistics that are there now.
    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    private static List<string[]> Rows(SqliteConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return Read(command);
    }

    private static List<string[]> Read(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        var rows = new List<string[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetValue(i)}")]);
        return rows;
    }

    [GeneratedRegex(@"^\s*(--[^\n]*\s+)*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Explained();

    [GeneratedRegex(@"\bBEGIN\b(?<body>.*)\bEND\b", RegexOptions.Singleline)]
    private static partial Regex Body();

    [GeneratedRegex(@"\b(NEW|OLD)\.\w+")]
    private static partial Regex OfRow();
}
