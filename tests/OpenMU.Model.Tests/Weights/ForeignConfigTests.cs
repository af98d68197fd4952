using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using OpenMU.Model.Weights;
using OpenMU.Testing;

namespace OpenMU.Model.Tests.Weights;

public sealed class ForeignConfigTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    /// <summary>A sound file of each kind, to which a test adds something.</summary>
    public static TheoryData<string> Kinds { get; } = new("llama", "generation", "adapter", "meta", "tokenizer");

    public void Dispose() => File.Delete(path);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_unknown_key_with_any_value_is_refused_by_its_name_on_one_line(string kind)
    {
        var (rules, sound) = Kind(kind);
        Read(rules, sound).Should().BeNull("the file is sound");
        var value = Gen.OneOf(
            Gen.Const("null"), Gen.Bool.Select(flag => flag ? "true" : "false"), Gen.Int.Select(number => $"{number}"),
            Gen.String.Select(text => JsonSerializer.Serialize(text)), Gen.Const("{\n \"a\": [1,\n 2]\n}"),
            Gen.Const("[]"), Gen.Const("{}"));
        // A lone surrogate would be no text in JSON, and the file broken; the other characters are all
        // there, line ends included.
        var letter = Gen.OneOf(Gen.Char['\0', '\u007f'], Gen.Char['\u0080', '\ud7ff'], Gen.Char['\ue000', '\uffff']);
        var name = letter.Array[0, 20].Select(letters => new string(letters));
        Gen.Select(name, value).Where((key, _) => !rules.ContainsKey(key)).Sample((key, json) =>
        {
            var message = Read(rules, sound.TrimEnd().TrimEnd('}') + $",\n{JsonSerializer.Serialize(key)}: {json}}}");
            message.Should().NotBeNull().And.NotContainAny("\n", "\r").And.Contain($"says {ForeignConfig.Escape(key)} ")
                .And.Contain("accepted: only keys that are known here");
        }, iter: 300, threads: 1);
    }

    [Theory]
    [InlineData("rope_scaled")]
    [InlineData("Rope_theta")]
    [InlineData("attn_logit_softcapping")]
    [InlineData("")]
    [InlineData("key\nwith lines")]
    public void A_key_that_only_looks_like_a_known_one_is_unknown(string key)
    {
        var (rules, sound) = Kind("llama");
        var json = JsonNode.Parse(sound)!;
        json[key] = 1;
        Read(rules, json.ToJsonString()).Should().Contain($" {ForeignConfig.Escape(key)} 1;").And.NotContain("\n");
    }

    [Theory]
    [InlineData("{\"model_type\": \"llama\", \"model_type\": \"llama\"}", "model_type")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{\"model_type\": \"llama\"", "LineNumber")]
    [InlineData("{\"model_type\": NaN}", "'N' is an invalid start")]
    public void A_broken_file_is_refused_on_one_line(string json, string words)
        => Read(ForeignConfigRules.Llama, json).Should().Contain(path).And.Contain(words).And.NotContain("\n");

    [Fact]
    public void The_kind_of_model_is_named_before_the_keys_that_follow_from_it()
    {
        var json = JsonNode.Parse(Kind("llama").Sound)!.AsObject();
        json.Insert(0, "n_shared_experts", 2);
        json["model_type"] = "deepseek_v3";
        Read(ForeignConfigRules.Llama, json.ToJsonString())
            .Should().EndWith("says model_type \"deepseek_v3\"; accepted: llama.");
    }

    [Fact]
    public void A_long_value_is_shortened_in_the_message()
    {
        var json = JsonNode.Parse(Kind("llama").Sound)!;
        json["quantization_config"] = new JsonObject
        {
            ["modules"] = new JsonArray([.. Enumerable.Range(0, 1000).Select(i => (JsonNode)$"layer {i}")])
        };
        Read(ForeignConfigRules.Llama, json.ToJsonString())
            .Should().Contain("quantization_config {\"modules\":[\"layer 0\"")
            .And.Match(m => m.Length < path.Length + 250);
    }

    [Fact]
    public void Files_too_large_for_a_configuration_are_not_read()
    {
        File.WriteAllBytes(path, new byte[(1 << 20) + 1]);
        FluentActions.Invoking(() => ForeignConfig.Read(path, ForeignConfigRules.Llama))
            .Should().Throw<InvalidDataException>().WithMessage("*larger than*");
    }

    private static (IReadOnlyDictionary<string, ConfigRule> Rules, string Sound) Kind(string kind) => kind switch
    {
        "llama" => (ForeignConfigRules.Llama, File.ReadAllText(Golden.PathOf("llama/hf-bf16/config.json"))),
        "generation" =>
            (ForeignConfigRules.Generation, File.ReadAllText(Golden.PathOf("llama/hf-bf16/generation_config.json"))),
        "adapter" => (ForeignConfigRules.Adapter, File.ReadAllText(Golden.PathOf("lora/adapter_config.json"))),
        "meta" => (ForeignConfigRules.Meta, File.ReadAllText(Golden.PathOf("llama/meta/params.json"))),
        _ => (ForeignConfigRules.TokenizerConfig, "{\"bos_token\": \"<|begin_of_text|>\", "
            + "\"tokenizer_class\": \"PreTrainedTokenizerFast\"}"),
    };

    /// <summary>The message with which a file of this text is refused, or null.</summary>
    private string? Read(IReadOnlyDictionary<string, ConfigRule> rules, string json)
    {
        File.WriteAllText(path, json);
        try
        {
            ForeignConfig.Read(path, rules);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
