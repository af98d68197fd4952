using System.Text.RegularExpressions;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// Words as nltk's word_tokenize splits them, after the Penn Treebank: contractions and marks apart. Sentences end here at a full stop,
/// question or exclamation mark before a blank; nltk's trained model also knows abbreviations.
/// </summary>
public static partial class WordTokenizer
{
    // In this order, as each rule sees what the one before it has made.
    private static readonly (Regex Rule, string Replacement)[] Rules =
    [
        (new("([«“‘„]|[`]+)"), " $1 "),
        (new("^\""), "``"),
        (new("(``)"), " $1 "),
        (new(@"([ (\[{<])(""|'{2})"), "$1 `` "),
        (new(@"(?i)(')(?!re|ve|ll|m|t|s|d|n)(\w)\b"), "$1 $2"),
        (new(@"([^.])(\.)([\])}>""'»”’ ]*)\s*$"), "$1 $2 $3 "),
        (new(@"([:,])([^\d])"), " $1 $2"),
        (new("([:,])$"), " $1 "),
        (new(@"\.{2,}"), " $0 "),
        (new("[;@#$%&]"), " $0 "),
        (new(@"([^.])(\.)([\])}>""']*)\s*$"), "$1 $2$3 "),
        (new("[?!]"), " $0 "),
        (new("([^'])' "), "$1 ' "),
        (new("[*]"), " $0 "),
        (new(@"[\]\[(){}<>]"), " $0 "),
        (new("--"), " -- "),
        (new("^|$"), " "),
        (new("([»”’])"), " $1 "),
        (new("''"), " '' "),
        (new("\""), " '' "),
        (new("([^' ])('[sS]|'[mM]|'[dD]|') "), "$1 $2 "),
        (new("([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) "), "$1 $2 "),
        (new(@"(?i)\b(can)(not)\b"), " $1 $2 "),
        (new(@"(?i)\b(d)('ye)\b"), " $1 $2 "),
        (new(@"(?i)\b(gim)(me)\b"), " $1 $2 "),
        (new(@"(?i)\b(gon)(na)\b"), " $1 $2 "),
        (new(@"(?i)\b(got)(ta)\b"), " $1 $2 "),
        (new(@"(?i)\b(lem)(me)\b"), " $1 $2 "),
        (new(@"(?i)\b(more)('n)\b"), " $1 $2 "),
        (new(@"(?i)\b(wan)(na)(?=\s)"), " $1 $2 "),
        (new(@"(?i) ('t)(is)\b"), " $1 $2 "),
        (new(@"(?i) ('t)(was)\b"), " $1 $2 "),
    ];

    /// <summary>Words and marks of a text of any number of sentences, case kept.</summary>
    public static string[] Tokens(string text) => [.. Sentences(text).SelectMany(SentenceTokens)];

    /// <summary>The sentences of a text.</summary>
    public static string[] Sentences(string text) => [.. SentenceEnd().Split(text).Select(sentence => sentence.Trim()).Where(sentence => sentence.Length > 0)];

    /// <summary>Words and marks of one sentence.</summary>
    public static string[] SentenceTokens(string sentence)
        => Rules.Aggregate(sentence, (text, rule) => rule.Rule.Replace(text, rule.Replacement)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"(?<=[.?!][""')\]»”’]*)\s+")]
    private static partial Regex SentenceEnd();
}
