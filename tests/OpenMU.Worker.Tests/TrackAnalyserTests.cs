using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

public sealed class TrackAnalyserTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-analyser-");
    private readonly TrackAnalyser analyser = new(DecodeLimits.Default, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_becomes_measurements_whatever_it_is_called()
    {
        var analysis = await AnalyseAsync(Write("no extension", TestSound.Tone(5, 440)));

        analysis.Should().BeEquivalentTo(
            new { Codec = "pcm_s16le", SampleRate = 22_050, Channels = 1, Title = (string?)null });
        analysis.DurationSeconds.Should().BeApproximately(5, 0.01);
        analysis.IntegratedLufs.Should().BeInRange(-20, -8);
        analysis.TruePeakDbtp.Should().BeApproximately(
            20 * Math.Log10(12_000 / 32_768.0), 0.2, "the tone's amplitude is 12,000 of 32,768");
    }

    [Fact]
    public async Task Every_stored_measurement_names_one_source_with_version_licence_and_seconds_heard()
    {
        var analysis = await AnalyseAsync(Write("a.wav", TestSound.Tone(5, 440)));

        analysis.Sources.Select(source => source.Field).Should().OnlyHaveUniqueItems().And.Contain(
        [
            nameof(Analysis.DurationSeconds), nameof(Analysis.Codec), nameof(Analysis.Bpm), nameof(Analysis.Beats),
            nameof(Analysis.Key), nameof(Analysis.Camelot),
            nameof(Analysis.Chords), nameof(Analysis.IntegratedLufs), nameof(Analysis.TruePeakDbtp),
            nameof(Analysis.QualityFlags),
        ]);
        analysis.Sources.Should().AllSatisfy(source =>
        {
            typeof(Analysis).GetProperty(source.Field)
                .Should().NotBeNull("{0} must be a member of the analysis", source.Field);
            source.Version.Should().MatchRegex(@"^\d+\.\d+\.\d+$");
            source.LicenceClass.Should().Be("open");
        });
        analysis.Sources.Single(source => source.Field == nameof(Analysis.IntegratedLufs)).SecondsHeard
            .Should().Be(analysis.DurationSeconds);
    }

    [Fact]
    public async Task Silence_has_a_length_and_a_flag_but_neither_tempo_nor_key_nor_loudness()
    {
        var analysis = await AnalyseAsync(Write("silence.wav", TestSound.Tone(3, 0)));

        analysis.Should().BeEquivalentTo(
            new { Bpm = (double?)null, Key = (MusicalKey?)null, IntegratedLufs = (double?)null, Metre = (int?)null });
        analysis.QualityFlags.Should().Contain("silent");
        analysis.DurationSeconds.Should().BeApproximately(3, 0.01);
    }

    [Fact]
    public async Task What_the_model_hears_is_stored_and_a_clip_is_heard_alike()
    {
        using var listener = ModelSession.Open(
            new WorkerOptions { ModelFolder = SmallRandomModel.Write(folder.FullName), ModelThreads = 1 })!;
        var hearing = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
        var path = Write("a.wav", TestSound.Tone(5, 440));

        using var progress = new JobProgress(new WorkerOptions(), TimeProvider.System);
        var analysis = await hearing.AnalyseAsync(path, SaidOfTrack.Nothing, progress, Cancel);
        var clip = await hearing.HearAsync(path, Cancel);

        analysis.Embedding!.ModelVersion.Should().Be(listener.Version);
        analysis.Embedding.Dimensions.Should().Be(clip.Vector.Count).And.BePositive();
        analysis.Embedding.ToArray().Zip(clip.Vector, (a, b) => a * b).Sum().Should().BeApproximately(1, 1e-3f);
        (clip.Bpm, clip.Key).Should().Be((analysis.Bpm, analysis.Key));
    }

    [Fact]
    public async Task What_is_no_audio_is_refused_with_a_sentence()
    {
        var path = Write("text.mp3", "This is not music."u8.ToArray());

        (await this.Awaiting(test => test.AnalyseAsync(path)).Should().ThrowAsync<UnreadableAudioException>())
            .WithMessage("This is not audio, or it is too damaged to be recognised.");
    }

    private async Task<Analysis> AnalyseAsync(string path)
    {
        using var progress = new JobProgress(new WorkerOptions(), TimeProvider.System);
        return await analyser.AnalyseAsync(path, SaidOfTrack.Nothing, progress, Cancel);
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
