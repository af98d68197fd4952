using OpenMU.Mir.Audio;
using OpenMU.Mir.Tests.Audio;

namespace OpenMU.Mir.Tests;

public sealed class TrackMeasurerTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_file_is_measured_as_a_whole()
    {
        folder.WriteWav("a.wav", [TestFolder.Sine(1000, 5, 0.1), TestFolder.Sine(1000, 5, 0.1)]);
        folder.Ffmpeg("-i", "a.wav", "-metadata", "title=A tone", "a.flac");
        var measured = await MeasureAsync("a.flac");
        measured.Info.Title.Should().Be("A tone");
        measured.DurationSeconds.Should().Be(5);
        measured.Loudness.IntegratedLufs.Should().BeApproximately(-20, 0.1);
        measured.Loudness.TruePeakDbtp.Should().BeApproximately(-20, 0.1);
        measured.Quality.Faults.Should().Be(SoundFaults.MonoAsStereo);
    }

    [Fact]
    public async Task Damage_is_flagged()
    {
        folder.WriteWav("good.wav", [TestFolder.Noise(10, 0.5, seed: 2)]);
        folder.Ffmpeg("-i", "good.wav", "good.flac");
        var flac = File.ReadAllBytes(folder["good.flac"]);
        folder.Write("cut.flac", flac[..(flac.Length / 2)]);
        var cut = await MeasureAsync("cut.flac");
        cut.Quality.Faults.Should().HaveFlag(SoundFaults.Truncated);
        cut.Quality.ClaimedSeconds.Should().Be(10);
        cut.DurationSeconds.Should().BeInRange(4, 6);
        var wave = File.ReadAllBytes(folder["good.wav"]);
        folder.Write("cut.wav", wave[..(wave.Length / 2)]);
        (await MeasureAsync("cut.wav")).Quality.ClaimedSeconds.Should().Be(10);
        var whole = (await MeasureAsync("good.flac")).Quality;
        (whole.Faults, whole.ClaimedSeconds).Should().Be((SoundFaults.None, null));
        folder.WriteWav("broken.wav", [[.. TestFolder.Noise(2, 0.5, seed: 2), float.NaN]]);
        (await MeasureAsync("broken.wav")).Quality.Faults.Should().Be(SoundFaults.BrokenSamples);
    }

    [Fact]
    public async Task Progress_rises_to_one()
    {
        folder.WriteWav("a.wav", [TestFolder.Noise(10, 0.5, seed: 2)]);
        var seen = new ProgressList();
        await TrackMeasurer.MeasureAsync(folder["a.wav"], DecodeLimits.Default, seen, CancellationToken.None);
        seen.Values.Should().BeInAscendingOrder().And.HaveCountGreaterThan(10);
        seen.Values[^1].Should().Be(1);
    }

    [Fact]
    public async Task Antiphase_stereo_is_heard_like_any_other()
    {
        var clicks = Clicks(120, seconds: 12);
        folder.WriteWav("stereo.wav", [clicks, clicks]);
        folder.WriteWav("antiphase.wav", [clicks, [.. clicks.Select(x => -x)]]);
        var (stereo, antiphase) = (await MeasureAsync("stereo.wav"), await MeasureAsync("antiphase.wav"));
        antiphase.Quality.Faults.Should().Be(SoundFaults.Antiphase);
        stereo.Tempo!.Bpm.Should().BeApproximately(120, 1.5);
        antiphase.Tempo!.Bpm.Should().Be(stereo.Tempo.Bpm);
        antiphase.Beats.Times.Should().Equal(stereo.Beats.Times).And.HaveCountGreaterThan(15);
    }

    [Fact]
    public async Task Surround_whose_channels_cancel_out_is_heard_like_any_other()
    {
        var clicks = Clicks(120, seconds: 12);
        float[] against = [.. clicks.Select(x => -x)];
        folder.WriteWav("mono.wav", [clicks]);
        folder.WriteWav("quad.wav", [clicks, clicks, against, against]);
        var (mono, quad) = (await MeasureAsync("mono.wav"), await MeasureAsync("quad.wav"));
        quad.Quality.Faults.Should().Be(SoundFaults.Antiphase);
        quad.Tempo!.Bpm.Should().Be(mono.Tempo!.Bpm);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(10)]
    public async Task Silence_of_any_length_has_no_music(double seconds)
    {
        folder.WriteWav("silence.wav", [new float[(int)(seconds * AudioDecoder.SampleRate)]]);
        var measured = await MeasureAsync("silence.wav");
        measured.Quality.Faults.Should().Be(SoundFaults.Silent);
        measured.Loudness.Should().Be(new LoudnessMeasurement(null, null, null));
        measured.Tempo.Should().BeNull();
        measured.Beats.Times.Should().BeEmpty();
    }

    [Fact]
    public async Task Two_runs_over_a_file_agree_whatever_was_measured_between()
    {
        folder.WriteWav("a.wav", [Clicks(97, seconds: 15)]);
        folder.WriteWav("b.wav", [TestFolder.Noise(5, 0.5, seed: 3)]);
        var first = await MeasureAsync("a.wav");
        await MeasureAsync("b.wav");
        (await MeasureAsync("a.wav")).Should().BeEquivalentTo(first);
    }

    private static float[] Clicks(double bpm, double seconds)
    {
        var samples = new float[(int)(seconds * AudioDecoder.SampleRate)];
        for (var beat = 0.0; beat < seconds - 0.1; beat += 60 / bpm)
        {
            var start = (int)(beat * AudioDecoder.SampleRate);
            for (var i = 0; i < 2000; i++)
            {
                samples[start + i] =
                    (float)(0.7 * Math.Sin(2 * Math.PI * 1000 * i / AudioDecoder.SampleRate) * Math.Exp(-i / 200.0));
            }
        }

        return samples;
    }

    private Task<TrackMeasurement> MeasureAsync(string name) =>
        TrackMeasurer.MeasureAsync(folder[name], DecodeLimits.Default, progress: null, CancellationToken.None);

    private sealed class ProgressList : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
