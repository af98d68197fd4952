using OpenMU.Music;

namespace OpenMU.Training.Synthesis;

/// <summary>Which instruments a listener can notice within a stretch of a MIDI piece.</summary>
internal static class AudibleInstruments
{
    private const int Drums = 9;

    // A struck note rings at least so long; below this loudness (velocity after channel volume) a note does not count.
    private const double ShortestRing = .25, FaintestVelocity = 30, NoticedShare = .07;

    /// <param name="piece">The notes.</param>
    /// <param name="microsPerQuarter">Its one tempo.</param>
    /// <param name="from">Start of the stretch in seconds.</param>
    /// <param name="seconds">Its length.</param>
    /// <returns>Names of the vocabulary, in its order, of what sounds for at least 7 % of the stretch; drums from
    /// four strokes on.</returns>
    public static IReadOnlyList<string> In(MidiFile piece, int microsPerQuarter, double from, double seconds)
    {
        var secondsPerTick = microsPerQuarter / 1e6 / piece.TicksPerQuarter;
        var notes = Notes(piece).Where(note => note.Velocity >= FaintestVelocity)
            .Select(note => (
                note.Instrument, Start: (note.Start * secondsPerTick) - from,
                End: Math.Max(note.End * secondsPerTick, (note.Start * secondsPerTick) + ShortestRing) - from))
            .Where(note => note.End > 0 && note.Start < seconds)
            .ToLookup(
                note => note.Instrument, note => (Start: Math.Max(0, note.Start), End: Math.Min(seconds, note.End)));
        return [.. MusicVocabulary.Instruments.Select(label => label.Name).Where(name =>
            name == "drums" ? notes[name].Count() >= 4 : Covered(notes[name]) >= NoticedShare * seconds)];
    }

    private static IEnumerable<(string Instrument, long Start, long End, double Velocity)> Notes(MidiFile piece)
    {
        // Programs and volumes hold for a channel whichever track sets them, so all tracks are read as one.
        int[] programs = new int[16], volumes = [.. Enumerable.Repeat(100, 16)];
        Dictionary<(int Channel, int Pitch), (string? Instrument, long Start, double Velocity)> open = [];
        foreach (var item in piece.Tracks.SelectMany(track => track)
            .Where(item => item.Channel >= 0).OrderBy(item => item.Tick).ThenBy(item => item.StartsNote))
        {
            if (item.Kind == MidiEvent.ProgramKind) programs[item.Channel] = item.Data[0];
            else if (item.Kind == MidiEvent.ControlKind && item.Data[0] == 7) volumes[item.Channel] = item.Data[1];
            else if (item.StartsNote || item.EndsNote)
            {
                if (open.Remove((item.Channel, item.Data[0]), out var note) && note.Instrument != null)
                    yield return (note.Instrument, note.Start, item.Tick, note.Velocity);
                if (!item.StartsNote) continue;
                var instrument = item.Channel == Drums ? "drums" : MusicVocabulary.InstrumentOf(programs[item.Channel]);
                open[(item.Channel, item.Data[0])] =
                    (instrument, item.Tick, item.Data[1] * volumes[item.Channel] / 100.0);
            }
        }
    }

    // Length of the union of the notes.
    private static double Covered(IEnumerable<(double Start, double End)> notes)
    {
        double covered = 0, until = 0;
        foreach (var (start, end) in notes.OrderBy(note => note.Start))
        {
            covered += Math.Max(0, end - Math.Max(start, until));
            until = Math.Max(until, end);
        }

        return covered;
    }
}
