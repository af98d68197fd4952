using OpenMU.Mir.Audio;
using OpenMU.Music;

namespace OpenMU.Mir.Tests;

/// <summary>A measurement with something in every field, and one of silence.</summary>
internal static class Measured
{
    public static TrackMeasurement Song { get; } = new(
        new AudioInfo("flac", "flac", 44_100, 2, "stereo", 4) { Title = "A \"song\"", Artist = "Björk", Album = "Tests", Isrc = "USABC2400001" },
        DurationSeconds: 4,
        new LoudnessMeasurement(-14.25, 6.5, -0.8),
        new QualityReport(SoundFaults.Clipped | SoundFaults.MonoAsStereo, 0, 0.5, 0, 0.01, 0.001, 16_000, 0, 0),
        new TempoEstimate(117.6471, 0.9, [new TempoCandidate(58.8, 0.1)]),
        new BeatTrack([0.0211, 0.5311, 1.0411, 1.5511], [4, 1, 2, 3], "4/4", 0.7, 0.8),
        new KeyEstimate("C# minor", 0.75, "12A", "5m", 3.5, [new KeyAlternative("E major", 0.2)], [new KeySegment(0, 2, "C# minor", 0.8), new KeySegment(2, 4, null, 0.5)]),
        [
            new ChordSegment(0, 0.5311, "N", 1), new ChordSegment(0.5311, 1.0411, "C#:min", 0.9), new ChordSegment(1.0411, 1.5511, "F#:min7/b3", 0.8),
            new ChordSegment(1.5511, 2.4, "B:sus2", 0.6), new ChordSegment(2.4, 4, "E", 0.5),
        ]);

    public static TrackMeasurement Silence { get; } = new(
        new AudioInfo("wav", "pcm_s16le", 8000, 1, null, null),
        DurationSeconds: 1.5,
        new LoudnessMeasurement(null, null, null),
        new QualityReport(SoundFaults.Silent, 1.5, 0, 0, 0, 0, null, 0, 0),
        Tempo: null,
        BeatTrack.None,
        new KeyEstimate(null, 1, null, null, 0, [], [new KeySegment(0, 1.5, null, 1)]),
        [new ChordSegment(0, 1.5, "N", 1)]);
}
