using System.Text;
using System.Text.Json.Nodes;
using OpenMU.Model.Text;
using OpenMU.Testing;
using OpenMU.Training.Pretraining;

namespace OpenMU.Model.Tests.Text;

public sealed class TokenizerFileTests : IDisposable
{
    private static readonly Tokenizer Small =
        BpeTrainer.Train(["the quick brown fox and the lazy dog and the fox"], 280, [Tokenizer.BeginOfText, "<|end|>"]);
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private string Json => Path.Combine(folder, "tokenizer.json");

    private string Tiktoken => Path.Combine(folder, "tokenizer.model");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_real_vocabulary_written_as_json_is_the_same_tokenizer()
    {
        Llama3Vocabulary.Tokenizer.Save(folder);
        var read = Tokenizer.Load(folder);
        read.Specials.Should().Equal(Llama3Vocabulary.Tokenizer.Specials);
        foreach (var text in Golden.Json("tokenizer/texts.json").AsArray())
            read.Encode(text!["text"]!.ToString(), allowSpecial: true).Should().Equal(text["ids"]!.Ints());
    }

    [Fact]
    public void Merges_may_be_pairs_or_lines_and_decide_the_order_whatever_the_ids()
    {
        Small.Save(folder);
        var file = JsonNode.Parse(File.ReadAllText(Json))!;
        var model = file["model"]!;
        model["merges"] = new JsonArray([.. model["merges"]!.AsArray().Select(merge =>
            (JsonNode)new JsonArray([.. merge!.ToString().Split(' ').Select(half => (JsonNode)half)]))]);
        // Ids turned round: the specials, which come first, then become the largest.
        var last = Small.VocabSize - 1;
        model["vocab"] = new JsonObject(model["vocab"]!.AsObject()
            .Select(token => KeyValuePair.Create(token.Key, (JsonNode?)(last - token.Value!.GetValue<int>()))));
        foreach (var special in file["added_tokens"]!.AsArray()) special!["id"] = last - special["id"]!.GetValue<int>();
        File.WriteAllText(Json, file.ToJsonString());
        const string text = "the fox and the quick dog";
        Tokenizer.Load(folder).Encode(text).Should().Equal(Small.Encode(text).Select(id => last - id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_json_cut_anywhere_is_one_clear_error(int eighths)
    {
        Small.Save(folder);
        var whole = File.ReadAllBytes(Json);
        File.WriteAllBytes(Json, whole[..(eighths == 8 ? whole.Length - 3 : whole.Length * eighths / 8)]);
        Broken(Json, "*");
    }

    [Fact]
    public void Lines_cut_within_a_token_are_one_clear_error()
    {
        var whole = File.ReadAllBytes(Path.Combine(Llama3Vocabulary.Folder, "tokenizer.model"));
        var half = whole.Length / 2;
        while (whole[half - 1] == (byte)'\n') half++;
        File.WriteAllBytes(Tiktoken, whole[..half]);
        Broken(Tiktoken, "*line*");
    }

    [Theory]
    [InlineData("", "*byte 0*")]
    [InlineData("\n\n", "*byte 0*")]
    [InlineData("IQ== 0\nIg== 2\n", "*line 2*")]
    [InlineData("IQ== 0\n!!!! 1\n", "*line 2*")]
    [InlineData("IQ==\n", "*line 1*")]
    [InlineData("IQ== 0\nIQ== 1\n", "*two tokens*")]
    [InlineData("\0\0\u0001garbage", "*line 1*")]
    public void Lines_that_are_no_tokens_are_one_clear_error(string lines, string message)
    {
        File.WriteAllText(Tiktoken, lines);
        Broken(Tiktoken, message);
    }

    [Theory]
    [InlineData("""[]""", "*no JSON object*")]
    [InlineData("""{"model":{"type":"Unigram"}}""", "*Unigram*")]
    [InlineData("""{"model":{"type":"BPE"},"normalizer":{"type":"NFKC"}}""", "*normalises*")]
    [InlineData("""{"model":{"type":"BPE"},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}}""", "*words*")]
    [InlineData("""{"model":5}""", "*no model*")]
    public void Other_kinds_of_tokenizers_are_refused_by_name(string json, string message)
    {
        File.WriteAllText(Json, json);
        Broken(Json, message);
    }

    [Fact]
    public void Contradictions_within_a_json_are_refused()
    {
        Changed(file => file["model"]!["vocab"]!["!"] = 5, "*id 5*two tokens*");
        Changed(file => file["model"]!["vocab"]!["the€"] = 1000, "*U+20AC*");
        Changed(file => file["model"]!["vocab"]!["!"] = -1, "*id -1*");
        Changed(file => file["model"]!["vocab"]!["!"] = "one", "*");
        Changed(file => file["model"]!["vocab"]!["!"] = int.MaxValue, "*2147483647*");
        Changed(file => file["model"]!["merges"]![0] = "a b c", "*merge 0*");
        Changed(file => file["model"]!["vocab"]!.AsObject().Remove("!"), "*byte 33*");
        Changed(file => file["added_tokens"]!.AsArray().Add(file["added_tokens"]![0]!.DeepClone()), "*");
        Changed(
            file => (file["model"]!["ignore_merges"], file["model"]!["vocab"]!["xyzzy"]) = (false, 281),
            "*no merge makes*xyzzy*");
    }

    [Fact]
    public void A_folder_without_a_tokenizer_says_what_is_missing()
        => FluentActions.Invoking(() => Tokenizer.Load(folder))
            .Should().Throw<InvalidDataException>().WithMessage("*neither tokenizer.json nor tokenizer.model*");

    private void Changed(Action<JsonNode> change, string message)
    {
        Small.Save(folder);
        var file = JsonNode.Parse(File.ReadAllText(Json))!;
        change(file);
        File.WriteAllText(Json, file.ToJsonString(), new UTF8Encoding(false));
        Broken(Json, message);
    }

    private void Broken(string path, string message)
        => FluentActions.Invoking(() => Tokenizer.Load(folder))
            .Should().Throw<InvalidDataException>().WithMessage(message).And.Message.Should().Contain(path);
}
