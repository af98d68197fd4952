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

    private const int MaxLineLength = 300;

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
        $"{question.Trim()}\nThe lyrics, as a quotation:\n{Of(Excerpt(lyrics), Roles)}";

    private static string Excerpt(string lyrics)
    {
        var (kept, words) = (new List<string>(), 0);
        foreach (var line in lyrics.Split('\n'))
        {
            words += line.Split(' ').Length;
            if (words >= MaxWords && kept.Count > 0) break;
            kept.Add(line.Length <= MaxLineLength ? line : line[..MaxLineLength]);
        }

        return string.Join('\n', kept);
    }

    private static bool IsVisible(char letter) => char.GetUnicodeCategory(letter) != UnicodeCategory.Control
        && letter is not (>= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E'
            or '\u200F' or '\uFEFF');
}
