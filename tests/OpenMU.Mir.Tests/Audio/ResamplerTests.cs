using CsCheck;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests.Audio;

public class ResamplerTests
{
    [Fact]
    public void A_sine_at_44100_Hz_becomes_what_SciPys_resample_poly_makes_of_it_at_16000_Hz()
    {
        var y = Resample(TestFolder.Sine(440, 1, amplitude: 1), 44_100, 16_000, blockSize: 1000);
        y.Should().HaveCount(16_000);
        float[] start = [0.01532536f, 0.16961719f, 0.33948657f, 0.49512795f];
        for (var i = 0; i < start.Length; i++) y[i].Should().BeApproximately(start[i], 2e-6f);
        float[] middle = [2.04e-9f, 0.17206185f, 0.33900636f];
        for (var i = 0; i < middle.Length; i++) y[8000 + i].Should().BeApproximately(middle[i], 2e-6f);
    }

    [Fact]
    public void Music_for_MOSS_Music_is_resampled_as_its_own_loader_does()
    {
        var file = GoldenFamilies.ReadWav("stereo44k.wav");
        var mono = MonoMix.Mean(file.Interleaved, file.Channels, new float[file.Interleaved.Length / file.Channels]);
        var expected = GoldenFamilies.Floats("audio/golden.safetensors", "stereo44k_moss_16k");
        var actual = Resampler.Resample(mono, file.Rate, 16_000, ResampleFilter.TorchAudio);
        actual.Should().HaveSameCount(expected);
        actual.Zip(expected, (a, e) => Math.Abs(a - e)).Max().Should().BeLessThan(1e-5f);
    }

    [Fact]
    public void The_size_of_the_blocks_does_not_change_the_result() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[1, 500], Gen.OneOf(
            Gen.Const(8000), Gen.Const(16_000), Gen.Const(22_050), Gen.Const(44_100),
            Gen.Const(48_000))).Sample((length, block, rate) =>
            {
                var x = TestFolder.Noise(1, 1, seed: 5)[..length];
                Resample(x, 44_100, rate, block).Should().Equal(Resample(x, 44_100, rate, length));
            }, iter: 60);

    [Fact]
    public void All_at_once_gives_what_the_blocks_give()
    {
        var x = TestFolder.Noise(0.2, 1, seed: 3);
        Resampler.Resample(x, 44_100, 16_000).Should().Equal(Resample(x, 44_100, 16_000, blockSize: 1000));
    }

    [Theory]
    [InlineData(44_100, 16_000, 1001, 364)]
    [InlineData(48_000, 16_000, 1000, 334)]
    [InlineData(8000, 16_000, 100, 200)]
    [InlineData(22_050, 16_000, 7, 6)]
    [InlineData(44_100, 16_000, 0, 0)]
    public void The_length_is_rounded_up(int from, int to, int samples, int expected) =>
        Resampler.Resample(new float[samples], from, to).Should().HaveCount(expected);

    [Fact]
    public void A_constant_stays_constant_away_from_the_ends() =>
        Resampler.Resample([.. Enumerable.Repeat(0.5f, 4000)], 48_000, 16_000)[100..^100]
            .Should().OnlyContain(sample => Math.Abs(sample - 0.5f) < 1e-3f);

    [Theory]
    [InlineData(22_050)]
    [InlineData(16_000)]
    public void Sound_above_the_new_Nyquist_frequency_is_gone(int rate)
    {
        var y = Resample(TestFolder.Sine(0.65 * rate, 1, amplitude: 1), 44_100, rate, blockSize: 4096);
        y[100..^100].Max(MathF.Abs).Should().BeLessThan(0.01f);
    }

    [Fact]
    public void The_same_rate_changes_nothing()
    {
        var x = TestFolder.Noise(0.1, 1, seed: 1);
        Resample(x, 44_100, 44_100, blockSize: 77).Should().Equal(x);
    }

    private static float[] Resample(float[] x, int from, int to, int blockSize)
    {
        var resampler = new Resampler(from, to);
        var y = new List<float>();
        foreach (var block in x.Chunk(blockSize)) y.AddRange(resampler.Push(block));
        y.AddRange(resampler.Finish());
        return [.. y];
    }
}
