using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage.SqlServer;
using OpenMU.Catalogue.Taxonomy;

namespace OpenMU.Catalogue.Tests.Storage.SqlServer;

/// <summary>
/// No SQL Server runs here. These tests hold what its own parser and schema compiler can tell without one.
/// </summary>
public sealed class SqlServerCatalogueDbTests
{
    private static readonly SearchCondition[] Conditions =
    [
        .. ((string[])["dawn war", "-a", "title:x OR \"b c\" -AC/DC", string.Join(' ', Enumerable.Repeat("a", 16))])
            .Select(text => AskedTracks.Of(new TrackQuery { Text = text }, TagTaxonomy.Empty)[0].Condition!),
        new FacetFilter("genre", ["jazz", "blues"], true).ToCondition(TagTaxonomy.BuiltIn),
    ];

    [Fact]
    public void No_term_is_looked_for_by_more_than_the_engine_reads_at_once()
    {
        foreach (var term in TagTaxonomy.BuiltIn.Terms)
        {
            var arguments = new List<object>();
            new FacetFilter(term.Group, [term.Label], false).ToCondition(TagTaxonomy.BuiltIn).ToContains(arguments);
            arguments.Should().AllSatisfy(text => ((string)text).Length.Should().BeLessThan(4000));
        }
    }

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
            db.Counts.Where(count => count.Tenant == "home"), db.Hits("home", null, false, false), db.Clock,
            db.TracksBetween("home/a", "home/b").Select(track => track.BlobName), db.TracksBetween(null, null),
            StoredEmbedding.Of(db, "home", db.TrackEmbeddings.Where(e => e.Id > 5 && e.ModelVersion == "m"))
                .OrderBy(row => row.Id).Take(9),
            db.StaleTexts.Where(stale => stale.TrackId > 5).OrderBy(stale => stale.TrackId).Take(9),
            TrackText.Rows(db, [1, 2]),
            db.TextEmbeddings.Where(e => e.Tenant == "home" && e.ModelVersion == "m" && e.Id > 5).OrderBy(e => e.Id)
                .Take(9),
            db.TextEmbeddings.Where(e => string.Compare(e.ModelVersion, "m") < 0
                && !db.StaleTexts.Any(stale => stale.TrackId == e.TrackId)).Select(e => e.TrackId).Take(9),
        ];
        foreach (var words in Conditions)
        {
            queries.Add(db.Hits("home", words, true, true).Where(hit => hit.Bpm >= 60).Take(5));
            var ids = db.WithWords(words);
            queries.AddRange(
                from sort in Enum.GetValues<TrackSort>()
                from down in (bool[])[false, true]
                from isBefore in (bool[])[false, true]
                from place in (TrackCursor?[])
                    [null, new(sort, down, null, 7, 0), new(sort, down, Value(sort), 7, 0)]
                from part in TrackOrder.Of(sort).From(
                    db.Rows(SearchWay.Order, sort).Where(row => row.Tenant == "home" && ids.Contains(row.TrackId)),
                    down, place, isBefore)
                select part.Take(5));
            queries.AddRange(
                from sort in Enum.GetValues<TrackSort>()
                from down in (bool[])[false, true]
                select TrackOrder.Of(sort).Sort(
                    db.Rows(SearchWay.Order, sort).Where(row => ids.Contains(row.TrackId)), down));
        }

        foreach (var query in queries)
        {
            // For reading, EF declares the parameters of raw SQL without their @.
            var sql = Regex.Replace(query.ToQueryString(), "^DECLARE (?!@)", "DECLARE @", RegexOptions.Multiline);
            model.AddObjects($"CREATE PROCEDURE [dbo].[Query{number++}] AS BEGIN\n{sql}\nEND");
        }

        Messages(model).Should().BeEmpty();
    }

    [Fact]
    public void What_adds_a_batch_of_questions_compiles_against_the_schema()
    {
        using var model = Schema();
        var batch = new QuestionBatch { Tenant = "home", Key = "k", RequestHash = "", AskedAt = Shelf.Noon };
        foreach (var (i, insert) in SqlServerCatalogueDb.QuestionInserts(batch, "[]").Index())
        {
            object[] values = [.. insert.GetArguments().Select(value => value switch
            {
                string text => $"N'{text}'",
                DateTime => "SYSUTCDATETIME()",
                _ => $"{value}",
            })];
            var sql = string.Format(System.Globalization.CultureInfo.InvariantCulture, insert.Format, values);
            model.AddObjects($"CREATE PROCEDURE [dbo].[Insert{i}] AS BEGIN\n{sql}\nEND");
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
        TrackSort.Key => 3,
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
            // Rows that are there from the beginning are no part of the schema.
            if (!string.IsNullOrWhiteSpace(batch) && !batch.Contains("INSERT INTO [Tenants]")) model.AddObjects(batch);
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
