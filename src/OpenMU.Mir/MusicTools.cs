using System.Globalization;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>
/// The tools that a music-understanding model may name in its answer, as OpenMU (arXiv 2410.15573) published them: GetAudioChords (F1),
/// GetAudioTempo (F2), GetAudioKey (F3) and GetAudioDownbeat (F4). Results are the text that Python's str() makes of the published ones.
/// </summary>
public static class MusicTools
{
    // Keys from C major and C minor upwards, as the published key tool spells them.
    private static readonly string[] Keys =
    [
        "C major", "Db major", "D major", "Eb major", "E major", "F major", "F# major", "G major", "Ab major", "A major", "Bb major", "B major",
        "C minor", "C# minor", "D minor", "D# minor", "E minor", "F minor", "F# minor", "G minor", "G# minor", "A minor", "Bb minor", "B minor",
    ];

    /// <summary>Answers a call without arguments.</summary>
    /// <param name="name">Long or short name of a tool.</param>
    /// <param name="measured">The track that the question is about.</param>
    /// <returns>The result's text; null if there is no such tool or nothing was found, and the call should stay as it is.</returns>
    public static string? Call(string name, TrackMeasurement measured) => Call(name, measured.Tempo, measured.Beats, measured.Key, measured.Chords);

    /// <summary>Answers a call without arguments from measurements that were kept.</summary>
    public static string? Call(string name, TempoEstimate? tempo, BeatTrack beats, KeyEstimate key, IReadOnlyList<ChordSegment> chords) => name switch
    {
        "GetAudioChords" or "F1" => GetAudioChords(chords),
        "GetAudioTempo" or "F2" => GetAudioTempo(tempo),
        "GetAudioKey" or "F3" => GetAudioKey(key),
        "GetAudioDownbeat" or "F4" => GetAudioDownbeat(beats),
        _ => null,
    };

    /// <summary>Beats a minute to one decimal: <c>117.6</c>.</summary>
    public static string? GetAudioTempo(TempoEstimate? tempo) => tempo is null ? null : Float(tempo.Bpm, decimals: 1);

    /// <summary><c>A minor</c>.</summary>
    public static string? GetAudioKey(KeyEstimate key) => key.Key is null ? null : Keys[KeyNames.Number(key.Key)];

    /// <summary><c>[{'start_time': 0.0, 'end_time': 1.5, 'chord': 'Amajor'}, ...]</c>; neighbours of the same name are one.</summary>
    public static string? GetAudioChords(IReadOnlyList<ChordSegment> chords) => List(Chords.MajMinSegments(chords)
        .Select(chord => $"{{'start_time': {Float(chord.StartTime, 1)}, 'end_time': {Float(chord.EndTime, 1)}, 'chord': '{chord.Chord}'}}"));

    /// <summary><c>[{'time': 0.53, 'beat_number': 1}, ...]</c>: every beat, of which number 1 is the downbeat.</summary>
    public static string? GetAudioDownbeat(BeatTrack beats) =>
        List(beats.Times.Zip(beats.Numbers, (time, number) => $"{{'time': {Float(time, 2)}, 'beat_number': {number}}}"));

    private static string? List(IEnumerable<string> items) => items.Any() ? $"[{string.Join(", ", items)}]" : null;

    // Python writes a float with at least one decimal.
    private static string Float(double value, int decimals) => Math.Round(value, decimals).ToString("0.0###", CultureInfo.InvariantCulture);
}
