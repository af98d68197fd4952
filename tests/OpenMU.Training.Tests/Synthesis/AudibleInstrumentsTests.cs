using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

public class AudibleInstrumentsTests
{
    // 100 ticks a second: quarter notes of a second.
    private static IReadOnlyList<string> Heard(params MidiEvent[] events) =>
        AudibleInstruments.In(new MidiFile(100, [events]), microsPerQuarter: 1_000_000, from: 10, seconds: 10);

    [Fact]
    public void An_instrument_counts_where_it_sounds_within_the_stretch_and_is_loud_enough() => Heard(
        MidiEvent.Program(0, 0, 73), MidiEvent.NoteOn(1100, 0, 60, 90), MidiEvent.NoteOff(1300, 0, 60),
        MidiEvent.Program(0, 1, 0), MidiEvent.NoteOn(100, 1, 60, 90), MidiEvent.NoteOff(900, 1, 60),
        MidiEvent.Program(0, 2, 48), MidiEvent.NoteOn(1100, 2, 60, 12), MidiEvent.NoteOff(1900, 2, 60),
        MidiEvent.Program(0, 3, 66), MidiEvent.NoteOn(1100, 3, 60, 90), MidiEvent.NoteOff(1110, 3, 60))
        .Should().Equal("flute");

    [Fact]
    public void A_silent_channel_does_not_count() => Heard(
        MidiEvent.Program(0, 0, 73), MidiEvent.Control(0, 0, 7, 10), MidiEvent.NoteOn(1100, 0, 60, 90),
        MidiEvent.NoteOff(1900, 0, 60))
        .Should().BeEmpty();

    [Fact]
    public void Four_strokes_make_drums()
    {
        MidiEvent[] Strokes(int count) => [.. Enumerable.Range(0, count).SelectMany(k =>
            new[] { MidiEvent.NoteOn(1100 + (10 * k), 9, 38, 90), MidiEvent.NoteOff(1105 + (10 * k), 9, 38) })];

        Heard(Strokes(3)).Should().BeEmpty();
        Heard(Strokes(4)).Should().Equal("drums");
    }

    [Fact]
    public void A_program_that_changes_midway_is_two_instruments() => Heard(
        MidiEvent.Program(0, 0, 0), MidiEvent.NoteOn(1000, 0, 60, 90), MidiEvent.NoteOff(1400, 0, 60),
        MidiEvent.Program(1400, 0, 56), MidiEvent.NoteOn(1400, 0, 60, 90), MidiEvent.NoteOff(1900, 0, 60))
        .Should().Equal("piano", "brass");
}
