using System.Text.Json;
using OpenMU.Model.Families;

namespace OpenMU.Model.Tests.Families;

public class OpenMuConfigTests
{
    [Fact]
    public void The_published_model_has_192_music_tokens_of_768_from_3072_frames()
    {
        OpenMuConfig.Full.Audio.MusicTokens.Should().Be(192);
        OpenMuConfig.Full.Audio.InputFrames.Should().Be(3072);
        OpenMuConfig.Full.Llama.HeadDim.Should().Be(128);
    }

    [Fact]
    public void A_configuration_survives_its_own_json()
    {
        var config = OpenMuConfig.Tiny with { Lora = new() { R = 4, Alpha = 32 } };
        OpenMuConfig.FromJson(config.ToJson()).Should().BeEquivalentTo(config);
    }

    [Fact]
    public void Presets_are_valid()
    {
        OpenMuConfig.Full.Validate();
        OpenMuConfig.Tiny.Validate();
    }

    [Theory]
    [InlineData("""{"llama":{"hiden_size":128}}""")]
    [InlineData("""{"poolling":8}""")]
    public void An_unknown_key_is_an_error(string json)
        => FluentActions.Invoking(() => OpenMuConfig.FromJson(json)).Should().Throw<JsonException>();

    [Theory]
    [InlineData("""{"llama":{"num_key_value_heads":5}}""", "num_key_value_heads")]
    [InlineData("""{"audio":{"pooling":7}}""", "pooling")]
    [InlineData("""{"audio":{"contextual_blocks":[12]}}""", "contextual_blocks")]
    [InlineData("""{"audio":{"num_heads":0}}""", "num_heads")]
    public void Sizes_that_do_not_fit_together_are_named(string json, string name)
        => FluentActions.Invoking(() => OpenMuConfig.FromJson(json))
            .Should().Throw<ArgumentException>().WithMessage($"*{name}*");
}
