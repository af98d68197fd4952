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
        (await MeasureAsync("cut.flac")).Quality.Faults.Should().Be(SoundFaults.DecodeErrors);
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

    private Task<TrackMeasurement> MeasureAsync(string name) => TrackMeasurer.MeasureAsync(folder[name], DecodeLimits.Default, progress: null, CancellationToken.None);

    private sealed class ProgressList : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
