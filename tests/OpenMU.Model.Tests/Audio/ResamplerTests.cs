using OpenMU.Model.Audio;

namespace OpenMU.Model.Tests.Audio;

public class ResamplerTests
{
    /// <summary>Numbers from scipy's resample_poly with its defaults.</summary>
    [Fact]
    public void A_440_hertz_tone_is_resampled_as_scipy_does()
    {
        float[] tone = [.. Enumerable.Range(0, 44100).Select(i => (float)Math.Sin(2 * Math.PI * 440 * i / 44100))];
        var output = Resampler.Resample(tone, 44100, 16000);
        output.Should().HaveCount(16000);
        ShouldBeClose(output[..4], [0.01532536f, 0.16961719f, 0.33948657f, 0.49512795f]);
        ShouldBeClose(output[8000..8003], [0f, 0.17206185f, 0.33900636f]);
    }

    [Theory]
    [InlineData(44100, 16000, 1001, 364)]
    [InlineData(48000, 16000, 1000, 334)]
    [InlineData(8000, 16000, 100, 200)]
    [InlineData(22050, 16000, 7, 6)]
    public void Length_is_rounded_up(int from, int to, int samples, int expected) => Resampler.Resample(new float[samples], from, to).Should().HaveCount(expected);

    [Fact]
    public void The_same_rate_copies_the_samples() => Resampler.Resample([1f, 2f, 3f], 16000, 16000).Should().Equal(1f, 2f, 3f);

    [Fact]
    public void Nothing_stays_nothing() => Resampler.Resample([], 44100, 16000).Should().BeEmpty();

    [Fact]
    public void A_constant_stays_constant_away_from_the_ends()
        => Resampler.Resample([.. Enumerable.Repeat(0.5f, 4000)], 48000, 16000)[100..^100].Should().OnlyContain(sample => Math.Abs(sample - 0.5f) < 1e-3f);

    private static void ShouldBeClose(float[] actual, float[] expected)
    {
        for (var i = 0; i < expected.Length; i++) actual[i].Should().BeApproximately(expected[i], 1e-6f);
    }
}
