using OpenMU.Catalogue.Tracks;
using OpenMU.Mir;
using OpenMU.Model.Text;
using OpenMU.Music;

namespace OpenMU.Worker;

/// <summary>Answers the tools that a model calls from what has been measured of its track; nothing is measured again.</summary>
internal static class TrackTools
{
    /// <param name="analysis">The measurements.</param>
    /// <param name="correction">What a person has put right about the track stands above them; may be null.</param>
    public static ToolCallback Of(Analysis analysis, Correction? correction = null)
    {
        var bpm = correction?.Bpm ?? analysis.Bpm;
        var tempo = bpm is null ? null : new TempoEstimate(bpm.Value, analysis.BpmConfidence ?? 0, []);
        var beats = new BeatTrack([.. analysis.Beats.Select(beat => beat.Seconds)], [.. analysis.Beats.Select(beat => beat.Number)], Metre: null, MetreConfidence: 0, Confidence: 0);
        // A person may spell a key as MusicalKey reads it; the tool reads the one spelling of the catalogue.
        var key = new KeyEstimate(MusicalKey.TryParse(correction?.Key)?.Name ?? analysis.Key, analysis.KeyConfidence ?? 0, Camelot: null, OpenKey: null, analysis.TuningCents ?? 0, [], []);
        var chords = analysis.Chords.Select(chord => new ChordSegment(chord.Start, chord.End, chord.Label, chord.Confidence)).ToList();
        return name => MusicTools.Call(name, tempo, beats, key, chords);
    }
}
