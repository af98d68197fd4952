using System.Globalization;
using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis.Beats;

/// <summary>Songs of our own in the form of POP909, in a folder that goes with the test.</summary>
internal sealed class SongFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("openmu-songs-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Three tracks of quarter notes at a steady tempo in 4/4.</summary>
    /// <param name="name">The folder, a number.</param>
    /// <param name="bpm">Tempo.</param>
    /// <param name="heardBpm">Tempo of the recording's beats.</param>
    /// <param name="keys">Lines of key_audio.txt; chords change with each bar.</param>
    /// <param name="heardBar">The played beat at which the recording's first bar begins.</param>
    public string Add(string name, double bpm, double? heardBpm = null, int heardBar = 0, int keys = 1)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;
        const int beats = 80;
        double beat = 60 / bpm, heard = 60 / (heardBpm ?? bpm);
        File.WriteAllLines(System.IO.Path.Combine(folder, "beat_midi.txt"), Enumerable.Range(0, beats).Select(k =>
            string.Create(CultureInfo.InvariantCulture, $"{k * beat:F6} {1 - (k % 2):F1} {(k % 4 == 0 ? 1 : 0):F1}")));
        File.WriteAllLines(System.IO.Path.Combine(folder, "beat_audio.txt"),
            Enumerable.Range(0, (int)(beats * beat / heard)).Select(k => string.Create(
                CultureInfo.InvariantCulture, $"{k * heard:F2}\t{((k - heardBar + 4) % 4) + 1:F1}")));
        File.WriteAllLines(
            System.IO.Path.Combine(folder, "chord_midi.txt"),
            Enumerable.Range(0, beats / 4).Select(bar => string.Create(
                CultureInfo.InvariantCulture,
                $"{bar * 4 * beat:F6}\t{(bar + 1) * 4 * beat:F6}\t{(bar % 2 == 0 ? "C:maj/3" : "G:sus4(b7)")}")));
        File.WriteAllLines(
            System.IO.Path.Combine(folder, "key_audio.txt"), Enumerable.Repeat("0.1\t40.2\tBb:maj", keys));
        var micros = (int)Math.Round(beat * 1e6);
        IReadOnlyList<MidiEvent> Track(int channel, int pitch) => [.. Enumerable.Range(0, beats).SelectMany(k => new[]
        {
            MidiEvent.NoteOn(480 * k, channel, pitch + (k % 4), 80),
            MidiEvent.NoteOff((480 * k) + 400, channel, pitch + (k % 4)),
        })];
        new MidiFile(480,
        [
            [new(0, MidiEvent.Meta, [MidiEvent.TempoType, (byte)(micros >> 16), (byte)(micros >> 8), (byte)micros])],
            Track(0, 72), Track(1, 64), Track(2, 48),
        ]).Write(System.IO.Path.Combine(folder, name + ".mid"));
        return folder;
    }
}
