using CsCheck;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Testing;

namespace OpenMU.Model.Tests.Text;

public sealed class TokenizerTests
{
    private static readonly Tokenizer Llama3 = Llama3Vocabulary.Tokenizer;
    private static readonly (string Text, int[] Parsed, int[] Plain)[] Texts =
        [.. Golden.Json("tokenizer/texts.json").AsArray().Select(text =>
            (
                text!["text"]!.ToString(), text["ids"]!.Ints(),
                (text["ids_specials_as_plain_text"] ?? text["ids"])!.Ints()))];

    [Fact]
    public void Texts_have_the_reference_ids_and_come_back_from_them()
    {
        Texts.Should().HaveCountGreaterThan(100);
        foreach (var (text, parsed, plain) in Texts)
        {
            Llama3.Encode(text, allowSpecial: true).Should().Equal(parsed, text);
            Llama3.Encode(text).Should().Equal(plain, text);
            Llama3.Decode(parsed, skipSpecial: false).Should().Be(text);
            Llama3.Decode(plain).Should().Be(text);
        }
    }

    [Fact]
    public void Names_of_specials_in_a_text_are_words_unless_asked_for()
    {
        const string text = "good<|eot_id|><|reserved_special_token_250|>bye";
        var specials = new[] { Llama3.IdOf("<|eot_id|>"), Llama3.IdOf("<|reserved_special_token_250|>") };
        Llama3.Encode(text).Should().NotContain(specials);
        var parsed = Llama3.Encode(text, allowSpecial: true);
        parsed.Should().ContainInConsecutiveOrder(specials);
        Llama3.Decode(parsed).Should().Be("goodbye");
        Llama3.Decode(parsed, skipSpecial: false).Should().Be(text);
    }

    [Fact]
    public void Ids_have_the_reference_bytes_and_specials_the_reference_ids()
    {
        var golden = Golden.Json("tokenizer/token_bytes.json");
        foreach (var (id, hex) in golden["id_to_bytes_hex"]!.AsObject())
            Convert.ToHexStringLower(Llama3.BytesOf(int.Parse(id))!).Should().Be(hex!.ToString());
        foreach (var (name, id) in golden["special_ids"]!.AsObject())
            Llama3.IdOf(name).Should().Be(id!.GetValue<int>());
        Llama3.VocabSize.Should().Be(OpenMuConfig.Full.Llama.VocabSize);
        Llama3.Invoking(t => t.IdOf("<|no|>"))
            .Should().Throw<ArgumentException>().WithMessage("*no special token '<|no|>'*");
    }

    [Fact]
    public void Half_a_surrogate_pair_counts_as_the_replacement_character()
    {
        Llama3.Encode("a\ud800b \udc00").Should().Equal(Llama3.Encode("a\ufffdb \ufffd"));
        Llama3.Decode(Llama3.Encode("\udc00\ud800")).Should().Be("\ufffd\ufffd");
    }

    [Fact]
    public void Letters_beyond_the_first_plane_are_letters()
        // Between the two ideographs of plane 2 there is no word boundary, so the bytes of both are merged as one word.
        => Words("x𠀀𠀁y 𝔸𝔹1𝟙").Should().Equal("x𠀀𠀁y", " 𝔸𝔹", "1𝟙");

    [Theory]
    [InlineData("I'LL don't 'tis IT'ſ", "I", "'LL", " don", "'t", " '", "tis", " IT", "'ſ")]
    [InlineData("a  b\n\n  c \r\n d  ", "a", " ", " b", "\n\n", " ", " c", " \r\n", " d", "  ")]
    [InlineData("12345 678", "123", "45", " ", "678")]
    [InlineData("!?\n\nx …\r", "!?\n\n", "x", " …\r")]
    [InlineData("\u3000a\t\t's\u0085\u0085b", "\u3000a", "\t", "\t", "'s", "\u0085", "\u0085b")]
    public void Words_end_where_the_published_expression_ends_them(string text, params string[] words) =>
        Words(text).Should().Equal(words);

    [Fact]
    public void Words_are_those_of_the_regular_expression_wherever_that_sees_whole_characters()
    {
        var expression = new System.Text.RegularExpressions.Regex(PreTokenizer.Pattern);
        Gen.String[Gen.Char["aB'sStTlLé1٣½ \n\r\t\u3000.!…ー♪"], 0, 40].Sample(
            text => Words(text).Should().Equal(expression.Matches(text).Select(match => match.Value)),
            iter: 2000, threads: 1);
    }

    [Fact]
    public void Words_of_GPT2_are_those_of_its_regular_expression_wherever_that_sees_whole_characters()
    {
        var expression = new System.Text.RegularExpressions.Regex(PreTokenizer.Gpt2Pattern);
        Gen.String[Gen.Char["aB'sStTlLvVeEſé1٣½ \n\r\t\u3000.!…ー♪"], 0, 40].Sample(
            text => Words(text, PreTokenizerKind.Gpt2)
                .Should().Equal(expression.Matches(text).Select(match => match.Value)), iter: 2000, threads: 1);
        Words("x𠀀𠀁y 𝔸1𝟙 🎸!", PreTokenizerKind.Gpt2).Should().Equal("x𠀀𠀁y", " 𝔸", "1𝟙", " 🎸!");
    }

    [Fact]
    public void A_long_text_without_a_break_is_encoded_in_no_time_to_speak_of()
    {
        // One word of 30,000 letters: the library alone, whose time grows with the square, would take
        // seconds for each of these.
        var random = new Random(1);
        var word = string.Concat(Enumerable.Range(0, 30_000).Select(_ => (char)('a' + random.Next(26))));
        foreach (var text in new[]
        {
            word, new string('.', word.Length), new string(' ', word.Length), new string('é', word.Length)
        })
        {
            Llama3.Decode(Llama3.Encode(text)).Should().Be(text);
        }
    }

    [Fact]
    public void Spaces_before_punctuation_go_where_a_caller_wants_the_published_strings()
    {
        var ids = Llama3.Encode("It is n't fast , is it ? No ! He 's ' so ' slow .");
        Llama3.Decode(ids).Should().Be("It is n't fast , is it ? No ! He 's ' so ' slow .");
        Llama3.Decode(ids, cleanUpSpaces: true).Should().Be("It isn't fast, is it? No! He's'so'slow.");
    }

    [Fact]
    public void Ids_without_a_token_say_nothing_and_broken_bytes_become_replacement_characters()
    {
        Llama3.Decode([-1, 64, 1_000_000]).Should().Be("a");
        var euro = Llama3.Encode("€")[0];
        Llama3.Decode([.. Llama3.Encode("a"), Llama3.Tokens.First(token => token.Bytes is [0xE2]).Id])
            .Should().Be("a\ufffd");
        Llama3.Decode([euro]).Should().Be("€");
    }

    private static IEnumerable<string> Words(string text, PreTokenizerKind rule = PreTokenizerKind.Llama3)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = PreTokenizer.LengthOfWord(text, at, rule);
            yield return text.Substring(at, length);
            at += length;
        }
    }
}
