using OpenMU.Music;

namespace OpenMU.Training.Synthesis.Beats;

/// <summary>A note of a piece, in seconds from its start. Channel 9 is the drums.</summary>
internal readonly record struct PlayedNote(double Start, double End, int Channel, int Pitch, int Velocity);

/// <summary>
/// Music whose beats are known, to be rendered: notes at times in seconds, since people do not play on a grid of ticks.
/// </summary>
/// <param name="Name">Of the song or kind of pattern; clips of one name are held out together.</param>
/// <param name="Metre">Such as "4/4".</param>
/// <param name="Tempo">Of the beats, a minute.</param>
/// <param name="Beats">Seconds, ascending; a beat to the bar's end is there.</param>
/// <param name="FirstDownbeat">Index of a beat that begins a bar.</param>
/// <param name="BeatsPerBar">Beats as a listener taps them.</param>
internal sealed record BeatPiece(
    string Name, string Metre, double Tempo, IReadOnlyList<double> Beats, int FirstDownbeat, int BeatsPerBar)
{
    public const int Drums = 9;

    private const int TicksPerQuarter = 500, MicrosecondsPerQuarter = 500_000;      // a tick is a millisecond

    public List<PlayedNote> Notes { get; } = [];

    /// <summary>The parts of the song's form; none where they are not known.</summary>
    public List<Section> Sections { get; } = [];

    /// <summary>The chords where they are known.</summary>
    public List<ChordSegment> Chords { get; } = [];

    /// <summary>Such as "C# minor" where it is known.</summary>
    public string? Key { get; init; }

    /// <summary>General MIDI programs, from 0, of the channels that play.</summary>
    public Dictionary<int, int> Programs { get; } = [];

    public IEnumerable<double> Downbeats => Beats.Where((_, index) => IsDownbeat(index));

    /// <summary>Place in its bar of a beat, from 0.</summary>
    public int PlaceOf(int beat) => (((beat - FirstDownbeat) % BeatsPerBar) + BeatsPerBar) % BeatsPerBar;

    /// <summary>Seconds of a place between two beats; after the last one the piece is over.</summary>
    public double At(double beat)
    {
        var index = Math.Clamp((int)Math.Floor(beat), 0, Beats.Count - 2);
        return Beats[index] + ((beat - index) * (Beats[index + 1] - Beats[index]));
    }

    /// <summary>The piece as a MIDI file.</summary>
    /// <param name="sounds">Events before the first note, such as those of <see cref="Timbre"/>.</param>
    public MidiFile ToMidi(Func<IEnumerable<int>, IReadOnlyList<MidiEvent>> sounds)
    {
        var channels = Notes.Select(note => note.Channel).Distinct().Order().ToList();
        List<MidiEvent> events = [.. Notes.SelectMany(note => new[]
        {
            MidiEvent.NoteOn(Tick(note.Start), note.Channel, note.Pitch, note.Velocity),
            MidiEvent.NoteOff(Math.Max(Tick(note.End), Tick(note.Start) + 1), note.Channel, note.Pitch),
        })];
        MidiEvent tempo = new(0, MidiEvent.Meta,
        [
            MidiEvent.TempoType, MicrosecondsPerQuarter >> 16, (MicrosecondsPerQuarter >> 8) & 0xFF,
            MicrosecondsPerQuarter & 0xFF,
        ]);
        return new MidiFile(TicksPerQuarter,
        [
            [
                tempo, .. Programs.OrderBy(pair => pair.Key).Select(pair => MidiEvent.Program(0, pair.Key, pair.Value)),
                .. sounds(channels),
            ],
            [.. events.OrderBy(item => item.Tick).ThenBy(item => item.StartsNote)],
        ]);
    }

    private static long Tick(double seconds) => Math.Max(1, (long)Math.Round(seconds * 1000));

    private bool IsDownbeat(int index) => PlaceOf(index) == 0;
}
