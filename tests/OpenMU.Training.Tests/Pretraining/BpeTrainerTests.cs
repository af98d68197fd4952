using System.Text;
using CsCheck;
using OpenMU.Model.Text;
using OpenMU.Training.Pretraining;

namespace OpenMU.Training.Tests.Pretraining;

public sealed class BpeTrainerTests : IDisposable
{
    private static readonly string[] Specials = ["<|pad|>", Tokenizer.BeginOfText, "<|end_of_answer|>"];
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_most_frequent_neighbours_become_tokens_in_their_order()
    {
        // "ab" occurs five times, " ab" once less; "abc" no longer occurs twice.
        var tokenizer = BpeTrainer.Train(["ab ab ab ab abc"], 262, Specials);
        tokenizer.Tokens.Skip(256).Select(token => Encoding.UTF8.GetString(token.Bytes)).Should().Equal("ab", " ab");
        tokenizer.VocabSize.Should().Be(261);
        tokenizer.IdOf(Tokenizer.BeginOfText).Should().Be(1);
        tokenizer.Encode("ab ab").Should().Equal(259, 260);
        tokenizer.Encode("<|pad|>", allowSpecial: true).Should().Equal(0);
    }

    [Fact]
    public void Equal_texts_give_equal_tokenizers_in_any_order_and_files_bring_them_back()
    {
        string[] texts = [.. Music(300)];
        var tokenizer = BpeTrainer.Train(texts, 2000, Specials);
        var again = BpeTrainer.Train(texts.Reverse(), 2000, Specials);
        again.Tokens.Select(token => Convert.ToHexString(token.Bytes))
            .Should().Equal(tokenizer.Tokens.Select(token => Convert.ToHexString(token.Bytes)));
        tokenizer.Save(folder);
        var read = Tokenizer.Load(folder);
        read.Specials.Should().Equal(tokenizer.Specials);
        read.VocabSize.Should().Be(tokenizer.VocabSize);
        foreach (var text in texts) read.Encode(text).Should().Equal(tokenizer.Encode(text));
        var first = File.ReadAllText(Path.Combine(folder, "tokenizer.json"));
        read.Save(folder);
        File.ReadAllText(Path.Combine(folder, "tokenizer.json")).Should().Be(first);
    }

    [Fact]
    public void Texts_that_were_learnt_from_become_a_third_of_their_bytes_or_less()
    {
        string[] texts = [.. Music(500)];
        var tokenizer = BpeTrainer.Train(texts, 2048, Specials);
        texts.Sum(text => tokenizer.Encode(text).Length).Should().BeLessThan(texts.Sum(text => text.Length) / 3);
    }

    [Fact]
    public void Every_token_is_the_encoding_of_its_own_bytes()
    {
        // Words over few letters, so that neighbours overlap and one token is made in several ways.
        Gen.String[Gen.Char["aab "], 1, 40].Array[1, 8].Sample(texts =>
        {
            var tokenizer = BpeTrainer.Train(texts, 300, []);
            foreach (var (bytes, id) in tokenizer.Tokens.Skip(256))
                tokenizer.Encode(Encoding.ASCII.GetString(bytes)).Should().Equal(id);
            foreach (var text in texts) tokenizer.Decode(tokenizer.Encode(text)).Should().Be(text);
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void Too_few_ids_are_refused()
        => FluentActions.Invoking(() => BpeTrainer.Train(["a"], 258, Specials))
            .Should().Throw<ArgumentException>().WithMessage("*258 ids are too few*3 specials*");

    private static IEnumerable<string> Music(int count)
    {
        var random = new Random(7);
        string[] moods = ["calm", "bright", "driving", "nostalgic", "tense"],
            instruments = ["piano", "électrique guitare", "strings", "サックス", "drums"];
        for (var i = 0; i < count; i++)
        {
            yield return $"A {moods[random.Next(5)]} piece with {instruments[random.Next(5)]} and "
                + $"{instruments[random.Next(5)]}, about [GetAudioTempo()] beats per minute ({random.Next(1000)}).\n";
        }
    }
}
