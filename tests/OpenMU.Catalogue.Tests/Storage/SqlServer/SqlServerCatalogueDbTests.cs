using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage.SqlServer;

namespace OpenMU.Catalogue.Tests.Storage.SqlServer;

/// <summary>
/// No SQL Server runs here. These tests hold what its own parser and schema compiler can tell without one.
/// </summary>
public sealed class SqlServerCatalogueDbTests
{
    private static readonly string[] Words = ["dawn", "war"];

    [Theory]
    [InlineData(MigrationsSqlGenerationOptions.Default)]
    [InlineData(MigrationsSqlGenerationOptions.Idempotent)]
    public void Migration_scripts_parse(MigrationsSqlGenerationOptions options)
    {
        using var db = Open();
        var script = db.GetService<IMigrator>().GenerateScript(options: options);
        Errors(script).Should().BeEmpty();

        // What stands in EXEC(N'...') is a string to the parser: parse it too.
        var inner = Regex.Matches(script, @"EXEC\(N'((?:[^']|'')*)'\)")
            .Select(match => match.Groups[1].Value.Replace("''", "'")).ToList();
        inner.Should().HaveCountGreaterThanOrEqualTo(SearchObjects.Objects.Length);
        foreach (var statement in inner) Errors(statement).Should().BeEmpty("of {0}", statement);
    }

    [Fact]
    public void The_parser_finds_a_seeded_fault() => Errors("CREATE TABLE t (a int,, b int)").Should().NotBeEmpty();

    [Fact]
    public void The_schema_and_every_raw_statement_compile()
    {
        using var model = Schema();
        Messages(model).Should().BeEmpty();
    }

    [Fact]
    public void Every_query_of_search_compiles_against_the_schema()
    {
        using var model = Schema();
        using var db = Open();
        var number = 0;
        List<IQueryable> queries =
        [
            db.Counts.Where(count => count.Tenant == "home"), db.Hits("home", []), db.Clock,
            db.TracksBetween("home/a", "home/b").Select(track => track.BlobName), db.TracksBetween(null, null),
        ];
        foreach (var words in (string[][])[Words, [.. Enumerable.Repeat("a", 16)]])
        {
            queries.Add(db.Hits("home", words).Where(hit => hit.Bpm >= 60).Take(5));
            var ids = db.WithWords(words);
            queries.AddRange(
                from sort in Enum.GetValues<TrackSort>()
                from down in (bool[])[false, true]
                from value in (object?[])[null, Value(sort)]
                let order = TrackOrder.Of(db, sort)
                from part in order.After(
                    db.Rows(SearchWay.Order, sort).Where(row => row.Tenant == "home" && ids.Contains(row.TrackId)),
                    new TrackCursor(sort, down, value, 7, 0), down)
                select order.Sort(part, down).Take(5));
        }

        foreach (var query in queries)
        {
            // For reading, EF declares the parameters of raw SQL without their @.
            var sql = Regex.Replace(query.ToQueryString(), "^DECLARE (?!@)", "DECLARE @", RegexOptions.Multiline);
            model.AddObjects($"CREATE PROCEDURE [dbo].[Query{number++}] AS BEGIN\n{sql}\nEND");
        }

        Messages(model).Should().BeEmpty();
    }

    [Theory]
    [InlineData("SELECT Nothing FROM SearchRows")]
    [InlineData("SELECT TrackId FROM SearchRows WHERE CONTAINS((Lost), N'a')")]
    [InlineData("SELECT TrackId FROM Lost")]
    public void The_compiler_finds_a_seeded_fault(string query)
    {
        using var model = Schema();
        model.AddObjects($"CREATE PROCEDURE [dbo].[Query] AS BEGIN {query} END");
        Messages(model).Should().NotBeEmpty();
    }

    [Fact]
    public void Migrations_miss_no_change_of_the_model()
    {
        using var db = Open();
        db.Database.HasPendingModelChanges().Should().BeFalse();
    }

    [Fact]
    public void Index_keys_fit_into_1700_bytes()
    {
        using var db = Open();
        foreach (var index in db.GetService<IDesignTimeModel>().Model
            .GetEntityTypes()
            .SelectMany(entity => entity.GetIndexes()))
        {
            var bytes = index.Properties.Sum(property => property.GetMaxLength() is { } length ? 2 * length : 8);
            var unbounded = index.Properties.Any(property => property.GetColumnType().Contains("max"));
            (bytes, unbounded).Should().Match<(int Bytes, bool Unbounded)>(
                key => key.Bytes <= 1700 && !key.Unbounded, "of {0}", index);
        }
    }

    private static object Value(TrackSort sort) => sort switch
    {
        TrackSort.Bpm or TrackSort.Lufs or TrackSort.Seconds => 1.0,
        TrackSort.UploadedAt => Shelf.Noon,
        _ => "a",
    };

    private static SqlServerCatalogueDb Open() => new(SqlServerCatalogueDb.Options("Server=nowhere"));

    private static TSqlModel Schema()
    {
        var model = new TSqlModel(SqlServerVersion.SqlAzure, new TSqlModelOptions());
        using var db = Open();
        string[] objects =
        [
            SearchObjects.FullTextCatalogue, SearchObjects.FullTextIndex,
            .. SearchObjects.Objects.Select(o => o.Replace("CREATE OR ALTER", "CREATE"))
        ];
        foreach (var batch in (string[])
        [
            .. Regex.Split(db.Database.GenerateCreateScript(), @"^GO\s*$", RegexOptions.Multiline), .. objects
        ])
        {
            if (!string.IsNullOrWhiteSpace(batch)) model.AddObjects(batch);
        }

        return model;
    }

    private static IEnumerable<string> Messages(TSqlModel model) =>
        model.Validate().Select(message => message.ToString());

    private static IEnumerable<string> Errors(string script)
    {
        new TSql170Parser(initialQuotedIdentifiers: true).Parse(new StringReader(script), out var errors);
        return errors.Select(error => $"{error.Line}: {error.Message}");
    }
}
