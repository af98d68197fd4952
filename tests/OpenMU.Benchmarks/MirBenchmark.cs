using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Benchmarks;

/// <summary>
/// How fast the measuring tools are on one core, as a whole and by stage, next to other programs on the same file.
/// </summary>
internal static class MirBenchmark
{
    private const int Repetitions = 3;

    public static async Task<int> RunAsync(string[] files)
    {
        if (files.Length == 0) return 2;
        if (await OneCore.RestartAsync(["mir", .. files]) is { } code) return code;
        foreach (var file in files) await RunAsync(file);
        return 0;
    }

    private static async Task RunAsync(string file)
    {
        var duration = (await TrackMeasurer.MeasureAsync(
            file, DecodeLimits.Default, progress: null, CancellationToken.None)).DurationSeconds;
        Console.WriteLine($"{Path.GetFileName(file)}: {duration:0.0} s, {Environment.ProcessorCount} core; best of "
            + $"{Repetitions}. Processor time includes ffmpeg's.");
        Timing.PrintHead();
        Task Measure() =>
            TrackMeasurer.MeasureAsync(file, DecodeLimits.Default, progress: null, CancellationToken.None);
        await TimeAsync("everything", duration, Measure);

        await TimeAsync("  decode", duration, async () => await ForEachBlockAsync(file, _ => { }));
        await TimeAsync("  decode behind ffprobe", duration, () => DecodeBehindFfprobeAsync(file));
        var blocks = new List<float[]>();
        var channels = await ForEachBlockAsync(file, block => blocks.Add(block.ToArray()));
        Time("  loudness and true peak", duration, () => Loudness(blocks, channels));
        Time("  quality", duration, () => Quality(blocks, channels));
        Time("  to mono at 22,050 Hz", duration, () => Resample(blocks, channels, _ => { }));
        var mono = new List<float>();
        Resample(blocks, channels, samples => mono.AddRange(samples));
        var samples = mono.ToArray();
        Time("  onsets", duration, () => Onsets(samples));
        var onsets = Onsets(samples);
        Time("  tempo and beats", duration, () => BeatTracker.Track(onsets, TempoEstimator.Estimate(onsets)));
        Time("  spectrum for harmony", duration, () => Chroma(samples));
        // A chromagram remembers what the chord network said of it, so each repetition needs a fresh one.
        Time("  that, then key and chords", duration, () => Harmony(samples));

        await MirPeers.RunAsync(file, duration);
    }

    private static async Task<int> ForEachBlockAsync(string file, Action<ReadOnlySpan<float>> use)
    {
        await using var decoder = await AudioFile.OpenAsync(file, DecodeLimits.Default, CancellationToken.None);
        while (await decoder.ReadAsync() is { Length: > 0 } block) use(block.Span);
        return decoder.Channels;
    }

    /// <summary>As files are decoded that need two programs to be started.</summary>
    private static async Task DecodeBehindFfprobeAsync(string file)
    {
        var info = await AudioFile.ProbeAsync(file, DecodeLimits.Default, CancellationToken.None);
        await using var decoder = AudioFile.Open(file, info, DecodeLimits.Default, CancellationToken.None);
        while (await decoder.ReadAsync() is { Length: > 0 }) { }
    }

    private static void Loudness(List<float[]> blocks, int channels)
    {
        var meter = new LoudnessMeter(AudioDecoder.SampleRate, channels, layout: null);
        foreach (var block in blocks) meter.Push(block);
        meter.Finish();
    }

    private static void Quality(List<float[]> blocks, int channels)
    {
        var meter = new QualityMeter(AudioDecoder.SampleRate, channels);
        foreach (var block in blocks) meter.Push(block);
        meter.Finish(brokenSamples: 0, decodeErrors: 0);
    }

    private static void Resample(List<float[]> blocks, int channels, Action<ReadOnlySpan<float>> use)
    {
        var resampler = new Resampler(AudioDecoder.SampleRate, TrackMeasurer.FeatureRate);
        var mono = new float[AudioDecoder.BlockFrames];
        foreach (var block in blocks) use(resampler.Push(MonoMix.Mean(block, channels, mono)));
        use(resampler.Finish());
    }

    private static Chromagram Chroma(float[] samples)
    {
        var extractor = new ChromaExtractor(TrackMeasurer.FeatureRate);
        extractor.Push(samples);
        return extractor.Finish();
    }

    private static void Harmony(float[] samples)
    {
        var chroma = Chroma(samples);
        KeyEstimator.Estimate(chroma);
        ChordEstimator.Estimate(chroma);
    }

    private static OnsetEnvelope Onsets(float[] samples)
    {
        var extractor = new OnsetStrength();
        extractor.Push(samples);
        return extractor.Finish();
    }

    private static void Time(string name, double duration, Action action) => TimeAsync(name, duration, () =>
    {
        action();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    private static async Task TimeAsync(string name, double duration, Func<Task> action) =>
        (await Timing.OfAsync(Repetitions, action)).Print(name, duration);
}
