using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Model.Generation;
using OpenMU.Testing;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Generation;

public partial class SamplerTests
{
    [Fact]
    public void A_refused_token_gives_way_to_the_next_that_is_nearly_as_likely()
    {
        float[] logits = [1, 5, 4, 3, -2];
        int Chosen(params int[] refused) => Sampler.Greedy(logits, [7], (tokens, next) =>
        {
            tokens.Should().Equal(7);
            return refused.Contains(next);
        });

        Sampler.Greedy(logits, [7], veto: null).Should().Be(1);
        Chosen().Should().Be(1);
        Chosen(1).Should().Be(2);
        Chosen(1, 2).Should().Be(3);
        Chosen(0, 1, 2, 3).Should().Be(1, "the last is too unlikely to take its place");
    }

    [Fact]
    public void Filters_leave_the_reference_probabilities()
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Tensors("llama/golden.safetensors");
        var kept = Golden.Json("llama/golden_tokens.json")["sampling_kept"]!;
        var last = golden["logits_2"][^1].data<float>().ToArray();
        var flat = golden["sampling_logits_flat"].data<float>().ToArray();
        var cases = golden.Where(entry => entry.Key.StartsWith("sampling_probs_", StringComparison.Ordinal)).ToArray();
        cases.Should().NotBeEmpty();
        foreach (var (key, expected) in cases)
        {
            var name = key["sampling_probs_".Length..];
            var options = new GenerationOptions
            {
                Temperature = Number(name, "t", 1),
                TopK = (int)Number(name, "k", 0),
                TopP = Number(name, "p", 1)
            };
            var probabilities = Sampler.Probabilities(
                name.EndsWith("_flat", StringComparison.Ordinal) ? flat : last, options, (int)Number(name, "keep", 1));
            tensor(probabilities).ShouldBeCloseTo(expected, 1e-5, key);
            if (kept[name] is { } count)
                probabilities.Count(probability => probability > 0).Should().Be(count.GetValue<int>(), key);
        }
    }

    [Fact]
    public void Draws_follow_the_probabilities()
    {
        float[] logits = [0, (float)Math.Log(3), -20];
        var random = new Random(7);
        var drawn =
            Enumerable.Range(0, 4000).Count(_ => Sampler.Sample(logits, new() { Temperature = 1 }, random) == 1);
        drawn.Should().BeInRange(2880, 3120);
    }

    [Fact]
    public void A_text_ends_after_256_tokens_unless_told_otherwise()
        => new GenerationOptions().MaxNewTokens.Should().Be(256);

    [Fact]
    public void Temperature_zero_takes_the_most_probable() => Sampler.Sample([1, 5, 3], new(), new(1)).Should().Be(1);

    [Theory]
    [InlineData(-1, 1, 0, 1)]
    [InlineData(1, 0, 0, 1)]
    [InlineData(1, 1.5, 0, 1)]
    [InlineData(1, 1, -1, 1)]
    [InlineData(double.NaN, 1, 0, 1)]
    [InlineData(0.2, 1, 0, 2)]
    [InlineData(0, 1, 0, 0)]
    public void Options_without_meaning_are_refused(double temperature, double topP, int topK, int beams)
        => new GenerationOptions { Temperature = temperature, TopP = topP, TopK = topK, Beams = beams }
            .Invoking(options => options.Validate()).Should().Throw<ArgumentException>();

    private static double Number(string name, string letter, double otherwise)
        => Parts().Matches(name).FirstOrDefault(match => match.Groups[1].Value == letter) is { } found
            ? double.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture)
            : otherwise;

    [GeneratedRegex(@"(?:^|_)([a-z]+)([0-9.]+)")]
    private static partial Regex Parts();
}
