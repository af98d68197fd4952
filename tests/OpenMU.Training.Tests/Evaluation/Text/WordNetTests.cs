using OpenMU.Testing;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public sealed class WordNetTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("wordnet-").FullName;

    public WordNetTests()
    {
        // The layout of WordNet's files: data lines start at the byte offset that is their first field.
        Write(
            "noun", ["00000000 07 n 02 melody 0 tune 1 000 | a succession of notes"],
            ["melody n 1 0 1 0 00000000", "tune n 1 0 1 0 00000000"], []);
        Write(
            "verb", ["00000000 30 v 03 begin 0 start 0 set_out 0 000 | take the first step"],
            ["begin v 1 0 1 0 00000000", "start v 1 0 1 0 00000000"], ["began begin"]);
        Write("adj", ["00000000 00 a 02 calm(a) 0 Quiet 0 000 | without noise"], ["calm a 1 0 1 0 00000000"], []);
        Write("adv", [], [], []);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("tunes", "melody tune")]
    [InlineData("began", "begin start")]
    [InlineData("starting", "begin start")]
    [InlineData("Beginss", "begin start")]
    [InlineData("calmest", "Quiet calm")]
    [InlineData("guitar", "")]
    public void Synonyms_are_one_word_and_found_by_every_base_form(string word, string expected)
        => string.Join(' ', WordNet.Open(folder)!.Synonyms(word).Order(StringComparer.Ordinal)).Should().Be(expected);

    [Fact]
    public void Where_nothing_is_installed_there_is_no_WordNet()
        => WordNet.Open(Path.Combine(folder, "none")).Should().BeNull();

    [Fact]
    public void A_file_of_something_else_is_named()
    {
        File.WriteAllText(Path.Combine(folder, "index.verb"), "something else\n");
        FluentActions.Invoking(() => WordNet.Open(folder)).Should().Throw<InvalidDataException>().WithMessage("*verb*");
    }

    [Fact]
    public void Debians_WordNet_gives_the_synonyms_and_scores_that_nltk_finds()
    {
        if (WordNet.Open() is not { } wordNet) Assert.Skip("Debian's wordnet-base is not installed.");
        else
        {
            foreach (var (word, synonyms) in Golden.Json("metrics/wordnet_synonyms_in_use.json").AsObject())
                wordNet.Synonyms(word).Should().Contain(synonyms.Texts(), word);
            var meteor = new Meteor(wordNet.Synonyms);
            foreach (var item in TextGoldens.Items)
                meteor.Score(TextGoldens.Pair(item)).ShouldBe(item["meteor_wordnet"]);
        }
    }

    private void Write(string part, string[] data, string[] index, string[] exceptions)
    {
        File.WriteAllLines(Path.Combine(folder, "data." + part), data);
        File.WriteAllLines(Path.Combine(folder, "index." + part), ["  1 licence", .. index]);
        File.WriteAllLines(Path.Combine(folder, part + ".exc"), exceptions);
    }
}
