using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Model.Text;

/// <summary>
/// Untrusted text in a prompt, such as lyrics or a title: marked line by line as a quotation and not an instruction.
/// </summary>
public static class Quotation
{
    /// <summary>So many words of lyrics a model is told, as in the published evaluation.</summary>
    public const int MaxWords = 400;

    /// <summary>So many words of the lyrics of all tracks together, where a question is about several.</summary>
    public const int MaxWordsOfSeveral = 800;

    private const int MaxLineLength = 300;

    // Languages that put no spaces between words have longer ones.
    private const int LettersPerWord = 8;

    // Of the families that spell them in letters; the others' are tokens, which no text can spell.
    private static readonly string[] Roles = ["USER", "ASSISTANT", "SYSTEM"];

    /// <summary>
    /// Each line behind a mark. Role names lose their colon; invisible characters and those that change the text
    /// direction are removed.
    /// </summary>
    public static string Of(string text, params IEnumerable<string> roles)
    {
        var names = string.Join('|', roles.Select(Regex.Escape));
        var lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => "> "
            + string.Concat(line.Where(IsVisible)));
        return Regex.Replace(
            string.Join('\n', lines), $@"\b({names})\s*:", "$1",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }

    /// <summary>A question about lyrics with their beginning, which is whole lines of few words.</summary>
    /// <param name="question">In words.</param>
    /// <param name="lyrics">A line each.</param>
    public static string AboutLyrics(string question, string lyrics) =>
        $"{question.Trim()}\nThe lyrics, as a quotation:\n{Of(Excerpt(lyrics, MaxWords), Roles)}";

    /// <summary>
    /// A question about the lyrics of several tracks: the beginning of each, or that none are known, by its place.
    /// </summary>
    /// <param name="question">In words.</param>
    /// <param name="lyrics">Of each track, a line each; null where none are known.</param>
    public static string AboutLyrics(string question, IReadOnlyList<string?> lyrics)
    {
        var share = Math.Min(MaxWords, MaxWordsOfSeveral / Math.Max(1, lyrics.Count(text => text is not null)));
        var each = lyrics.Select((text, i) => text is null
            ? $"No lyrics of [{i + 1}] are known."
            : $"The lyrics of [{i + 1}], as a quotation:\n{Of(Excerpt(text, share), Roles)}");
        return $"{question.Trim()}\n{string.Join('\n', each)}";
    }

    /// <summary>A question with what the catalogue says of the track.</summary>
    /// <param name="question">In words.</param>
    /// <param name="credits">A line each; empty where nothing is known.</param>
    public static string AboutTrack(string question, string credits) => credits.Length == 0
        ? question
        : $"{question.Trim()}\nWhat the catalogue says of the track, as a quotation:\n"
            + Of(Excerpt(credits, MaxWords), Roles);

    private static string Excerpt(string lyrics, int maxWords)
    {
        var (kept, words, letters) = (new List<string>(), 0, 0);
        foreach (var line in lyrics.Split('\n'))
        {
            words += line.Split(' ').Length;
            letters += Math.Min(line.Length, MaxLineLength);
            if ((words >= maxWords || letters >= maxWords * LettersPerWord) && kept.Count > 0) break;
            kept.Add(line.Length <= MaxLineLength ? line : line[..MaxLineLength]);
        }

        return string.Join('\n', kept);
    }

    private static bool IsVisible(char letter) => char.GetUnicodeCategory(letter) != UnicodeCategory.Control
        && letter is not (>= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E'
            or '\u200F' or '\uFEFF');
}
