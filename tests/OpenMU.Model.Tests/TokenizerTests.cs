using System.Text;
using System.Text.Json.Nodes;
using CsCheck;

namespace OpenMU.Model.Tests;

public sealed class TokenizerTests
{
    private static readonly Tokenizer Llama3 = Llama3Vocabulary.Tokenizer;
    private static readonly (string Text, int[] Parsed, int[] Plain)[] Texts = [.. Golden.Json("tokenizer/texts.json").AsArray().Select(text =>
        (text!["text"]!.ToString(), text["ids"]!.Ints(), (text["ids_specials_as_plain_text"] ?? text["ids"])!.Ints()))];

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
        foreach (var (id, hex) in golden["id_to_bytes_hex"]!.AsObject()) Convert.ToHexStringLower(Llama3.BytesOf(int.Parse(id))!).Should().Be(hex!.ToString());
        foreach (var (name, id) in golden["special_ids"]!.AsObject()) Llama3.IdOf(name).Should().Be(id!.GetValue<int>());
        Llama3.VocabSize.Should().Be(OpenMuConfig.Full.Llama.VocabSize);
        Llama3.Invoking(t => t.IdOf("<|no|>")).Should().Throw<ArgumentException>().WithMessage("*no special token '<|no|>'*");
    }
}
