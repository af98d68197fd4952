using CsCheck;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Tests.Search;

public sealed class SearchConditionTests : IDisposable
{
    private const int Rows = 12;

    private static readonly string Columns = string.Join(", ", SearchColumns.Names);

    // Words that begin with each other, so that beginnings, whole words and phrases are told apart.
    private static readonly Gen<string> Word = Gen.OneOf(
        [.. ((string[])["a", "ab", "abc", "b", "ba", "c7", "ƿ0041ab"]).Select(Gen.Const)]);

    private static readonly Gen<string> Spaces = Gen.Int[1, 3].Select(count => new string(' ', count));

    // Fields stand beside each other with any number of spaces between them.
    private static readonly Gen<string?> Text =
        Gen.Frequency((1, Gen.Const((string?)null)), (4, Gen.Select(Word.Array[0, 4], Spaces)
            .Select(string? (both) => string.Join(both.Item2, both.Item1) + (both.Item2.Length > 2 ? " " : ""))));

    private readonly SqliteConnection connection = new("Data Source=:memory:");

    public SearchConditionTests()
    {
        connection.Open();
        Execute($"CREATE VIRTUAL TABLE SearchText USING fts5({Columns}, tokenize=\"ascii\", prefix='1 2 3')");
    }

    [Fact]
    public void A_condition_holds_for_the_rows_that_the_index_of_words_finds()
    {
        var rows = Text.Array[SearchColumns.All.Count].Array[Rows];
        Gen.Select(rows, Condition(3)).Sample(
            (texts, condition) =>
            {
                // What is not to be there is taken from all tracks, which have a facet in common.
                foreach (var text in texts) text[(int)SearchColumn.Facets] += $" {Facet.AnyTrack}";
                var held = Enumerable.Range(0, Rows)
                    .Where(row => condition.Holds(part => texts[row][(int)part] ?? ""));

                Found(texts, condition.ToFts5()).Should().Equal(held, condition.ToFts5());
            },
            iter: 1500, threads: 1);
    }

    public void Dispose() => connection.Dispose();

    private static Gen<SearchCondition> Condition(int depth)
    {
        var spelling = Word.Array[1, 3].Select(IReadOnlyList<string> (words) => words);
        var column = Gen.Int[-3, SearchColumns.All.Count - 1]
            .Select(SearchColumn? (place) => place < 0 ? null : (SearchColumn)place);
        var words = Gen.Select(spelling.Array[1, 3], Gen.Bool, column).Select(
            SearchCondition (parts) => new SearchCondition.Words(parts.Item1, parts.Item2, parts.Item3));
        if (depth == 0) return words;
        var several = Condition(depth - 1).Array[1, 3];
        return Gen.Frequency(
            (3, words),
            (2, several.Select(SearchCondition (parts) => new SearchCondition.All(parts))),
            (2, several.Select(SearchCondition (parts) => new SearchCondition.Any(parts))),
            (1, Condition(depth - 1).Select(SearchCondition (part) => new SearchCondition.Not(part))));
    }

    private List<int> Found(string?[][] rows, string match)
    {
        Execute("DELETE FROM SearchText");
        for (var row = 0; row < rows.Length; row++)
        {
            using var insert = connection.CreateCommand();
            insert.CommandText = $"INSERT INTO SearchText(rowid, {Columns}) VALUES ({row}, "
                + $"{string.Join(", ", SearchColumns.Names.Select(name => $"@{name}"))})";
            foreach (var (name, text) in SearchColumns.Names.Zip(rows[row]))
                insert.Parameters.AddWithValue(name, (object?)text ?? DBNull.Value);
            insert.ExecuteNonQuery();
        }

        using var select = connection.CreateCommand();
        select.CommandText = "SELECT rowid FROM SearchText WHERE SearchText MATCH @match ORDER BY rowid";
        select.Parameters.AddWithValue("match", match);
        using var reader = select.ExecuteReader();
        var found = new List<int>();
        while (reader.Read()) found.Add(reader.GetInt32(0));
        return found;
    }

    private void Execute(string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
