using OpenMU.Mir.Audio;
using OpenMU.Music;

namespace OpenMU.Mir.Tests;

/// <summary>A measurement with something in every field, and one of silence.</summary>
internal static class Measured
{
    public static TrackMeasurement Song { get; } = new(
        new AudioInfo("flac", "flac", 44_100, 2, "stereo", 4)
        {
            Title = "A \"song\"",
            Artist = "Björk",
            Album = "Tests",
            Isrc = "USABC2400001"
        },
        DurationSeconds: 4,
        new LoudnessMeasurement(-14.25, 6.5, -0.8),
        new QualityReport(SoundFaults.Clipped | SoundFaults.MonoAsStereo, 0, 0.5, 0, 0.01, 0.001, 16_000, 0, 0),
        new Tempo(117.6471, 0.9, [new TempoReading(58.8, 0.1)]),
        new BeatTrack(
            [new Beat(0.0211, 4), new Beat(0.5311, 1), new Beat(1.0411, 2), new Beat(1.5511, 3)],
            new Metre(4, 4), 0.7, 0.8),
        new KeyEstimate(
            MusicalKey.Parse("C# minor"), 0.75, 3.5, [new KeyAlternative(MusicalKey.Parse("E major"), 0.2)],
            [new KeySegment(0, 2, MusicalKey.Parse("C# minor"), 0.8), new KeySegment(2, 4, null, 0.5)]),
        [
            new ChordSegment(0, 0.5311, "N", 1), new ChordSegment(0.5311, 1.0411, "C#:min", 0.9),
            new ChordSegment(1.0411, 1.5511, "F#:min7/b3", 0.8),
            new ChordSegment(1.5511, 2.4, "B:sus2", 0.6), new ChordSegment(2.4, 4, "E:5", 0.5),
        ],
        [new Section(0.0211, 2.4, "A", "intro", 0.7), new Section(2.4, 4, "B")]);

    public static TrackMeasurement Silence { get; } = new(
        new AudioInfo("wav", "pcm_s16le", 8000, 1, null, null),
        DurationSeconds: 1.5,
        new LoudnessMeasurement(null, null, null),
        new QualityReport(SoundFaults.Silent, 1.5, 0, 0, 0, 0, null, 0, 0),
        Tempo: null,
        BeatTrack.None,
        new KeyEstimate(null, 1, 0, [], [new KeySegment(0, 1.5, null, 1)]),
        [new ChordSegment(0, 1.5, "N", 1)], []);
}
