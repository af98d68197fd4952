using System.Text.RegularExpressions;
using OpenMU.Music;

namespace OpenMU.Training.Synthesis;

/// <summary>Grooves of one name: what must not be both learnt from and measured on.</summary>
/// <param name="Name">Name of the family.</param>
/// <param name="Split">"train" or "held-out".</param>
/// <param name="Genre">A genre of the vocabulary.</param>
/// <param name="Slowest">Lowest plausible tempo in taps a minute.</param>
/// <param name="Fastest">Highest plausible tempo.</param>
/// <param name="Metre">Its metre.</param>
/// <param name="Chords">Style of its progressions.</param>
/// <param name="Moods">What the style itself suggests.</param>
/// <param name="Files">Its grooves, by file.</param>
internal sealed record GrooveFamily(
    string Name, string Split, string Genre, double Slowest, double Fastest, Metre Metre, string Chords,
    IReadOnlyList<string> Moods, IReadOnlyList<GrooveFile> Files);

/// <summary>One file of MMA's library, or an orchestration of <see cref="OrchestraScores"/>.</summary>
/// <param name="Name">Library and file, such as <c>"casio/house"</c>.</param>
/// <param name="MmaBeats">MMA's own beats a bar: its <c>Time</c>.</param>
/// <param name="Grooves">Names of those that can be looped: no introduction, fill or ending.</param>
internal sealed record GrooveFile(string Name, int MmaBeats, IReadOnlyList<string> Grooves)
{
    /// <summary>Zoom's files come from a drum machine.</summary>
    public bool IsDrumsOnly => Name.StartsWith("zoom/", StringComparison.Ordinal);
}

/// <summary>
/// MMA's grooves by family, genre and split. Which file belongs where, how fast it is played and what it suggests is
/// this project's own table (families.tsv), which also has the families that <see cref="Orchestra"/> plays instead of
/// MMA; the names of the grooves and MMA's beats a bar are read from the installed library.
/// </summary>
internal sealed partial class GrooveLibrary
{
    public const string Train = "train", HeldOut = "held-out", DefaultFolder = "/usr/share/mma/lib";

    private GrooveLibrary(string folder, IReadOnlyList<GrooveFamily> families) =>
        (Folder, Families) = (folder, families);

    /// <summary>Where MMA's library is.</summary>
    public string Folder { get; }

    public IReadOnlyList<GrooveFamily> Families { get; }

    /// <exception cref="InvalidOperationException">The library is not there, or lacks a file of the table.</exception>
    public static GrooveLibrary Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new InvalidOperationException(
                $"{folder} is not there: install mma, or name its library with --mma-library.");
        }
        return new GrooveLibrary(
            folder, [.. WordList.Lines("families.tsv").Select(line => Family(line.Split('\t'), folder))]);
    }

    /// <summary>Families of one split by genre, both in the order of the table.</summary>
    public IReadOnlyList<IGrouping<string, GrooveFamily>> ByGenre(string split) =>
        [.. Families.Where(family => family.Split == split).GroupBy(family => family.Genre)];

    private static GrooveFamily Family(string[] row, string folder)
    {
        var tempo = row[3].Split('-');
        return new GrooveFamily(
            row[0], row[1], row[2], double.Parse(tempo[0]), double.Parse(tempo[1]), Metre.Parse(row[4]),
            row[5], row[6].Split(','),
            [.. row[7].Split(' ').Select(file => Scan(folder, file))]);
    }

    private static GrooveFile Scan(string folder, string name)
    {
        if (name.StartsWith(Orchestra.Folder, StringComparison.Ordinal))
            return new GrooveFile(name, MmaBeats: 1, [name[Orchestra.Folder.Length..]]);
        var path = Path.Combine(folder, name + ".mma");
        if (!File.Exists(path))
            throw new InvalidOperationException($"MMA's library lacks {path}; version 21.09 has it.");
        var text = File.ReadAllText(path, System.Text.Encoding.Latin1);
        var time = Time().Match(text);
        var grooves = Definition().Matches(text)
            .Select(match => match.Groups[1].Value).Where(groove => !Passage().IsMatch(groove)).Distinct().ToList();
        if (grooves.Count == 0) throw new InvalidOperationException($"{path} holds no groove that loops.");
        return new GrooveFile(name, time.Success ? int.Parse(time.Groups[1].Value) : 4, grooves);
    }

    [GeneratedRegex(@"^\s*time\s+(\d+)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Time();

    [GeneratedRegex(@"^\s*defgroove\s+(\S+)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"intro|end\d*$|(?<!desc)ending|fill|break|brk|tacet|metronome", RegexOptions.IgnoreCase)]
    private static partial Regex Passage();
}
