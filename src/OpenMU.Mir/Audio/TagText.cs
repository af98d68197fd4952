using System.Globalization;
using System.Text;

namespace OpenMU.Mir.Audio;

/// <summary>Text that came out of a hostile file, made fit to store and show.</summary>
internal static class TagText
{
    /// <summary>
    /// One line without control or invisible formatting characters and with single spaces; null if nothing is left.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">Longest result in UTF-16 units; a surrogate pair is never cut.</param>
    public static string? Clean(string? text, int maxLength) => Clean(text, maxLength, keepLines: false);

    /// <summary>As <see cref="Clean(string, int)"/>, but line breaks stay, as <c>\n</c>.</summary>
    public static string? CleanLines(string? text, int maxLength) => Clean(text, maxLength, keepLines: true);

    private static string? Clean(string? text, int maxLength, bool keepLines)
    {
        if (text is null) return null;
        var kept = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > maxLength) break;
            var space = Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control;
            if (keepLines && rune.Value == '\n')
            {
                TrimEnd(kept).Append('\n');
            }
            else if (space && kept.Length > 0 && kept[^1] is not (' ' or '\n'))
            {
                kept.Append(' ');
            }
            else if (!space && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned))
            {
                kept.Append(rune.ToString());
            }
        }

        var result = kept.ToString().Trim();
        return result.Length > 0 ? result : null;
    }

    private static StringBuilder TrimEnd(StringBuilder text)
    {
        while (text.Length > 0 && text[^1] == ' ') text.Length--;
        return text;
    }
}
