using System.Globalization;
using OpenMU.Training.Data;

namespace OpenMU.Training.Synthesis.Beats;

/// <summary>What <c>openmu synthesise-beats</c> is asked for.</summary>
/// <param name="Output">Folder for audio and truth.jsonl.</param>
/// <param name="Songs">Folder of songs in POP909's form; null makes patterns of our own.</param>
/// <param name="Forms">Whole songs of our own with known sections, however long, instead of both.</param>
/// <param name="IsBeatless">Clips of what has no tempo, instead of music.</param>
/// <param name="Clips">How many clips.</param>
/// <param name="Seconds">Length of each.</param>
/// <param name="Seed">Of all random choices.</param>
/// <param name="Split">"train" or "held-out": which songs.</param>
/// <param name="Soundfonts">Files; each clip is played with one.</param>
internal sealed record BeatSynthesisOptions(
    string Output, string? Songs, bool Forms, bool IsBeatless, int Clips, double Seconds, int Seed, string Split,
    IReadOnlyList<string> Soundfonts);

/// <summary>
/// Makes clips whose beats are known, to train and judge the beat network on: from songs that people played, or from
/// patterns of our own. The same options make the same clips.
/// </summary>
internal static class BeatSynthesis
{
    /// <summary>Writes audio/ID.wav for each clip, then truth.jsonl as train-beats and measure read it.</summary>
    /// <param name="options">What to make.</param>
    /// <param name="report">Receives how many clips are made.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>How many songs could be used of how many there are; nought of nought for patterns.</returns>
    /// <exception cref="InvalidDataException">There is no song to use, or a clip could not be rendered.</exception>
    public static async Task<(int Used, int Found)> MakeAsync(
        BeatSynthesisOptions options, Action<int> report, CancellationToken cancel)
    {
        var (songs, found) = options.Songs is null ? ([], 0) : Songs(options.Songs, options.Split);
        if (options.Songs is not null && songs.Count == 0)
        {
            throw new InvalidDataException(
                $"{options.Songs} holds no song for {options.Split}: folders NNN with NNN.mid, beat_midi.txt and "
                + "beat_audio.txt that agree.");
        }

        Directory.CreateDirectory(Path.Combine(options.Output, "audio"));
        List<string> lines = [];
        for (var index = 0; index < options.Clips; index++)
        {
            cancel.ThrowIfCancellationRequested();
            var clip = options.IsBeatless
                ? await BeatlessAsync(options, index, cancel)
                : await ClipAsync(options, songs, index, cancel);
            lines.Add(clip.ToJson());
            report(index + 1);
        }

        await File.WriteAllLinesAsync(Path.Combine(options.Output, "truth.jsonl"), lines, cancel);
        return (songs.Count, found);
    }

    private static async Task<ClipTruth> BeatlessAsync(
        BeatSynthesisOptions options, int index, CancellationToken cancel)
    {
        var id = string.Create(
            CultureInfo.InvariantCulture, $"beatless-{options.Split}-{options.Seed}-{index:D5}");
        var random = new SeededRandom(id);
        var kind = BeatlessSounds.Draw(random);
        await BeatlessSounds.MakeAsync(
            kind, Path.Combine(options.Output, "audio", id + ".wav"), options.Seconds,
            options.Split == GrooveLibrary.HeldOut, random, cancel);
        return new ClipTruth
        {
            Id = id,
            File = $"audio/{id}.wav",
            Seconds = options.Seconds,
            Tempo = BeatlessSounds.NoTempo,
            BeatsPerBar = 0,
            GrooveFamily = kind,
            Split = options.Split,
            Seed = id,
        };
    }

    private static async Task<ClipTruth> ClipAsync(
        BeatSynthesisOptions options, List<AnnotatedSong> songs, int index, CancellationToken cancel)
    {
        var isVaried = options.Split == GrooveLibrary.Train;
        var kind = options.Forms ? "form" : options.Songs is null ? "pattern" : "song";
        var id = string.Create(
            CultureInfo.InvariantCulture, $"{kind}-{options.Split}-{options.Seed}-{index:D5}");
        var random = new SeededRandom(id);
        var piece = options.Forms ? SongForms.Draw(random)
            : options.Songs is null ? BeatPatterns.Draw(options.Seconds, random)
            : Song(options, songs, index, isVaried, random);
        var cut = options.Forms ? 0 : random.Uniform(0, Math.Min(1, piece.Beats[^1] - options.Seconds - .01));
        var seconds = options.Forms ? piece.Beats[^1] : options.Seconds;
        var soundfont = random.Pick(options.Soundfonts);
        var midi = piece.ToMidi(channels => isVaried ? Timbre.Changes(channels, new SeededRandom($"{id}/timbre")) : []);
        var folder = Directory.CreateTempSubdirectory("openmu-clip-").FullName;
        try
        {
            var hash = await ClipRenderer.RenderAsync(
                new RenderPlan(id, id, soundfont, cut, seconds, isVaried, piece.Name), midi, folder,
                Path.Combine(options.Output, "audio", id + ".wav"), cancel);
            double[] Within(IEnumerable<double> times) =>
                [.. times.Select(time => Math.Round(time - cut, 6)).Where(time => time >= 0 && time < seconds)];
            return new ClipTruth
            {
                Id = id,
                File = $"audio/{id}.wav",
                Seconds = Math.Round(seconds, 3),
                Tempo = Math.Round(piece.Tempo, 4),
                Metre = piece.Metre,
                BeatsPerBar = piece.BeatsPerBar,
                Drums = piece.Notes.Any(note => note.Channel == BeatPiece.Drums),
                GrooveFamily = piece.Name,
                Split = options.Split,
                Soundfont = Path.GetFileName(soundfont),
                Seed = id,
                Sha256 = hash,
                Beats = Within(piece.Beats),
                Downbeats = Within(piece.Downbeats),
                Key = piece.Key,
                Chords =
                [
                    .. piece.Chords.Select(chord => chord with
                    {
                        Start = Math.Round(Math.Max(0, chord.Start - cut), 6),
                        End = Math.Round(Math.Min(seconds, chord.End - cut), 6),
                    }).Where(chord => chord.Start < chord.End),
                ],
                Sections = piece.Sections is { Count: > 0 } sections ? sections : null,
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Songs take turns; one without a steady stretch leaves its turn to the next.
    private static BeatPiece Song(
        BeatSynthesisOptions options, List<AnnotatedSong> songs, int index, bool isVaried, SeededRandom random)
    {
        var order = new SeededRandom(string.Create(
            CultureInfo.InvariantCulture, $"{options.Seed}/{index / songs.Count}")).Shuffled(songs);
        for (var next = 0; next < order.Count; next++)
        {
            var song = order[(index + next) % order.Count];
            if (SongArranger.Draw(song, options.Seconds, isVaried, random) is { } piece) return piece;
        }

        throw new InvalidDataException($"No song of {options.Songs} has steady beats for {options.Seconds} seconds.");
    }

    private static (List<AnnotatedSong> Songs, int Found) Songs(string folder, string split)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder} is no folder.");
        string[] folders = [.. Directory.GetDirectories(folder)
            .Where(song => File.Exists(Path.Combine(song, "beat_midi.txt")))
            .Where(song => AnnotatedSong.IsHeldOut(Path.GetFileName(song)) == (split == GrooveLibrary.HeldOut))
            .Order(StringComparer.Ordinal)];
        return ([.. folders.Select(AnnotatedSong.Read).OfType<AnnotatedSong>()], folders.Length);
    }
}
