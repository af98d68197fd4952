using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Mir.Audio;
using OpenMU.Mir.Tests.Audio;

namespace OpenMU.Mir.Tests;

public sealed partial class LoudnessMeterTests : IDisposable
{
    private const int Rate = 48_000;
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    // The synthetic signals of EBU Tech 3341, table 1: 1 kHz stereo sines, peak level and seconds of each part.
    [Theory]
    [InlineData(-23, "-23 20")]
    [InlineData(-33, "-33 20")]
    [InlineData(-23, "-36 10, -23 60, -36 10")]
    [InlineData(-23, "-72 10, -36 10, -23 60, -36 10, -72 10")]
    [InlineData(-23, "-26 20, -20 20.1, -26 20")]
    public void The_integrated_loudness_of_the_EBU_test_signals_is_right(double expected, string parts)
    {
        var sine = Parts(parts);
        Measure(Rate, sine, sine).IntegratedLufs.Should().BeApproximately(expected, 0.1);
    }

    [Fact]
    public void The_EBU_surround_test_signal_has_minus_23_LUFS()
    {
        float[] At(double db) => Sine(1000, 20, db);
        Measure("5.1", Rate, At(-28), At(-28), At(-24), At(0), At(-30), At(-30)).IntegratedLufs
            .Should().BeApproximately(-23, 0.1);
    }

    // EBU Tech 3342, table 1.
    [Theory]
    [InlineData(10, "-20 20, -30 20")]
    [InlineData(5, "-20 20, -15 20")]
    [InlineData(20, "-40 20, -20 20")]
    [InlineData(15, "-50 20, -35 20, -20 20, -35 20, -50 20")]
    public void The_loudness_range_of_the_EBU_test_signals_is_right(double expected, string parts)
    {
        var sine = Parts(parts);
        Measure(Rate, sine, sine).RangeLu.Should().BeApproximately(expected, 1);
    }

    // EBU Tech 3341: a quarter of the sampling rate, sampled far from its peaks; +0.2 / -0.4 dB are allowed.
    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 45)]
    [InlineData(6, 60)]
    [InlineData(8, 67.5)]
    public void The_true_peak_of_a_sine_is_found_between_its_samples(double samplesPerCycle, double phaseDegrees)
    {
        var sine = Enumerable.Range(0, Rate)
            .Select(i => (float)(0.5 * Math.Sin((2 * Math.PI * i / samplesPerCycle) + (phaseDegrees * Math.PI / 180))
                * Math.Min(1, Math.Min(i, Rate - i) / 1000.0)))
            .ToArray();
        Measure(Rate, sine, sine).TruePeakDbtp.Should().BeInRange(-6.02 - 0.4, -6.02 + 0.2);
    }

    // The white noise is dulled: ffmpeg's oversampling fades the last percents below Nyquist, which matters for
    // full-scale noise alone.
    [Theory]
    [InlineData("anoisesrc=d=12:c=pink:a=0.4:r=44100:seed=1,aformat=channel_layouts=mono,tremolo=f=0.15:d=0.9", 1)]
    [InlineData("anoisesrc=d=12:c=white:a=0.9:r=44100:seed=2,lowpass=f=15000,aformat=channel_layouts=stereo", 2)]
    [InlineData("sine=f=60:r=44100:d=8,volume=3dB,aformat=channel_layouts=stereo", 2)]
    [InlineData("aevalsrc=exprs=0.6*sin(11025*2*PI*t+0.7)*(0.1+0.9*mod(t\\,4)/4)|0.2*random(0):s=44100:d=15", 2)]
    [InlineData("aevalsrc=exprs=0.2*random(0)|0.2*random(1)|0.1*random(2)|0.9*random(3)|0.3*random(4)|"
        + "0.2*random(5):s=44100:d=10:c=5.1", 6)]
    public async Task Loudness_range_and_true_peak_are_those_of_ffmpegs_ebur128(string source, int channels)
    {
        folder.Ffmpeg("-f", "lavfi", "-i", source, "-c:a", "pcm_f32le", "a.wav");
        var said = folder.Ffmpeg("-i", "a.wav", "-af", "ebur128=peak=true", "-f", "null", "-");
        double Said(string name) => double.Parse(
            Summary().Matches(said[said.LastIndexOf("Summary:", StringComparison.Ordinal)..])
                .First(match => match.Groups[1].Value == name).Groups[2].Value, CultureInfo.InvariantCulture);

        var info = await AudioFile.ProbeAsync(folder["a.wav"], DecodeLimits.Default, CancellationToken.None);
        info.Channels.Should().Be(channels);
        await using var decoder = AudioFile.Open(folder["a.wav"], info, DecodeLimits.Default, CancellationToken.None);
        var meter = new LoudnessMeter(AudioDecoder.SampleRate, decoder.Channels, info.ChannelLayout);
        while (await decoder.ReadAsync() is { Length: > 0 } block) meter.Push(block.Span);
        var measured = meter.Finish();
        measured.IntegratedLufs.Should().BeApproximately(Said("I"), 0.1);
        measured.RangeLu.Should().BeApproximately(Said("LRA"), 0.2);
        measured.TruePeakDbtp.Should().BeApproximately(Said("Peak"), 0.2);
    }

    [Fact]
    public void Silence_has_no_loudness()
    {
        Measure(Rate, new float[10 * Rate]).Should().Be(new LoudnessMeasurement(null, null, null));
        Measure(Rate, Array.Empty<float>()).Should().Be(new LoudnessMeasurement(null, null, null));
        Measure(Rate, Sine(1000, 10, -80)).IntegratedLufs.Should().BeNull();
    }

    [Fact]
    public void The_size_of_the_blocks_does_not_change_the_result()
    {
        float[][] noise =
        [
            TestFolder.Noise(5, 0.5, seed: 1, Rate), TestFolder.Noise(5, 0.1, seed: 2, Rate),
            TestFolder.Noise(5, 0.2, seed: 3, Rate)
        ];
        var whole = Measure("3.0", Rate, noise);
        foreach (var frames in (int[])[1, 7, 4799, 4800, 16_384])
            Measure("3.0", Rate, frames, noise).Should().Be(whole);
    }

    [Fact]
    public void A_waveform_is_measured_as_mono()
    {
        var wave = new Waveform(Sine(997, 5, -20), Rate);
        Loudness.Estimate(wave).IntegratedLufs.Should().BeApproximately(-23.01, 0.05);
    }

    [GeneratedRegex(@"(I|LRA|Peak):\s+(-?[\d.]+) (?:LUFS|LU|dBFS)")]
    private static partial Regex Summary();

    private static float[] Sine(double hertz, double seconds, double db) =>
        TestFolder.Sine(hertz, seconds, Math.Pow(10, db / 20), Rate);

    private static float[] Parts(string parts) =>
        [.. parts.Split(", ").Select(part => part.Split(' ')).SelectMany(part => Sine(
            1000, double.Parse(part[1], CultureInfo.InvariantCulture),
            double.Parse(part[0], CultureInfo.InvariantCulture)))];

    private static LoudnessMeasurement Measure(int rate, params float[][] channels) => Measure(null, rate, channels);

    private static LoudnessMeasurement Measure(string? layout, int rate, params float[][] channels) =>
        Measure(layout, rate, 10_000, channels);

    private static LoudnessMeasurement Measure(string? layout, int rate, int blockFrames, float[][] channels)
    {
        var meter = new LoudnessMeter(rate, channels.Length, layout);
        var interleaved = new float[channels[0].Length * channels.Length];
        for (var i = 0; i < interleaved.Length; i++)
            interleaved[i] = channels[i % channels.Length][i / channels.Length];
        foreach (var block in interleaved.Chunk(blockFrames * channels.Length)) meter.Push(block);
        return meter.Finish();
    }
}
