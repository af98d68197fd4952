using System.Text;
using CsCheck;
using OpenMU.Model.Text;
using OpenMU.Training.Pretraining;

namespace OpenMU.Model.Tests.Text;

public sealed class BytePairEncodingTests
{
    [Fact]
    public void Long_words_are_merged_as_the_library_merges_short_ones()
    {
        // Few letters make overlaps and ties; the library is the judge.
        var trained = BpeTrainer.Train(["abababa aab baab abba bbbabab aaaa aaaaaa abcabc cab bca ééà àé"], 330, []);
        var pairs = new BytePairEncoding([.. trained.Tokens.Select(token => token.Bytes)]);
        Gen.String[Gen.Char["aaabbcéà"], 1, BytePairEncoding.LongWord / 2].Sample(word =>
        {
            var (merged, judged) = (new List<int>(), new List<int>());
            pairs.Merge(Encoding.UTF8.GetBytes(word), merged);
            pairs.Encode(word, judged);
            merged.Should().Equal(judged, word);
        }, iter: 500, threads: 1);
    }

    [Fact]
    public void Long_words_of_the_real_vocabulary_are_merged_alike_as_well()
    {
        var pairs = new BytePairEncoding([.. Llama3Vocabulary.Tokenizer.Tokens.Select(token => token.Bytes)]);
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            var word = string.Concat(Enumerable.Range(0, 1 + random.Next(120))
                .Select(_ => (char)(i % 3 == 0 ? '.' : i % 3 == 1 ? 'a' + random.Next(26) : 'а' + random.Next(30))));
            var (merged, judged) = (new List<int>(), new List<int>());
            pairs.Merge(Encoding.UTF8.GetBytes(word), merged);
            pairs.Encode(word, judged);
            merged.Should().Equal(judged, word);
        }
    }

    [Fact]
    public void Every_byte_must_be_a_token_and_no_token_may_come_twice()
    {
        byte[][] bytes = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        FluentActions.Invoking(() => new BytePairEncoding(bytes[1..]))
            .Should().Throw<InvalidDataException>().WithMessage("*byte 0 is no token*");
        FluentActions.Invoking(() => new BytePairEncoding([.. bytes, [65]]))
            .Should().Throw<InvalidDataException>().WithMessage("*41 are two tokens*");
        FluentActions.Invoking(() => new BytePairEncoding([.. bytes, []]))
            .Should().Throw<InvalidDataException>().WithMessage("*empty*");
    }
}
