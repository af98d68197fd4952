using System.Text.RegularExpressions;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// METEOR (Banerjee and Lavie, 2005) as nltk computes it: words aligned exactly, then by stem, then by WordNet; recall
/// weighs nine times as much as precision; scattered matches cost up to half.
/// </summary>
/// <param name="synonyms">The words that share a meaning with a word; null leaves that stage out,
/// which scores lower.</param>
public sealed class Meteor(Func<string, IReadOnlySet<string>>? synonyms)
{
    private const double Alpha = 0.9;
    private const double Beta = 3;
    private const double Gamma = 0.5;

    /// <summary>For tables: scores without synonyms are no published METEOR.</summary>
    public string Name => synonyms is null ? "METEOR without synonyms" : "METEOR";

    /// <summary>0 to 1; of several references the best counts.</summary>
    public double Score(TextPair pair)
    {
        var candidate = WordTokenizer.Tokens(pair.Candidate);
        return pair.References.Max(reference => Score(candidate, WordTokenizer.Tokens(reference)));
    }

    /// <summary>Scores words against those of one reference.</summary>
    public double Score(IReadOnlyList<string> candidate, IReadOnlyList<string> reference)
    {
        List<Word> ours = [.. candidate.Select((word, i) => new Word(i, word.ToLowerInvariant()))];
        List<Word> theirs = [.. reference.Select((word, i) => new Word(i, word.ToLowerInvariant()))];
        List<(int Ours, int Theirs)> matches = [.. Align(ours, theirs, Same)];
        // What is left goes on as stems, into the last stage too: nltk looks stems up in WordNet.
        Stem(ours);
        Stem(theirs);
        matches.AddRange(Align(ours, theirs, Same));
        if (synonyms is not null)
            matches.AddRange(Align(ours, theirs, word => synonyms(word).Append(word).ToHashSet().Contains));
        if (matches.Count == 0) return 0;

        var (precision, recall) = ((double)matches.Count / candidate.Count, (double)matches.Count / reference.Count);
        var mean = precision * recall / (Alpha * precision + (1 - Alpha) * recall);
        matches.Sort();
        var chunks =
            1 + matches.Zip(matches.Skip(1)).Count(next => next.Second != (next.First.Ours + 1, next.First.Theirs + 1));
        return (1 - Gamma * Math.Pow((double)chunks / matches.Count, Beta)) * mean;
    }

    private static Func<string, bool> Same(string word) => other => word == other;

    /// <summary>Pairs words from the end, each with the last that suits it, and takes them out.</summary>
    private static IEnumerable<(int Ours, int Theirs)> Align(
        List<Word> ours, List<Word> theirs, Func<string, Func<string, bool>> suits)
    {
        for (var i = ours.Count - 1; i >= 0; i--)
        {
            var suiting = suits(ours[i].Text);
            var j = theirs.FindLastIndex(word => suiting(word.Text));
            if (j < 0) continue;
            yield return (ours[i].Position, theirs[j].Position);
            ours.RemoveAt(i);
            theirs.RemoveAt(j);
        }
    }

    private static void Stem(List<Word> words)
    {
        for (var i = 0; i < words.Count; i++) words[i] = words[i] with { Text = PorterStemmer.Stem(words[i].Text) };
    }

    private readonly record struct Word(int Position, string Text);
}

/// <summary>
/// Words as nltk's word_tokenize splits them, after the Penn Treebank: contractions and marks apart. Sentences end here
/// at a full stop, question or exclamation mark before a blank; nltk's trained model also knows abbreviations.
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
    public static string[] Sentences(string text)
        => [.. SentenceEnd().Split(text).Select(sentence => sentence.Trim()).Where(sentence => sentence.Length > 0)];

    /// <summary>Words and marks of one sentence.</summary>
    public static string[] SentenceTokens(string sentence)
        => Rules.Aggregate(sentence, (text, rule) => rule.Rule.Replace(text, rule.Replacement))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"(?<=[.?!][""')\]»”’]*)\s+")]
    private static partial Regex SentenceEnd();
}
