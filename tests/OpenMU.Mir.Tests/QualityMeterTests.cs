using OpenMU.Mir.Audio;
using OpenMU.Mir.Tests.Audio;

namespace OpenMU.Mir.Tests;

public sealed class QualityMeterTests : IDisposable
{
    private const int Rate = AudioDecoder.SampleRate;
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sound_recording_has_no_flags()
    {
        var report = Measure(TestFolder.Noise(10, 0.5, seed: 1), TestFolder.Noise(10, 0.5, seed: 2));
        report.Faults.Should().Be(SoundFaults.None);
        report.BandwidthHz.Should().BeGreaterThan(21_000);
        report.ClippedSeconds.Should().Be(0);
    }

    [Fact]
    public void Silence_is_found_at_the_start_at_the_end_and_between()
    {
        float[] samples =
        [
            .. Silence(3), .. TestFolder.Noise(2, 0.5, seed: 1), .. Silence(12),
            .. TestFolder.Noise(2, 0.5, seed: 2), .. Silence(4.5)
        ];
        var report = Measure(samples);
        report.Faults.Should().Be(SoundFaults.SilentStart | SoundFaults.SilentGap | SoundFaults.SilentEnd);
        report.SilentStartSeconds.Should().BeApproximately(3, 0.011);
        report.LongestGapSeconds.Should().BeApproximately(12, 0.021);
        report.SilentEndSeconds.Should().BeApproximately(4.5, 0.011);
    }

    [Fact]
    public void A_track_of_silence_or_faint_noise_is_silent()
    {
        Measure(Silence(5)).Should().Be(new QualityReport(SoundFaults.Silent, 5, 0, 0, 0, 0, null, 0, 0));
        Measure(TestFolder.Noise(5, 1.0 / 32768, seed: 1)).Faults.Should().HaveFlag(SoundFaults.Silent);
        Measure(Silence(0)).SilentStartSeconds.Should().Be(0);
    }

    [Fact]
    public void Flat_tops_are_clipping_and_single_full_scale_samples_are_not()
    {
        var sine = TestFolder.Sine(441, 10, amplitude: 2);
        var clipped = Measure([.. sine.Select(x => Math.Clamp(x, -1, 1))]);
        clipped.Faults.Should().HaveFlag(SoundFaults.Clipped);
        clipped.ClippedSeconds.Should().BeApproximately(10 * 2 / 3.0, 0.2);
        Measure(TestFolder.Sine(441, 10, amplitude: 1)).Faults.Should().NotHaveFlag(SoundFaults.Clipped);
    }

    [Fact]
    public void A_shifted_zero_line_is_a_DC_offset()
    {
        var report = Measure(
            TestFolder.Noise(5, 0.3, seed: 1), [.. TestFolder.Noise(5, 0.3, seed: 2).Select(x => x - 0.2f)]);
        report.Faults.Should().Be(SoundFaults.DcOffset);
        report.DcOffset.Should().BeApproximately(-0.2, 0.005);
    }

    [Fact]
    public void The_relation_of_the_sides_is_recognised()
    {
        var (a, b) = (TestFolder.Noise(5, 0.5, seed: 1), TestFolder.Noise(5, 0.5, seed: 2));
        Measure(a, a).Faults.Should().Be(SoundFaults.MonoAsStereo);
        Measure(a, [.. a.Select(x => -x)]).Faults.Should().Be(SoundFaults.Antiphase);
        Measure(a, new float[a.Length]).Faults.Should().Be(SoundFaults.OneSided);
        Measure(a, b).Faults.Should().Be(SoundFaults.None);
    }

    [Fact]
    public void The_relation_of_more_than_two_channels_is_recognised()
    {
        var (a, b, c) =
            (TestFolder.Noise(2, 0.5, seed: 1), TestFolder.Noise(2, 0.5, seed: 2), TestFolder.Noise(2, 0.5, seed: 3));
        float[] silence = new float[a.Length], against = [.. a.Select(x => -x)], soft = [.. a.Select(x => 0.3f * x)];
        Measure(a, b, c).Faults.Should().Be(SoundFaults.None);
        Measure(a, a, a).Faults.Should().Be(SoundFaults.MonoAsStereo);
        Measure(a, a, soft, silence, soft, soft).Faults.Should()
            .Be(SoundFaults.MonoAsStereo, "the same song at different levels is one signal");
        Measure(silence, silence, a, silence, silence, silence).Faults.Should()
            .Be(SoundFaults.MonoAsStereo, "the centre alone is mono");
        Measure(a, silence, silence, silence, b, silence).Faults.Should()
            .Be(SoundFaults.OneSided, "front and back of the left side");
        Measure(silence, a, silence, b).Faults.Should().Be(SoundFaults.OneSided);
        Measure(a, b, against, [.. b.Select(x => -x)]).Faults.Should().Be(SoundFaults.Antiphase);
        Measure(a, against, silence, silence, silence, silence).Faults.Should().Be(SoundFaults.Antiphase);
        Measure(a, b, silence, c, silence, silence).Faults.Should()
            .Be(SoundFaults.None, "stereo in a surround file is sound");
    }

    [Theory]
    [InlineData("-ar 8000", 3000, 4700, false)]
    [InlineData("-ar 16000", 6500, 9000, false)]
    [InlineData("-ar 22050", 9500, 12_500, false)]
    [InlineData("-af aresample=8000,aresample=44100", 3000, 4700, true)]
    [InlineData("-af aresample=8000,aresample=22050", 3000, 4700, true)]
    [InlineData("-b:a 64k -c:a libmp3lame", 8000, 12_000, true)]
    [InlineData("-b:a 320k -c:a libmp3lame", 18_000, 22_050, false)]
    public async Task A_spectrum_that_was_cut_below_the_file_s_own_band_is_flagged(string coding, double low,
        double high, bool isFlagged)
    {
        folder.WriteWav("source.wav", [TestFolder.Noise(5, 0.5, seed: 1), TestFolder.Noise(5, 0.5, seed: 2)]);
        folder.Ffmpeg(["-i", "source.wav", .. coding.Split(' '), "coded.mka"]);
        var report = (await TrackMeasurer.MeasureAsync(
            folder["coded.mka"], DecodeLimits.Default, progress: null, CancellationToken.None)).Quality;
        report.BandwidthHz.Should().BeInRange(low, high);
        report.Faults.HasFlag(SoundFaults.LowBandwidth).Should().Be(isFlagged);
    }

    [Fact]
    public void A_dark_sound_without_an_edge_is_not_called_cut() =>
        Quality.Estimate(new Waveform(TestFolder.Sine(440, 5), Rate)).Faults.Should().Be(SoundFaults.None);

    [Fact]
    public void The_size_of_the_blocks_does_not_change_the_result()
    {
        float[][] channels =
            [[.. Silence(1.5), .. TestFolder.Sine(441, 3, amplitude: 1.5)], TestFolder.Noise(4.5, 0.7, seed: 3)];
        var whole = Measure(channels, 100_000);
        foreach (var frames in (int[])[1, 7, 441, 16_384])
        {
            var report = Measure(channels, frames);
            (report with { DcOffset = whole.DcOffset }).Should().Be(whole);
            report.DcOffset.Should().BeApproximately(whole.DcOffset, 1e-6);
        }
    }

    private static float[] Silence(double seconds) => new float[(int)(seconds * Rate)];

    private static QualityReport Measure(params float[][] channels) => Measure(channels, 10_000);

    private static QualityReport Measure(float[][] channels, int blockFrames)
    {
        var meter = new QualityMeter(Rate, channels.Length);
        var interleaved = new float[channels[0].Length * channels.Length];
        for (var i = 0; i < interleaved.Length; i++)
            interleaved[i] = channels[i % channels.Length][i / channels.Length];
        foreach (var block in interleaved.Chunk(blockFrames * channels.Length)) meter.Push(block);
        return meter.Finish(brokenSamples: 0, decodeErrors: 0);
    }
}
