namespace OpenMU.Music.Lyrics;

/// <summary>
/// What English lyrics are about, by a list of words (<c>themes.txt</c>) for each theme of the vocabulary: named where
/// several of its words stand in several lines, and clearly more than of any other theme. It rather says nothing.
/// </summary>
public static class LyricsThemes
{
    private const int MinWords = 2, MinLines = 2, LinesOfAShortSong = 12;
    private const double Lead = 1.5;

    private static readonly WordLists Lists = WordLists.Read("themes.txt");

    /// <summary>The theme; null where none is plain.</summary>
    public static string? Of(string text)
    {
        var lines = text.Split('\n').Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(line => WordLists.Split(line).ToList()).ToList();
        var ranked = Lists.Sections.Select(theme => Evidence(theme, lines))
            .OrderByDescending(theme => theme.Words + theme.Lines).ToList();
        var (best, second) = (ranked[0], ranked[1]);
        var least = lines.Count <= LinesOfAShortSong ? MinWords : MinWords + 1;
        return best.Words >= least && best.Lines >= MinLines
            && best.Words + best.Lines >= Lead * (second.Words + second.Lines)
                ? best.Theme
                : null;
    }

    private static (string Theme, int Words, int Lines) Evidence(string theme, List<List<string>> lines)
    {
        var found = lines.Select(line => line.Select(word => Lists.Find(theme, word)).OfType<string>().ToList())
            .Where(words => words.Count > 0).ToList();
        return (theme, found.SelectMany(words => words).Distinct().Count(), found.Count);
    }
}
