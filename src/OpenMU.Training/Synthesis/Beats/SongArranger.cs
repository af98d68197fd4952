namespace OpenMU.Training.Synthesis.Beats;

/// <summary>
/// Makes a piece of a stretch of an annotated song: other instruments, with or without drums and bass.
/// </summary>
internal static class SongArranger
{
    private const int Bass = 8;
    private const int Attempts = 90;                       // to find a stretch before giving a song up

    // General MIDI programs from 0: the voice's part, the second voice, the accompaniment, the bass.
    private static readonly int[] Voices =
        [0, 4, 11, 22, 24, 25, 40, 41, 52, 53, 56, 60, 65, 66, 68, 71, 73, 75, 80, 81, 85];
    private static readonly int[] Seconds = [0, 2, 4, 5, 11, 16, 24, 25, 26, 27, 46, 48, 50, 61, 73, 89, 90];
    private static readonly int[] Accompaniments = [0, 0, 0, 1, 2, 4, 5, 24, 24, 25, 26, 27, 46, 16, 6, 88];
    private static readonly int[] Basses = [32, 33, 34, 35, 38, 39];

    /// <summary>
    /// A stretch of a song, or null where its beats are not steady for so long. A third of the songs has drums of
    /// <see cref="DrumPatterns"/>, a third is the accompaniment with or without the tune, and a third is as it was
    /// played, by other instruments.
    /// </summary>
    /// <param name="song">The song.</param>
    /// <param name="seconds">How long it must be.</param>
    /// <param name="isVaried">To train on: the tempo may be moved too, by up to a seventh.</param>
    /// <param name="random">Decides.</param>
    public static BeatPiece? Draw(AnnotatedSong song, double seconds, bool isVaried, SeededRandom random)
    {
        var factor = isVaried && random.Chance(.6) ? random.Uniform(.87, 1.15) : 1;
        if (Stretch(song, (seconds + 1) / factor, random) is not var (first, last, bar)) return null;
        var start = song.Beats[first] - .02;
        double[] beats = [.. song.Beats.Take(first..(last + 1)).Select(time => (time - start) * factor)];
        var place = (((bar - first) % song.BeatsPerBar) + song.BeatsPerBar) % song.BeatsPerBar;
        BeatPiece piece = new(
            $"song {song.Name}", $"{song.BeatsPerBar}/4", song.Tempo / factor, beats, place, song.BeatsPerBar)
        {
            Key = song.Key,
        };
        piece.Chords.AddRange(song.Chords.Select(chord => chord with
        {
            Start = (chord.Start - start) * factor,
            End = (chord.End - start) * factor,
        }));
        var kind = random.Next(0, 3);
        var soft = random.Chance(.4) ? random.Uniform(.2, .9) : 0;
        var silent = kind == 1 && random.Chance(.5) ? 0 : -1;
        double[] level = [.. Enumerable.Range(0, song.Tracks).Select(_ => random.Uniform(.6, 1))];
        foreach (var note in song.Notes.Where(note => note.Channel != silent && note.Channel < Bass))
        {
            if (note.Start < start || note.Start >= song.Beats[last]) continue;
            var (begin, end) = ((note.Start - start) * factor, (note.End - start) * factor);
            // A held pedal, which the notes alone do not show.
            if (note.Channel == song.Tracks - 1) end += soft;
            piece.Notes.Add(note with
            {
                Start = begin,
                End = end,
                Velocity = (int)Math.Clamp(note.Velocity * level[note.Channel], 12, 127),
            });
        }

        for (var track = 0; track < song.Tracks; track++)
        {
            piece.Programs[track] = random.Pick(
                track == song.Tracks - 1 ? Accompaniments : track == 0 ? Voices : Seconds);
        }

        if (kind == 0) DrumPatterns.Lay(piece, DrumPatterns.Draw(piece, random), random);
        if (kind == 0 ? random.Chance(.7) : kind == 2 && random.Chance(.3)) AddBass(piece, random);
        return piece;
    }

    // The lowest note that sounds at a beat, an octave below, in halves, quarters or eighths.
    private static void AddBass(BeatPiece piece, SeededRandom random)
    {
        double step = random.Pick<double>(piece.BeatsPerBar == 3 ? [3, 1] : [2, 2, 1, .5]);
        var low = piece.Notes.Where(note => note.Channel != BeatPiece.Drums).OrderBy(note => note.Start).ToList();
        piece.Programs[Bass] = random.Pick(Basses);
        for (var beat = (double)piece.FirstDownbeat; beat < piece.Beats.Count - 1; beat += step)
        {
            double from = piece.At(beat), to = piece.At(Math.Min(beat + step, piece.Beats.Count - 1));
            var sounding = low.Where(note => note.Start < from + .06 && note.End > from + .02)
                .Select(note => note.Pitch).DefaultIfEmpty(0).Min();
            if (sounding == 0) continue;
            piece.Notes.Add(new PlayedNote(
                from, from + ((to - from) * .9), Bass, 28 + (((sounding - 28) % 12 + 12) % 12), random.Next(70, 105)));
        }
    }

    // Beats from an index to another over so many seconds, without a gap or a bar cut short, while somebody plays; and
    // one of them that begins a bar.
    private static (int First, int Last, int Bar)? Stretch(AnnotatedSong song, double seconds, SeededRandom random)
    {
        var usual = 60 / song.Tempo;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var first = random.Next(0, song.Beats.Count);
            var last = first;
            while (last + 1 < song.Beats.Count && song.Beats[last] - song.Beats[first] < seconds
                && Math.Abs(song.Beats[last + 1] - song.Beats[last] - usual) < .2 * usual) last++;
            if (song.Beats[last] - song.Beats[first] < seconds) continue;
            var notes = song.Notes.Count(note => note.Start >= song.Beats[first] && note.Start < song.Beats[last]);
            int[] bars = [.. song.Bars.Where(beat => beat >= first && beat < last)];
            if (notes > 2 * seconds && bars.Length > 1 && bars.All(bar => (bar - bars[0]) % song.BeatsPerBar == 0))
                return (first, last, bars[0]);
        }

        return null;
    }
}
