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
    /// <summary>What a test says of a query of its own, which is then not listened to.</summary>
    public const string OfTest = "A test looks.";

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
               // What only refuses reads nothing.
               where statement.Length > 0 && !statement.Contains("RAISE(")
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
            || Path.GetFullPath(connection.DataSource) != Path.GetFullPath(file)
            || command.CommandText.StartsWith($"-- {OfTest}", StringComparison.Ordinal))
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
