namespace OpenMU.Music.Lyrics;

/// <summary>
/// Finds strong language by a short list of words (<c>explicit.txt</c>). It says what words there are, not what a song
/// means; languages without a list are not judged.
/// </summary>
public static class ExplicitWords
{
    private static readonly WordLists Lists = WordLists.Read("explicit.txt");

    /// <summary>The languages with a list, as ISO 639-1 codes.</summary>
    public static IReadOnlyCollection<string> Languages => Lists.Sections;

    /// <summary>Whether any word of the list stands in the text.</summary>
    /// <param name="text">Lyrics.</param>
    /// <param name="language">Their language; null looks for English words, which are sung in all.</param>
    /// <returns>Null where the language has no list.</returns>
    public static bool? AreIn(string text, string? language) => Languages.Contains(language ?? "en")
        ? WordLists.Split(text).Any(word => Lists.Find(language ?? "en", word) is not null)
        : null;
}
