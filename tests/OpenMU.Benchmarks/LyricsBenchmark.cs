using OpenMU.Model;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Music.Lyrics;
using OpenMU.Worker;

namespace OpenMU.Benchmarks;

/// <summary>
/// What is said of the themes of <c>songs.txt</c>, which nothing was trained on: by the list of words, and by a model
/// that is told the lyrics as a quotation beside a sound without music.
/// </summary>
internal static class LyricsBenchmark
{
    private const string None = "none";

    public static int Run(string[] arguments)
    {
        if (arguments.Length > 1)
        {
            Console.Error.WriteLine("usage: lyrics [MODEL]");
            return 2;
        }

        var songs = Read();
        Print("the list of words", songs, songs.ConvertAll(song => LyricsThemes.Of(song.Text)));
        if (arguments is not [var folder]) return 0;
        using var model = ModelFolder.Open(folder);
        using var musicModel = new MusicModel(model.Model, model.Tokenizer, model.TagHead, tagger: model.Tagger);
        using var silence = musicModel.Encode(new float[10 * ModelSession.SampleRate], CancellationToken.None);
        var answers = songs.ConvertAll(song => musicModel.Generate(
            silence, [Quotation.AboutLyrics("What are these lyrics about?", song.Text)], facts: null, options: null,
            CancellationToken.None)[0].Text);
        Print(model.Version, songs, answers.ConvertAll(answer =>
            MusicVocabulary.Mentioned(MusicVocabulary.Themes, answer) is [var theme, ..] ? theme : null));
        return 0;
    }

    private static void Print(string who, List<(string Theme, string Text)> songs, List<string?> said)
    {
        var pairs = songs.Zip(said).ToList();
        var themed = pairs.FindAll(pair => pair.First.Theme != None);
        var bare = pairs.FindAll(pair => pair.First.Theme == None);
        Console.WriteLine($"{who}: of {themed.Count} songs with a theme, {themed.Count(p => p.Second == p.First.Theme)} right, "
            + $"{themed.Count(p => p.Second is not null && p.Second != p.First.Theme)} wrong; of {bare.Count} without one, "
            + $"{bare.Count(p => p.Second is not null)} were given one");
    }

    private static List<(string Theme, string Text)> Read()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "songs.txt")).Skip(1);
        return [.. string.Join('\n', lines).Split("===\n").Select(song => song.Trim().Split('\n', 2))
            .Select(song => (song[0], song[1]))];
    }
}
