using System.Text.Json.Nodes;
using CsCheck;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using OpenMU.Training.Evaluation.Text;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Evaluation.Text;

public sealed class BertScoreTests : IDisposable
{
    private static readonly JsonNode[] Pairs =
        [.. JsonNode.Parse(File.ReadAllText(InGolden("golden.json")))!.AsArray().Select(pair => pair!)];
    private static readonly TextPair[] Texts =
        [.. Pairs.Select(pair => new TextPair(pair["candidate"]!.ToString(), [pair["reference"]!.ToString()]))];
    private static readonly int Layers =
        JsonNode.Parse(File.ReadAllText(InGolden("config.json")))!["num_hidden_layers"]!.GetValue<int>();

    private readonly BertScore score = BertScore.Open(Golden.BertScoreFolder);
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-bertscore-").FullName;

    public void Dispose()
    {
        score.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Texts_are_cut_into_tokens_as_by_GPT2s_expression_and_merges()
        => Pairs.Should().AllSatisfy(pair =>
        {
            score.Ids(pair["candidate"]!.ToString()).Should().Equal(pair["candidate_ids"]!.Ints());
            score.Ids(pair["reference"]!.ToString()).Should().Equal(pair["reference_ids"]!.Ints());
        });

    [Fact]
    public void Every_layers_embeddings_equal_those_of_PyTorchs_encoder()
    {
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(InGolden("golden.safetensors"));
        var expected = file.Entries.Keys.Select(file.Read).ToArray();
        var ids =
            Pairs.SelectMany(pair => new[] { pair["candidate_ids"]!.Ints(), pair["reference_ids"]!.Ints() }).ToArray();
        for (var layer = 0; layer <= Layers; layer++)
        {
            using var below = BertScore.Open(Golden.BertScoreFolder, layer: layer);
            var embeddings = below.Embed([.. file.Entries.Keys.Select(name => score.Ids(file.Metadata[name])), .. ids]);
            foreach (var (i, states) in expected.Index())
                embeddings[i].ShouldBeCloseTo(states[layer], 1e-5, $"text {i} at layer {layer}");
        }
    }

    [Fact]
    public void Precision_recall_and_F_equal_the_reference_at_every_layer()
    {
        for (var layer = 0; layer <= Layers; layer++)
        {
            using var at = BertScore.Open(Golden.BertScoreFolder, layer: layer);
            foreach (var (pair, match) in Pairs.Zip(at.Score(Texts)))
            {
                var expected = pair["scores_by_layer"]![layer].Numbers();
                new[] { match.Precision, match.Recall, match.F }.Zip(expected).Should().AllSatisfy(value => value.First
                    .Should().BeApproximately(value.Second, 1e-6, $"{pair["candidate"]} at layer {layer}"));
            }
        }
    }

    [Fact]
    public void A_text_scores_alone_as_in_any_company_and_order()
        => Gen.Shuffle(Enumerable.Range(0, Texts.Length).ToArray()).Sample(order =>
        {
            var together = score.Score([.. order.Select(i => Texts[i])]);
            foreach (var (place, i) in order.Index()) ShouldBe(together[place], score.Score([Texts[i]])[0]);
        }, iter: 4, threads: 1);

    [Fact]
    public void A_text_is_like_itself_and_two_texts_as_like_each_other_either_way()
        =>
        Gen.Select(Gen.String[Gen.Char["aeost ThSé夜12.,'\n"], 1, 90], Gen.String[Gen.Char["aeost ThSé夜12.,'\n"], 1, 90])
            .Sample((one, other) =>
            {
                var (same, there, back) = score.Score([new(one, [one]), new(one, [other]),
                    new(other, [one])]) is [var a, var b, var c] ? (a, b, c) : default;
                if (one.Trim().Length > 0) ShouldBe(same, new(1, 1, 1));
                ShouldBe(back, new(there.Recall, there.Precision, there.F));
                there.F.Should().BeLessThanOrEqualTo(1 + 1e-6);
            }, iter: 60, threads: 1);

    [Fact]
    public void Of_several_references_the_best_counts()
    {
        const string text = "A calm folk song.";
        ShouldBe(score.Score([new(text, ["A dance track.", text, ""])])[0], new(1, 1, 1));
        FluentActions.Invoking(() => score.Score([new(text, [])]))
            .Should().Throw<ArgumentException>().WithMessage("*no reference*");
    }

    [Fact]
    public void More_texts_than_are_encoded_at_once_score_as_few()
    {
        var many = Enumerable.Range(0, 150)
            .Select(i => Texts[i % Texts.Length] with { Candidate = $"{Texts[i % Texts.Length].Candidate} {i}" })
            .ToArray();
        var scores = score.Score(many);
        foreach (var i in new[] { 0, 70, 149 }) ShouldBe(scores[i], score.Score([many[i]])[0]);
    }

    [Fact]
    public void Keys_without_prefix_and_a_tokenizer_in_one_file_are_the_same_model()
    {
        Copy("config.json");
        using (var published = SafeTensors.Open(InGolden("model.safetensors")))
        {
            SafeTensorsWriter.Write(InFolder("model.safetensors"), [.. published.Entries.Keys
                .Where(key => key.StartsWith("roberta.", StringComparison.Ordinal))
                .Select(key => NamedTensor.Of(key["roberta.".Length..], published.Read(key)))]);
        }
        WriteTokenizer(file => { });
        using var other = BertScore.Open(folder);
        other.Layer.Should().Be(score.Layer).And.Be(Layers);
        foreach (var (match, expected) in other.Score(Texts).Zip(score.Score(Texts))) ShouldBe(match, expected);
    }

    [Theory]
    [InlineData("model_type", "\"bert\"", "*model_type is bert*")]
    [InlineData("model_type", null, "*model_type is not named*")]
    [InlineData("hidden_size", null, "*hidden_size*")]
    [InlineData("hidden_size", "30", "*hidden_size (30)*num_attention_heads (4)*")]
    [InlineData("hidden_size", "64", "*word_embeddings*shape*")]
    [InlineData("hidden_act", "\"relu\"", "*hidden_act is relu*")]
    [InlineData("position_embedding_type", "\"relative_key\"", "*position_embedding_type is relative_key*")]
    [InlineData("max_position_embeddings", "4", "*no room*")]
    [InlineData("layer_norm_eps", "0", "*positive*")]
    [InlineData("vocab_size", "300", "*tokenizer has*vocab_size is 300*")]
    [InlineData("num_hidden_layers", "4", "*lack*encoder.layer.3*")]
    public void A_configuration_that_is_not_the_models_is_one_clear_error(string name, string? value, string message)
    {
        foreach (var file in new[] { "vocab.json", "merges.txt", "model.safetensors" }) Copy(file);
        var config = JsonNode.Parse(File.ReadAllText(InGolden("config.json")))!.AsObject();
        config.Remove(name);
        if (value is not null) config[name] = JsonNode.Parse(value);
        File.WriteAllText(InFolder("config.json"), config.ToJsonString());
        Refused(message);
    }

    [Fact]
    public void What_a_folder_lacks_is_named()
    {
        Refused("*no RoBERTa*no config.json*");
        File.WriteAllText(InFolder("config.json"), "{");
        Refused("*config.json is no configuration*");
        Copy("config.json");
        Refused("*neither vocab.json with merges.txt nor tokenizer.json*");
        Copy("vocab.json");
        Refused("*neither vocab.json with merges.txt nor tokenizer.json*");
        File.WriteAllText(InFolder("merges.txt"), "#version: 0.2\na b c\n");
        Refused("*vocab.json with *merges.txt is not a byte-level tokenizer*merge 0*");
        File.Delete(InFolder("merges.txt"));
        WriteTokenizer(file => file["pre_tokenizer"]!["use_regex"] = false);
        Refused("*words as GPT-2*");
        WriteTokenizer(file => file["added_tokens"]!.AsArray().RemoveAt(0));
        Refused("*no special token '<s>'*");
        WriteTokenizer(file => { });
        Refused("*no safetensors file*");
        Copy("model.safetensors");
        BertScore.Open(folder).Dispose();
        FluentActions.Invoking(() => BertScore.Open(folder, layer: -1))
            .Should().Throw<InvalidOperationException>().WithMessage("*no layer -1*");
    }

    private static string InGolden(string file) => Path.Combine(Golden.BertScoreFolder, file);

    private string InFolder(string file) => Path.Combine(folder, file);

    private void Copy(string file) => File.Copy(InGolden(file), InFolder(file), overwrite: true);

    /// <summary>The tokenizer as Hugging Face's fast tokenizers save it.</summary>
    private void WriteTokenizer(Action<JsonNode> change)
    {
        var vocabulary = JsonNode.Parse(File.ReadAllText(InGolden("vocab.json")))!.AsObject();
        string[] specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];
        var file = new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. specials.Select(name => new JsonObject
            {
                ["id"] = vocabulary[name]!.GetValue<int>(),
                ["content"] = name,
                ["special"] = true
            })]),
            ["normalizer"] = null,
            ["pre_tokenizer"] =
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray(
                    [.. File.ReadLines(InGolden("merges.txt")).Skip(1).Select(line => (JsonNode)line)])
            },
        };
        change(file);
        File.WriteAllText(InFolder("tokenizer.json"), file.ToJsonString());
    }

    private void Refused(string message) => FluentActions.Invoking(() => BertScore.Open(folder))
        .Should().Throw<InvalidDataException>().WithMessage(message);

    private static void ShouldBe(TokenMatch actual, TokenMatch expected)
    {
        actual.Precision.Should().BeApproximately(expected.Precision, 1e-6);
        actual.Recall.Should().BeApproximately(expected.Recall, 1e-6);
        actual.F.Should().BeApproximately(expected.F, 1e-6);
    }
}
