using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Model.Text;

/// <summary>
/// Finds what a sentence claims of a track that can be measured, and compares it with the measurements. In doubt a word is a claim: "Am" at the
/// beginning of a question is a chord. What one expression has found is not looked at by the next, so that the 4 of 4/4 is no other number.
/// </summary>
internal static partial class ClaimFinder
{
    private const string Root = @"(?<root>[A-G](?:#|♯|♭|b(?!\w)|b(?=m|min|maj|dim|aug|sus|\d)|[- ](?:sharp|flat))?)";

    private static readonly (Regex Spelling, Func<Match, MeasuredFacts, bool> Holds)[] All =
    [
        (MetreInFigures(), (match, facts) => facts.IsMetre(Figure(match, "beats"), Figure(match, "unit"))),
        (MetreInWords(), (match, facts) => facts.IsMetre(Word(match, "beats"), match.Groups["unit"].Value.Equals("eight", StringComparison.OrdinalIgnoreCase) ? 8 : 4)),
        (BeatsInBar(), (match, facts) => facts.IsMetre(Word(match, "beats"), 4)),
        (NamedMetre(), (match, facts) => match.Groups["name"].Value.ToLowerInvariant() switch
        {
            "duple" or "cut" => facts.IsMetre(2, 4) || facts.IsMetre(4, 4),
            "triple" => facts.IsMetre(3, 4),
            _ => facts.IsMetre(4, 4),
        }),
        (Keys(), (match, facts) => facts.IsKey(match.Groups["root"].Value, IsMinor(match)) || facts.IsChord(match.Groups["root"].Value, IsMinor(match))),
        (KeysWithoutMode(), (match, facts) => facts.IsKey(match.Groups["root"].Value, null)),
        (ChordSymbols(), (match, facts) => facts.IsChord(match.Groups["root"].Value, IsMinor(match))),
        (PitchesWithAccidental(), (match, facts) => facts.IsKey(match.Groups["root"].Value, null) || facts.IsChord(match.Groups["root"].Value, null)),
        (RomanNumerals(), (_, _) => false),
        (SpelledTempo(), (_, _) => false),
        (Modes(), (match, facts) => facts.IsMode(IsMinor(match))),
        (Numbers(), (match, facts) => facts.IsTempo(match.Value)),
    ];

    /// <summary>Whether the tools confirm everything that the sentence claims.</summary>
    public static bool Hold(string sentence, MeasuredFacts facts)
    {
        // In a sentence about chords, single letters are chords.
        var rest = sentence;
        foreach (var (spelling, holds) in AboutChords().IsMatch(sentence) ? All.Append((SingleLetters(), (match, f) => f.IsChord(match.Value, null))) : All)
        {
            var all = true;
            rest = spelling.Replace(rest, match =>
            {
                all = all && holds(match, facts);
                return " ";
            });
            if (!all) return false;
        }
        return true;
    }

    private static bool IsMinor(Match match) => match.Groups["mode"].Value is var mode && mode.StartsWith('m') && !mode.StartsWith("maj", StringComparison.Ordinal);

    private static int Figure(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    private static int Word(Match match, string group) => match.Groups[group].Value.ToLowerInvariant() switch
    {
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "nine" => 9,
        "twelve" => 12,
        _ => Figure(match, group),
    };

    [GeneratedRegex(@"(?<![\d/.,])(?<beats>\d{1,2})/(?<unit>2|4|8|16)(?![\d/])")]
    private static partial Regex MetreInFigures();

    [GeneratedRegex(@"\b(?<beats>two|three|four|five|six|seven|nine|twelve)[- ](?<unit>two|four|eight)\b(?!-)", RegexOptions.IgnoreCase)]
    private static partial Regex MetreInWords();

    [GeneratedRegex(@"\b(?<beats>two|three|four|five|six|seven|nine|twelve|\d{1,2}) beats (?:per|in (?:each|every|a|the)|to (?:the|a|each)|a) (?:bar|measure)\b", RegexOptions.IgnoreCase)]
    private static partial Regex BeatsInBar();

    [GeneratedRegex(@"\b(?<name>duple|triple|quadruple|common|cut)[- ](?:metre|meter|time)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NamedMetre();

    [GeneratedRegex(@"(?<![\w#♯♭])" + Root + @"[- ]?(?<mode>major|minor)\b")]
    private static partial Regex Keys();

    [GeneratedRegex(@"\b[Kk]ey (?:of|is|:) ?" + Root + @"(?!\w)")]
    private static partial Regex KeysWithoutMode();

    [GeneratedRegex(@"(?<![\w#♯♭'’])" + Root + @"(?<mode>maj7|maj9|maj|min7|min|m7b5|m7|m9|m6|m|7|9|6|11|13|sus2|sus4|dim7|dim|aug|add9)(?![\w#])")]
    private static partial Regex ChordSymbols();

    [GeneratedRegex(@"(?<![\w#♯♭'’])(?<root>[A-G](?:#|♯|♭|b|[- ](?:sharp|flat)))(?!\w)")]
    private static partial Regex PitchesWithAccidental();

    [GeneratedRegex(@"(?<!\w)b?(?:[IV]{1,3}|[iv]{1,3})(?:maj7|7|°)?(?:\s*[–—-]\s*b?(?:[IV]{1,3}|[iv]{1,3})(?:maj7|7|°)?)+(?!\w)")]
    private static partial Regex RomanNumerals();

    [GeneratedRegex(@"\b(?:ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b[\w -]*\b(?:bpm|beats (?:per|a) minute)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SpelledTempo();

    [GeneratedRegex(@"\b(?<mode>major|minor)[- ](?:key|mode|tonality|scale)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Modes();

    [GeneratedRegex(@"\d+(?:[.,]\d+)*")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\b(?:chords?|progressions?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AboutChords();

    /// <summary>An A before a word in small letters is an article.</summary>
    [GeneratedRegex(@"(?<![\w'’.])(?:[B-G]|A(?!\s+[a-z]))(?![\w'’])")]
    private static partial Regex SingleLetters();
}
