namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>What a lyric can be about, with lines to sing and ways to say what they mean.</summary>
/// <param name="Name">A theme of the vocabulary.</param>
/// <param name="Lines">Templates of lines.</param>
/// <param name="Chorus">Templates of lines that return.</param>
/// <param name="Meanings">What the singer does or feels, as a clause after "the singer".</param>
internal sealed record LyricsTheme(string Name, string[] Lines, string[] Chorus, string[] Meanings)
{
    private const string LinesOf = ": lines";

    public static IReadOnlyList<LyricsTheme> All { get; } = Read();

    private static LyricsTheme[] Read()
    {
        var list = WordList.Read("lyrics.txt");
        return [.. list.Sections.Where(section => section.EndsWith(LinesOf, StringComparison.Ordinal))
            .Select(section => section[..^LinesOf.Length])
            .Select(theme =>
                new LyricsTheme(theme, list[$"{theme}: lines"], list[$"{theme}: chorus"], list[$"{theme}: meanings"]))];
    }
}
