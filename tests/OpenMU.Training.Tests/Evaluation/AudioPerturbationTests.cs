using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Tests.Evaluation;

public class AudioPerturbationTests
{
    private const int Rate = 16_000;

    [Theory]
    [InlineData(1.1)]
    [InlineData(0.9)]
    public void Stretching_changes_the_length_and_keeps_the_pitch(double factor)
    {
        var stretched = AudioPerturbation.TimeStretch(Tone(440), factor);
        stretched.Should().HaveCount((int)(2 * Rate / factor));
        PitchOf(stretched).Should().BeApproximately(440, 4);
    }

    [Theory]
    [InlineData(12, 880)]
    [InlineData(-2, 392)]
    public void Pitching_changes_the_pitch_and_keeps_the_length(double semitones, double hertz)
    {
        var pitched = AudioPerturbation.PitchShift(Tone(440), semitones);
        pitched.Length.Should().BeCloseTo(2 * Rate, 4);
        PitchOf(pitched).Should().BeApproximately(hertz, hertz / 100);
    }

    [Fact]
    public void Noise_is_so_many_decibels_below_the_music()
    {
        var tone = Tone(440);
        var noise = AudioPerturbation.AddNoise(tone, 10).Zip(tone, (noisy, clean) => (double)noisy - clean).ToArray();
        (10 * Math.Log10(Power(tone) / noise.Average(sample => sample * sample))).Should().BeApproximately(10, 0.2);
    }

    [Fact]
    public void Sound_too_short_to_stretch_stays_as_it_is() =>
        AudioPerturbation.TimeStretch(new float[1000], 1.1).Should().HaveCount(1000);

    private static float[] Tone(double hertz) =>
        [.. Enumerable.Range(0, 2 * Rate).Select(i => (float)(0.5 * Math.Sin(2 * Math.PI * hertz * i / Rate)))];

    private static double Power(float[] samples) => samples.Average(sample => (double)sample * sample);

    /// <summary>From the zero crossings of the middle second.</summary>
    private static double PitchOf(float[] samples)
    {
        var middle = samples.AsSpan(samples.Length / 2 - Rate / 2, Rate);
        var crossings = 0;
        for (var i = 1; i < middle.Length; i++)
        {
            if (middle[i - 1] < 0 && middle[i] >= 0) crossings++;
        }
        return crossings;
    }
}
