using System.Text.RegularExpressions;

namespace OpenMU.Repository.Tests;

/// <summary>Names and sizes: a file has the name of its main type, says something by it, and fits in a head.</summary>
public partial class SourceRulesTests
{
    private const int LinesInAFile = 400, Columns = 120, ColumnsInATable = 140;
    private static readonly string[] EmptyWords =
        ["Core", "Common", "Shared", "Utils", "Helper", "Helpers", "Manager", "Base", "Impl"];
    // The term of the field for the beginning that prompts have in common; no word replaces it.
    private static readonly string[] FieldTerms = ["SharedPrefix", "SharedPrefixTests"];

    [Fact]
    public void No_name_in_the_sources_is_an_empty_word()
    {
        var names = Checkout.Sources("src").SelectMany(file =>
            DeclaredTypes(file).Append(Path.GetFileNameWithoutExtension(file)).Select(name => (file, name)));

        names.Where(n => !FieldTerms.Contains(n.name) && Word().Matches(n.name).Any(w => EmptyWords.Contains(w.Value)))
            .Should().BeEmpty();
    }

    [Fact]
    public void A_file_has_the_name_of_a_type_that_it_declares()
    {
        var nameless = Checkout.Sources("src", "tests")
            .Where(file => Path.GetFileName(file) != "Program.cs"
                && !DeclaredTypes(file).Contains(Path.GetFileName(file).Split('.')[0]));

        nameless.Should().BeEmpty();
    }

    [Fact]
    public void A_file_of_over_400_lines_gives_its_reason_in_its_first_ten()
    {
        var long_ = Checkout.Sources("src", "tests").Where(file => Checkout.ReadLines(file).Length > LinesInAFile);

        long_.Where(file => !Checkout.ReadLines(file).Take(10).Any(line => line.Contains("// Over 400 lines because ")))
            .Should().BeEmpty();
    }

    [Fact]
    public void A_line_has_at_most_120_columns_or_140_in_a_table_not_counting_what_stands_in_strings()
    {
        var wide = from file in Checkout.Sources("src", "tests")
                   from line in CodeLines(file)
                   let columns = Literal().Replace(line.Text, "\"\"").TrimEnd().Length
                   where columns > (line.Text.TrimEnd().EndsWith(',') ? ColumnsInATable : Columns)
                   select $"{file}:{line.Number} has {columns}";

        // Joined, so that the failure names them all.
        string.Join('\n', wide).Should().BeEmpty();
    }

    [Fact]
    public void Nothing_is_left_for_later_and_no_warning_is_silenced()
    {
        // Spelled in halves, so that this file does not find itself.
        string[] banned = ["TO" + "DO", "FIX" + "ME", "#pragma" + " warning"];

        Checkout.Sources("src", "tests").Where(file => banned.Any(Checkout.Read(file).Contains)).Should().BeEmpty();
    }

    /// <summary>Lines outside raw strings, whose text is not ours to break.</summary>
    private static IEnumerable<(int Number, string Text)> CodeLines(string file)
    {
        var isRaw = false;
        var lines = Checkout.ReadLines(file);
        for (var i = 0; i < lines.Length; i++)
        {
            var quotes = lines[i].Split("\"\"\"").Length - 1;
            if (!isRaw && quotes % 2 == 0) yield return (i + 1, lines[i]);
            isRaw ^= quotes % 2 == 1;
        }
    }

    private static IEnumerable<string> DeclaredTypes(string file) =>
        from line in Checkout.ReadLines(file)
        where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
        from Match match in Declaration().Matches(line)
        select match.Groups["name"].Value;

    [GeneratedRegex(
        @"\b(class|interface|enum|delegate\s+\S+|(record\s+)?struct|record)\s+(?!struct\b|class\b)(?<name>[A-Z]\w*)")]
    private static partial Regex Declaration();

    /// <summary>A string on one line, raw or not.</summary>
    [GeneratedRegex("\"\"\".*?\"\"\"|\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Literal();

    /// <summary>The words of a name in capitals: Mir, Stft, TrackSearch.</summary>
    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")]
    private static partial Regex Word();
}
