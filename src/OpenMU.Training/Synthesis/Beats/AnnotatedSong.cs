using System.Globalization;
using OpenMU.Music;

namespace OpenMU.Training.Synthesis.Beats;

/// <summary>
/// A song that somebody played, with its beats, in the form of POP909 (Wang et al., ISMIR 2020; Music X Lab, MIT): a
/// folder NNN with NNN.mid, beat_midi.txt (beats of the MIDI file and the bars they begin) and beat_audio.txt (the
/// beats of a recording of the same song, found by a program, numbered in their bars).
/// </summary>
/// <param name="Name">The folder.</param>
/// <param name="Notes">Seconds; the channel is the track, from 0.</param>
/// <param name="Tracks">How many tracks have notes.</param>
/// <param name="Beats">Seconds.</param>
/// <param name="Bars">Indices of the beats that begin a bar.</param>
/// <param name="BeatsPerBar">3 or 4.</param>
/// <param name="Chords">Of chord_midi.txt, which a program found from the notes; none without that file.</param>
/// <param name="Key">Of key_audio.txt where the song has one throughout; else null.</param>
internal sealed record AnnotatedSong(
    string Name, IReadOnlyList<PlayedNote> Notes, int Tracks, IReadOnlyList<double> Beats,
    IReadOnlyList<int> Bars, int BeatsPerBar, IReadOnlyList<ChordSegment> Chords, string? Key)
{
    /// <summary>A song whose number this divides is never trained on.</summary>
    public const int HeldOutEvery = 8;

    private const double Apart = 0.15;                           // of a beat, from which two annotations differ
    private const double Agreed = 0.8;                           // share of the bars

    /// <summary>Beats a minute.</summary>
    public double Tempo => 60 / Median([.. Beats.Zip(Beats.Skip(1), (a, b) => b - a)]);

    /// <summary>Whether a folder's song is held out: one in eight, by its number.</summary>
    public static bool IsHeldOut(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number % HeldOutEvery == 0;

    /// <summary>
    /// Reads a folder. Null where the two annotations do not agree on what is a bar, or on the beat (the same, or the
    /// program heard two for one, as it does in slow songs): then the level at which a listener taps is not known.
    /// </summary>
    /// <exception cref="InvalidDataException">A file is missing or not in this form.</exception>
    public static AnnotatedSong? Read(string folder)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        double[][] played = Rows(Path.Combine(folder, "beat_midi.txt"), 3),
            heard = Rows(Path.Combine(folder, "beat_audio.txt"), 2);
        double[] beats = [.. played.Select(row => row[0])], of = [.. heard.Select(row => row[0])];
        var length = (int)heard.Max(row => row[1]);
        if (beats.Length < 16 || of.Length < 16 || length is not (3 or 4)) return null;
        var beat = Median([.. beats.Zip(beats.Skip(1), (a, b) => b - a)]);
        var ratio = Median([.. of.Zip(of.Skip(1), (a, b) => b - a)]) / beat;
        if (Math.Abs(ratio - 1) > 0.04 && (length != 4 || Math.Abs(ratio - 0.5) > 0.02)) return null;
        // The second column counts simple bars, of two or three beats, the third those of two such bars.
        double[] downbeats = [.. played.Where(row => row[length == 3 ? 1 : 2] == 1).Select(row => row[0])],
            heardDown = [.. heard.Where(row => row[1] == 1).Select(row => row[0])];
        if (downbeats.Length < 4 || Near(downbeats, heardDown, Apart * beat) < Agreed) return null;
        int[] bars = [.. downbeats.Select(time => Array.IndexOf(beats, time))];
        var midi = MidiFile.Read(Path.Combine(folder, name + ".mid"));
        var seconds = Clock(midi);
        List<IReadOnlyList<MidiEvent>> tracks = [.. midi.Tracks.Where(track => track.Any(item => item.StartsNote))];
        PlayedNote[] notes = [.. tracks.SelectMany((track, index) => NotesOf(track, index, seconds))];
        return new AnnotatedSong(
            name, notes, tracks.Count, beats, bars, length, ChordsOf(Path.Combine(folder, "chord_midi.txt")),
            KeyOf(Path.Combine(folder, "key_audio.txt")));
    }

    private static ChordSegment[] ChordsOf(string path) =>
        !File.Exists(path) ? [] :
        [
            .. Labels(path).Select(row => new ChordSegment(
                double.Parse(row[0], CultureInfo.InvariantCulture), double.Parse(row[1], CultureInfo.InvariantCulture),
                row[2])),
        ];

    private static string? KeyOf(string path) =>
        File.Exists(path) && Labels(path) is [var only] && MusicalKey.TryParse(only[2].Replace(":maj", " major",
            StringComparison.Ordinal).Replace(":min", " minor", StringComparison.Ordinal)) is { } key ? key.Name : null;

    // Lines of start, end and label.
    private static string[][] Labels(string path)
    {
        string[][] rows = [.. File.ReadLines(path).Where(line => !string.IsNullOrWhiteSpace(line))
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))];
        return rows.All(row => row.Length == 3)
            ? rows
            : throw new InvalidDataException($"{path} has lines that are not a start, an end and a label.");
    }

    private static double Near(double[] times, double[] others, double within) =>
        times.Count(time => others.Any(other => Math.Abs(other - time) < within)) / (double)times.Length;

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static double[][] Rows(string path, int columns)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is not there.");
        double[][] rows = [.. File.ReadLines(path).Where(line => !string.IsNullOrWhiteSpace(line)).Select(line =>
            line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Number).ToArray())];
        if (rows.Length == 0 || rows.Any(row => row.Length < columns))
            throw new InvalidDataException($"{path} has no lines of {columns} numbers.");
        return rows;

        double Number(string text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new InvalidDataException($"{path}: '{text}' is no number.");
    }

    private static IEnumerable<PlayedNote> NotesOf(
        IReadOnlyList<MidiEvent> track, int channel, Func<long, double> seconds)
    {
        Dictionary<byte, MidiEvent> sounding = [];
        foreach (var item in track.Where(item => item.StartsNote || item.EndsNote))
        {
            if (sounding.Remove(item.Data[0], out var start))
            {
                yield return new PlayedNote(
                    seconds(start.Tick), seconds(item.Tick), channel, start.Data[0], start.Data[1]);
            }

            if (item.StartsNote) sounding[item.Data[0]] = item;
        }
    }

    // Seconds of a tick: the tempo may change, in any track.
    private static Func<long, double> Clock(MidiFile midi)
    {
        List<(long Tick, double Seconds, double PerTick)> marks = [(0, 0, 0.5 / midi.TicksPerQuarter)];
        foreach (var item in midi.Tracks.SelectMany(track => track).Where(item => item.IsMeta(MidiEvent.TempoType))
            .OrderBy(item => item.Tick))
        {
            var micros = (item.Data[1] << 16) | (item.Data[2] << 8) | item.Data[3];
            var (tick, time, perTick) = marks[^1];
            marks.Add((item.Tick, time + ((item.Tick - tick) * perTick), micros / 1e6 / midi.TicksPerQuarter));
        }

        return tick =>
        {
            var (from, time, perTick) = marks.FindLast(mark => mark.Tick <= tick);
            return time + ((tick - from) * perTick);
        };
    }
}
