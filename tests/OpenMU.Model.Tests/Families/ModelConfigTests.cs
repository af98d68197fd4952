using System.Text.Json.Nodes;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;

namespace OpenMU.Model.Tests.Families;

/// <summary>config.json of a model folder, which may be hostile, for the families beside OpenMU.</summary>
public sealed class ModelConfigTests : IDisposable
{
    private readonly GoldenFolders folders = new();

    public void Dispose() => folders.Dispose();

    [Theory]
    [InlineData("moss_music", "family", "\"other\"", "family 'other' is unknown; known: openmu, midashenglm, moss_music")]
    [InlineData("moss_music", "family", "3", "family '3' is unknown")]
    [InlineData("moss_music", "surprise", "1", "surprise")]
    [InlineData("moss_music", "family", "\"openmu\"", "d_model")]
    [InlineData("moss_music", "audio.d_model", "-4", "d_model must be 1 to 16384, not -4")]
    [InlineData("moss_music", "audio.encoder_attention_heads", "0", "encoder_attention_heads (0)")]
    [InlineData("moss_music", "audio.n_window", "2000000000", "n_window must be 1 to")]
    [InlineData("moss_music", "audio.deepstack_encoder_layer_indexes", "[1, 1]", "deepstack_encoder_layer_indexes")]
    [InlineData("moss_music", "audio.layer_norm_eps", "0", "layer_norm_eps must be positive")]
    [InlineData("moss_music", "deepstack_num_inject_layers", "-1", "deepstack_num_inject_layers")]
    [InlineData("moss_music", "digit_token_ids", "[1, 2]", "digit_token_ids")]
    [InlineData("moss_music", "digit_token_ids", "[0,1,2,3,4,5,6,7,8,-9]", "digit_token_ids must be 0 to")]
    [InlineData("moss_music", "audio_end_token_id", "99999999", "audio_end_token_id must be 0 to")]
    [InlineData("moss_music", "window_seconds", "0", "window_seconds must be 1 to 3600")]
    [InlineData("moss_music", "llama.head_dim", "1000000", "head_dim must be 1 to 65536")]
    [InlineData("midashenglm_qwen3", "audio.target_length", "1009", "target_length (1009)")]
    [InlineData("midashenglm_qwen3", "audio.num_heads", "-1", "num_heads (-1)")]
    [InlineData("midashenglm_qwen3", "subsample_factor", "100000", "subsample_factor must be 1 to 1024")]
    [InlineData("midashenglm_qwen3", "audio_start_token_id", "-1", "audio_start_token_id must be 0 to")]
    [InlineData("midashenglm_qwen3", "llama.num_hidden_layers", "0", "num_hidden_layers must be 1 to 1024")]
    [InlineData("midashenglm_qwen25", "llama.qk_norm", "true", "q_norm.weight")]
    [InlineData("midashenglm_qwen25", "llama.attention_bias", "false", "_proj.bias")]
    [InlineData("midashenglm_qwen25", "llama.stop_token_ids", "[3]", "stop_token_ids")]
    public void A_hostile_configuration_of_a_folder_is_refused_by_its_key(
        string family, string key, string json, string message)
    {
        var folder = folders.Convert(family);
        Change(Path.Combine(folder, "config.json"), key, json);
        FluentActions.Invoking(() => ModelFolder.Open(folder)).Should().Throw<InvalidDataException>()
            .Which.Message.Should().Contain(message).And.Contain(Path.GetFileName(folder));
        FluentActions.Invoking(() => FolderReport.Of(folder)).Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void A_configuration_without_a_family_is_OpenMUs_as_folders_from_before_have_it()
    {
        var json = JsonNode.Parse(OpenMuConfig.Tiny.ToJson())!.AsObject();
        json["family"]!.ToString().Should().Be("openmu");
        json.Remove("family");
        ModelConfig.FromJson(json.ToJsonString()).ToJson().Should().Be(OpenMuConfig.Tiny.ToJson());
        FluentActions.Invoking(() => OpenMuConfig.FromJson(MossMusicConfig.Full.ToJson()))
            .Should().Throw<ArgumentException>().WithMessage("*another family*");
    }

    private static void Change(string path, string key, string json)
    {
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        var names = key.Split('.');
        names[..^1].Aggregate(root, (node, name) => node[name]!).AsObject()[names[^1]] = JsonNode.Parse(json);
        File.WriteAllText(path, root.ToJsonString());
    }
}
