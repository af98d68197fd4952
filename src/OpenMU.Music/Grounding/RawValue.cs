using System.Text.RegularExpressions;

namespace OpenMU.Music.Grounding;

/// <summary>
/// Finds in a text what is written for programs: lists and fields as Python or JSON spells them, calls of tools, names
/// with underscores. A model that has read a tool's result may copy it, whole or not, or make one up.
/// </summary>
internal static partial class RawValue
{
    // A field or more, in braces that need not be closed at the end of the text.
    private const string Fields = @"\{[^{}]*(?:\}|\z)(?:\s*,?\s*\{[^{}]*(?:\}|\z))*";

    /// <summary>Whether a sentence holds something that is no language.</summary>
    public static bool IsIn(string sentence) => ForPrograms().IsMatch(sentence);

    /// <summary>
    /// Puts a mark in the place of every list that a tool has in words. Lists of texts lose their brackets and quotes,
    /// and "Amajor" becomes "A major": they are claims like others then.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="facts">What the tools know.</param>
    /// <param name="mark">Keeps the words and gives the mark that stands for them; null where it has none left.</param>
    public static string Replace(string text, MusicalFacts facts, Func<string, char?> mark)
    {
        var marked = FieldLists().Replace(text, list =>
            SpokenValue.Of(list.Value, facts) is { } spoken && mark(spoken) is { } place ? $"{place}" : list.Value);
        marked = TextLists().Replace(
            marked, list => string.Join(", ", list.Groups["text"].Captures.Select(capture => capture.Value)));
        return GluedChords().Replace(marked, "${root} ${mode}");
    }

    /// <summary>With the call that it answers before it, and the brackets around it.</summary>
    [GeneratedRegex(@"(?:(?:\[\s*)?\w+\([^()]*\)\s*\]?\s*(?:→|->|=>|:|=)\s*)?(?:\[\s*)?" + Fields
        + @"(?:\s*,?\s*(?:\.\.\.|…)|\s*,(?=\s*\]))?(?:\s*\]){0,2}")]
    private static partial Regex FieldLists();

    [GeneratedRegex("""\[\s*(?:'(?<text>[^'\[\]]*)'|"(?<text>[^"\[\]]*)")(?:\s*,\s*(?:'(?<text>[^'\[\]]*)'|"(?<text>[^"\[\]]*)"))*\s*\]""")]
    private static partial Regex TextLists();

    [GeneratedRegex(@"(?<![\w#])(?<root>[A-G][#b♯♭]?)(?<mode>major|minor)\b")]
    private static partial Regex GluedChords();

    [GeneratedRegex(
        """
        [\[\]{}→<>]|->|=>|[\w"')]=|['"]\w+['"]\s*:|\b\w+\(\)|\b\w+_\w*|\bGetAudio|\bF[1-4]\(|\\[nrtu"']
        |\b(?:NaN|nan|null|undefined|NoneType)\b|(?:\b(?:is|are|was|of|at)|[=:,])\s+None\b
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex ForPrograms();
}
