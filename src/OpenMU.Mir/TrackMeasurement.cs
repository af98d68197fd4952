using OpenMU.Mir.Audio;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>Everything that the tools say about one file.</summary>
/// <param name="Info">What the file says about itself.</param>
/// <param name="DurationSeconds">Length of the decoded sound.</param>
/// <param name="Loudness">How loud it is.</param>
/// <param name="Quality">The state of the recording.</param>
/// <param name="Tempo">Null where nothing repeats.</param>
/// <param name="Beats">Beats and downbeats; none where there is no tempo.</param>
/// <param name="Key">The key over time, and the tuning.</param>
/// <param name="Chords">Chords without gaps from the start to the end.</param>
/// <param name="Sections">The parts of its form; none for short music.</param>
public sealed record TrackMeasurement(
    AudioInfo Info,
    double DurationSeconds,
    LoudnessMeasurement Loudness,
    QualityReport Quality,
    Tempo? Tempo,
    BeatTrack Beats,
    KeyEstimate Key,
    IReadOnlyList<ChordSegment> Chords,
    IReadOnlyList<Section> Sections)
{
    /// <summary>The tempo as it changes; one stretch where it holds, none where there is none.</summary>
    public IReadOnlyList<TempoSegment> TempoSegments => TempoCurve.Of(Beats.Beats, Tempo?.Bpm);

    /// <summary>What a model may ask the tools for.</summary>
    public MusicalFacts Facts => new()
    {
        Bpm = Tempo?.Bpm,
        Key = Key.Key,
        Metre = Beats.Metre,
        DurationSeconds = DurationSeconds,
        Lufs = Loudness.IntegratedLufs,
        LoudnessRange = Loudness.RangeLu,
        Beats = Beats.Beats,
        Chords = Chords,
    };
}
