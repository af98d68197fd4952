using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Testing;
using OpenMU.Training.Data;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Data;

public sealed class FeatureCacheTests : IDisposable
{
    private static readonly AudioMaeConfig Audio = ToyDataSet.Config.Audio;
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-features-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Inputs_are_what_the_model_will_hear(bool repeated)
    {
        using var scope = NewDisposeScope();
        Recording[] sounds = [Track("short", 0.4), Track("long", 5)];
        var audio = Audio with { RepeatsShort = repeated };
        using var cache = FeatureCache.Open(
            Path.Combine(folder, "log_mel.safetensors"), sounds, audio, CPU, threads: 2);
        using var preprocessor = new AudioPreprocessor(audio);
        var inputs = cache.Inputs(tensor([0L, 1L]), audio).to(float32);
        for (var i = 0; i < 2; i++)
            inputs[i].ShouldBeCloseTo(preprocessor.ModelInput(sounds[i].Read()), 1e-3, sounds[i].Id);
    }

    [Fact]
    public void A_window_over_the_end_goes_on_at_the_beginning()
    {
        using var scope = NewDisposeScope();
        using var cache = Open([Track("a", 1.5), Track("b", 2)]);
        var length = cache.LengthOf(1);
        var window = cache.Windows(tensor([1L]), tensor([length - 10]), 64);
        window[0, 0, 10..].ShouldBeCloseTo(cache.Windows(tensor([1L]), tensor([0L]), 54)[0, 0], 0);
    }

    [Fact]
    public void The_file_is_made_once_and_again_for_other_clips()
    {
        var heard = 0;
        Recording Counted(string id) =>
            new(id, () => { Interlocked.Increment(ref heard); return Track(id, 1).Read(); });
        Open([Counted("a"), Counted("b")]).Dispose();
        Open([Counted("a"), Counted("b")]).Dispose();
        heard.Should().Be(2);
        using var other = Open([Counted("a"), Counted("c")]);
        heard.Should().Be(4);
        other.IndexOf("c").Should().Be(1);
    }

    [Fact]
    public void A_recording_that_cannot_be_read_is_left_out_and_not_tried_again()
    {
        using var scope = NewDisposeScope();
        var tried = 0;
        var unreadable = new Recording("b", () => { Interlocked.Increment(ref tried); return []; });
        Open([Track("a", 1), unreadable, Track("c", 2)]).Dispose();
        using var cache = Open([Track("a", 1), unreadable, Track("c", 2)]);
        tried.Should().Be(1);
        cache.Ids.Should().Equal("a", "c");
        using var preprocessor = new AudioPreprocessor(Audio);
        cache.Inputs(tensor([1L]), Audio)
            .to(float32)[0].ShouldBeCloseTo(preprocessor.ModelInput(Track("c", 2).Read()), 1e-3);
        FluentActions.Invoking(() => cache.IndexOf("b")).Should().Throw<KeyNotFoundException>();
    }

    [Fact]
    public void Noise_is_the_same_for_the_same_seed_and_no_two_sounds_are_alike()
    {
        NoiseSounds.Make(4, 1, 0.5).Should().Equal(NoiseSounds.Make(4, 1, 0.5));
        NoiseSounds.Make(0, 1, 0.5).Should().NotEqual(NoiseSounds.Make(8, 1, 0.5));
        for (var i = 0; i < 16; i++)
            NoiseSounds.Make(i, 1, 0.5).Should().OnlyContain(sample => sample >= -1 && sample <= 1);
    }

    [Fact]
    public void A_wave_file_is_read_as_it_was_written()
    {
        var path = Path.Combine(folder, "tone.wav");
        ToyDataSet.WriteWave(path, 441, 0.5);
        var (samples, rate) = WaveFile.Read(path);
        rate.Should().Be(22050);
        samples.Should().HaveCount(11025);
        samples[0].Should().Be(0);
        samples.Max().Should().BeApproximately(0.25f, 1e-3f);
        File.WriteAllText(path, "no sound at all");
        FluentActions.Invoking(() => WaveFile.Read(path)).Should().Throw<InvalidDataException>();
    }

    private FeatureCache Open(Recording[] sounds) =>
        FeatureCache.Open(Path.Combine(folder, "log_mel.safetensors"), sounds, Audio, CPU, threads: 2);

    private static Recording Track(string id, double seconds) => new(id, () => NoiseSounds.Make(1, id.Length, seconds));
}
