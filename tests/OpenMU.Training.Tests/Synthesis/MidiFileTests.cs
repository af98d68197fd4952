using CsCheck;
using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

public class MidiFileTests
{
    private static readonly Gen<MidiEvent> Event = Gen.OneOf(
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 127], Gen.Int[1, 127], (channel, pitch, velocity) =>
            MidiEvent.NoteOn(0, channel, pitch, velocity)),
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 127], (channel, program) => MidiEvent.Program(0, channel, program)),
        Gen.Byte.Array[1, 300].Select(bytes => new MidiEvent(0, MidiEvent.Meta, [0x01, .. bytes])),
        Gen.Byte.Array[1, 200].Select(bytes => new MidiEvent(0, 0xF0, bytes)));

    [Fact]
    public void What_is_written_is_read_again() =>
        Gen.Select(Event, Gen.Int[0, 300_000]).List[0, 20].List[1, 3].Sample(tracks =>
        {
            var path = Path.GetTempFileName();
            var file = new MidiFile(192, [.. tracks.Select(track => (IReadOnlyList<MidiEvent>)[.. track
                .OrderBy(pair => pair.Item2).Select(pair => pair.Item1 with { Tick = pair.Item2 })])]);

            file.Write(path);
            var read = MidiFile.Read(path);

            read.TicksPerQuarter.Should().Be(192);
            read.Tracks.Select(track => track.SkipLast(1))
                .Should().BeEquivalentTo(file.Tracks, options => options.WithStrictOrdering());
            read.Tracks.Select(track => track[^1]).Should().OnlyContain(last => last.IsMeta(MidiEvent.EndType));
            File.Delete(path);
        }, iter: 30, threads: 1);

    [Fact]
    public void Running_status_and_silent_starts_are_understood()
    {
        var path = Path.GetTempFileName();
        byte[] track = [0, 0x90, 60, 100, 0x81, 0x40, 60, 0, 0, 0xFF, 0x2F, 0];
        File.WriteAllBytes(
            path, [.. "MThd"u8, 0, 0, 0, 6, 0, 0, 0, 1, 0, 96, .. "MTrk"u8, 0, 0, 0, (byte)track.Length, .. track]);

        var events = MidiFile.Read(path).Tracks.Should().ContainSingle().Subject;

        events[0].StartsNote.Should().BeTrue();
        (events[1].EndsNote, events[1].Tick).Should().Be((true, 192L));
        File.Delete(path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("RIFFxxxxWAVEfmt ")]
    public void What_is_no_midi_file_is_refused(string text)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);

        FluentActions.Invoking(() => MidiFile.Read(path)).Should().Throw<InvalidDataException>();
        File.Delete(path);
    }
}
