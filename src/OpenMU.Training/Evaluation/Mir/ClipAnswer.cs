using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;
using OpenMU.Music;

namespace OpenMU.Training.Evaluation.Mir;

/// <summary>What the tools say of a clip.</summary>
/// <param name="Tempo">Beats a minute, null for none.</param>
/// <param name="Key">Such as <c>"C# minor"</c>, null for none.</param>
/// <param name="Beats">Seconds.</param>
/// <param name="Downbeats">Seconds.</param>
/// <param name="Chords">Segments in Harte syntax.</param>
public sealed record ClipAnswer(
    double? Tempo, string? Key, IReadOnlyList<double> Beats, IReadOnlyList<double> Downbeats,
    IReadOnlyList<ChordSegment> Chords)
{
    /// <summary>Such as <c>"3/4"</c>, null for none.</summary>
    public string? Metre { get; init; }

    /// <summary>The parts of the form.</summary>
    public IReadOnlyList<Section> Sections { get; init; } = [];

    /// <summary>How far the music lies from A = 440 Hz; null where that was not asked.</summary>
    public double? TuningCents { get; init; }

    /// <summary>
    /// Confidence of the tempo, of its pulse on whichever metrical level, of the metre and of the key, 0 to 1.
    /// </summary>
    public (double Tempo, double Pulse, double Metre, double Key) Confidence { get; init; }

    /// <summary>What our own tools say.</summary>
    /// <param name="waveform">At <see cref="TrackMeasurer.FeatureRate"/>.</param>
    public static ClipAnswer Of(Waveform waveform)
    {
        var onsets = OnsetStrength.Of(waveform);
        var tempo = TempoEstimator.Estimate(onsets);
        var beats = BeatTracker.Track(onsets, tempo);
        var extractor = new ChromaExtractor(waveform.SampleRate);
        extractor.Push(waveform.Samples);
        var chromagram = extractor.Finish();
        var key = KeyEstimator.Estimate(chromagram);
        return new ClipAnswer(
            tempo?.Bpm, key.Key?.Name, beats.Times, beats.Downbeats, ChordEstimator.Estimate(chromagram, beats.Times))
        {
            Metre = beats.Metre?.Label,
            Sections = SectionFinder.Find(onsets, chromagram, beats),
            TuningCents = key.TuningCents,
            Confidence = (
                tempo?.Confidence ?? 0, tempo?.PulseConfidence ?? 0, beats.MetreConfidence,
                key.Key is null ? 0 : key.Confidence),
        };
    }
}
