using CsCheck;
using OpenMU.Catalogue.Exchange;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class ExchangeTextTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String, Gen.String[Gen.Char["'=+-@\t\r;\\ ab"], 0, 8],
        Gen.Int[0, ExportShelf.Hostile.Length - 1].Select(at => ExportShelf.Hostile[at]));

    [Fact]
    public void Every_text_comes_back_and_none_is_a_formula() => Texts.Sample(text =>
    {
        var cell = ExchangeText.Disarm(text);
        return ExchangeText.Restore(cell) == text && !(cell.Length > 0 && "=+-@\t\r".Contains(cell[0]));
    });

    [Fact]
    public void Every_list_comes_back() => Texts.Select(text => text.Trim()).Where(text => text.Length > 0).List[0, 6]
        .Sample(values => ExchangeText.SplitList(ExchangeText.JoinList(values)).SequenceEqual(values));

    [Fact]
    public void A_list_that_somebody_typed_is_split_at_its_semicolons() =>
        ExchangeText.SplitList(" rock;pop ;; R\\;B; c:\\x").Should().Equal("rock", "pop", "R;B", "c:\\x");

    [Fact]
    public void No_path_leads_out_of_a_folder() => Gen.OneOf(
        Texts, Gen.String[Gen.Char["./\\: a"], 0, 12]).Sample(text =>
    {
        var root = Path.GetFullPath("/srv/out");
        var full = Path.GetFullPath(Path.Combine(root, ExchangeText.SafePath(text)));
        return full.StartsWith(root + "/", StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("pop/song.mp3", "pop/song.mp3")]
    [InlineData("../../etc/passwd", "etc/passwd")]
    [InlineData("C:\\music\\a?.mp3", "C_/music/a_.mp3")]
    [InlineData("..", "_")]
    public void Paths_keep_what_is_harmless(string path, string safe) => ExchangeText.SafePath(path).Should().Be(safe);
}
