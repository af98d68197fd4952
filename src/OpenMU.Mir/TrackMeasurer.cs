using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir;

/// <summary>
/// Runs all tools over a file, whatever its length, in one decode and in memory bounded by the features.
/// </summary>
public static class TrackMeasurer
{
    /// <summary>Hz of the mono signal that the musical tools work on.</summary>
    public const int FeatureRate = 22_050;

    /// <summary>Measures a file.</summary>
    /// <param name="path">Any regular file.</param>
    /// <param name="limits">Bounds on time, memory and length.</param>
    /// <param name="progress">Told the share of the file that is done, 0 to 1; may be null.</param>
    /// <param name="cancel">Ends the decoder and the measurement.</param>
    /// <param name="excerpt">Hears the same mono signal as the musical tools; may be null.</param>
    /// <param name="clock">Told how long decoding and measuring took; may be null.</param>
    /// <exception cref="UnreadableAudioException">The file cannot be analysed; its message says why.</exception>
    /// <exception cref="DecoderUnavailableException">
    /// The decoder does not work here, which says nothing about the file.
    /// </exception>
    public static async Task<TrackMeasurement> MeasureAsync(
        string path, DecodeLimits limits, IProgress<double>? progress, CancellationToken cancel,
        Excerpt? excerpt = null,
        MeasurerClock? clock = null)
    {
        clock ??= new MeasurerClock();
        await using var decoder = await AudioFile.OpenAsync(path, limits, cancel);
        var info = decoder.Info;
        var loudness = new LoudnessMeter(AudioDecoder.SampleRate, decoder.Channels, info.ChannelLayout);
        var quality = new QualityMeter(AudioDecoder.SampleRate, decoder.Channels, info.ChannelLayout, info.SampleRate);
        var music = new Music(excerpt);
        while (await clock.DecodedAsync(decoder) is { Length: > 0 } block)
        {
            loudness.Push(block.Span);
            quality.Push(block.Span);
            music.Push(MonoMix.Mean(block.Span, decoder.Channels, music.Mono));
            if (info.EstimatedSeconds > 0) progress?.Report(Math.Min(1, decoder.Seconds / info.EstimatedSeconds.Value));
        }

        var report = quality.Finish(decoder.BrokenSamples, decoder.Errors, decoder.IsTruncated, decoder.ClaimedSeconds);
        // Channels that cancel out leave nothing of the music in their mean. That shows only at the end, and is rare:
        // listen again.
        if (report.Faults.HasFlag(SoundFaults.Antiphase))
            music = await HearSignedAsync(path, info, quality.MixSigns, limits, excerpt, clock, cancel);
        progress?.Report(1);
        var measured = music.Finish(info, decoder.Seconds, loudness.Finish(), report);
        clock.Stop();
        return measured;
    }

    private static async Task<Music> HearSignedAsync(
        string path, AudioInfo info, float[] signs, DecodeLimits limits, Excerpt? excerpt, MeasurerClock clock,
        CancellationToken cancel)
    {
        excerpt?.Restart();
        var music = new Music(excerpt);
        await using var decoder = AudioFile.Open(path, info, limits, cancel);
        while (await clock.DecodedAsync(decoder) is { Length: > 0 } block)
            music.Push(MonoMix.MeanWithSigns(block.Span, signs, music.Mono));
        return music;
    }

    /// <summary>The musical tools and what they have heard.</summary>
    private sealed class Music(Excerpt? excerpt)
    {
        private readonly Resampler resampler = new(AudioDecoder.SampleRate, FeatureRate);
        private readonly OnsetStrength onsets = new();
        private readonly ChromaExtractor chroma = new(FeatureRate);

        /// <summary>Room to mix a block in.</summary>
        public float[] Mono { get; } = new float[AudioDecoder.BlockFrames];

        public void Push(ReadOnlySpan<float> mono)
        {
            excerpt?.Push(mono);
            Hear(resampler.Push(mono));
        }

        public TrackMeasurement Finish(
            AudioInfo info, double seconds, LoudnessMeasurement loudness, QualityReport quality)
        {
            Hear(resampler.Finish());
            var rhythm = onsets.Finish();
            var tempo = TempoEstimator.Estimate(rhythm);
            var beats = BeatTracker.Track(rhythm, tempo);
            var harmony = chroma.Finish();
            return new TrackMeasurement(
                info, seconds, loudness, quality, tempo, beats, KeyEstimator.Estimate(harmony),
                ChordEstimator.Estimate(harmony, beats.Times), SectionFinder.Find(rhythm, harmony, beats));
        }

        private void Hear(ReadOnlySpan<float> samples)
        {
            onsets.Push(samples);
            chroma.Push(samples);
        }
    }
}
