using OpenMU.Mir.Audio;

namespace OpenMU.Mir;

/// <summary>Runs all tools over a file, whatever its length, in one decode and in memory bounded by the features.</summary>
public static class TrackMeasurer
{
    /// <summary>Hz of the mono signal that the musical tools work on.</summary>
    public const int FeatureRate = 22_050;

    /// <summary>Measures a file.</summary>
    /// <param name="path">Any regular file.</param>
    /// <param name="limits">Bounds on time, memory and length.</param>
    /// <param name="progress">Told the share of the file that is done, 0 to 1; may be null.</param>
    /// <param name="cancel">Ends the decoder and the measurement.</param>
    /// <exception cref="UnreadableAudioException">The file cannot be analysed; its message says why.</exception>
    public static async Task<TrackMeasurement> MeasureAsync(string path, DecodeLimits limits, IProgress<double>? progress, CancellationToken cancel)
    {
        var info = await AudioFile.ProbeAsync(path, limits, cancel);
        await using var decoder = AudioFile.Open(path, info, limits, cancel);
        var loudness = new LoudnessMeter(AudioDecoder.SampleRate, decoder.Channels, info.ChannelLayout);
        var quality = new QualityMeter(AudioDecoder.SampleRate, decoder.Channels);
        while (await decoder.ReadAsync() is { Length: > 0 } block)
        {
            loudness.Push(block.Span);
            quality.Push(block.Span);
            if (info.ProbedSeconds > 0) progress?.Report(Math.Min(1, decoder.Seconds / info.ProbedSeconds.Value));
        }

        progress?.Report(1);
        return new TrackMeasurement(info, decoder.Seconds, loudness.Finish(), quality.Finish(decoder.BrokenSamples, decoder.Errors, decoder.IsShorterThanClaimed));
    }
}
