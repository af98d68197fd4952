// SentenceRepair.cs - takes single false words out of a sentence, so that what is right in it need not go too.
using System.Text;
using System.Text.RegularExpressions;

namespace OpenMU.Music.Grounding;

/// <summary>
/// Takes the genres, instruments, voices, moods and words for a tempo that do not hold out of a sentence, where the
/// rest is then still a sentence: out of lists ("piano, bass and drums"), from before a noun ("a sad piece"), and with the
/// phrase that has nothing else in it ("with a sad mood"). It does so by a few shapes that it knows; any other sentence
/// it leaves to be dropped.
/// </summary>
internal static partial class SentenceRepair
{
    // Each false term becomes a hole and each true one a mark of its own, so that shapes are seen whatever is named.
    private const char Hole = '\uE100', FirstMark = '\uE200', LastMark = '\uE2FF';

    private const string Part = "[\uE100\uE200-\uE2FF]", Mark = "[\uE200-\uE2FF]", H = "\uE100";

    private const string Nouns =
        "(?:pieces?|tracks?|tunes?|numbers?|instrumentals?|recordings?|music|songs?|works?|clips?|melod(?:y|ies)|arrangement)";

    private const string ClauseEnd = @"(?=\s*[,.;:!?]|\s*$)";

    private static readonly HashSet<string> Forms = ["ballad", "waltz", "march", "polka"];

    private static readonly Regex[] Phrases =
    [
        EmptyMood(), EmptyPace(), EmptyList(), EmptyRemark(), EmptyAside(), EmptyOpening(),
    ];

    /// <summary>
    /// The sentence without what is false in it; null where that leaves no sentence, or nothing said.
    /// </summary>
    public static string? Of(string sentence, MusicalFacts facts)
    {
        var clauses = sentence.Split("; ");
        var kept = clauses.Select(clause => ClauseOf(clause, facts)).OfType<string>().ToList();
        if (kept.Count == 0) return null;
        var text = string.Join("; ", kept);
        if (!EndsSentence(text)) text += Ending().Match(sentence).Value;
        text = Capital(text, sentence);
        return text != sentence && ClaimFinder.Hold(text, facts) && SaysSomething(text) ? text : null;
    }

    private static string? ClauseOf(string clause, MusicalFacts facts)
    {
        if (ClaimFinder.Hold(clause, facts)) return clause;
        if (Punched(clause, facts, out var words) is not { } text) return null;
        if (Lists().Replace(text, list => Survivors(text, list, words)) is not { } listed || listed.Contains('\0'))
            return null;
        text = listed;
        foreach (var phrase in Phrases) text = phrase.Replace(text, "");
        text = Modifier().Replace(text, match => Article(
            match.Groups["article"].Value, text[(match.Index + match.Length)..], words));
        if (text.Contains(Hole) || Broken().IsMatch(text)) return null;
        return Marks().Replace(text, mark => words[mark.Value[0] - FirstMark]);
    }

    /// <summary>
    /// The clause with marks in the place of terms; null where something else than a name that is affirmed is false.
    /// </summary>
    private static string? Punched(string clause, MusicalFacts facts, out List<string> words)
    {
        words = [];
        if (ClaimFinder.Contradictions(clause, facts)
            .Any(claim => claim is not TermClaim { Polarity: Polarity.Affirmed })) return null;
        var text = new StringBuilder();
        var end = 0;
        foreach (var (start, length, claim) in TermFinder.Places(clause))
        {
            text.Append(clause, end, start - end);
            end = start + length;
            if (claim.IsConfirmedBy(facts))
            {
                if (words.Count > LastMark - FirstMark) return null;
                text.Append((char)(FirstMark + words.Count));
                words.Add(clause[start..end]);
            }
            else if (Forms.Contains(claim.Term.Name) && EndsInArticle().IsMatch(text.ToString())
                && ClauseEndOrPhrase().IsMatch(clause[end..]))
                text.Append("piece");
            else
                text.Append(Hole);
        }

        return text.Append(clause, end, clause.Length - end).ToString();
    }

    /// <summary>
    /// A list without its holes: one hole where nothing is left. A subject of several that would be left alone, and be
    /// singular beside its verb, cannot be mended.
    /// </summary>
    private static string Survivors(string text, Match list, List<string> words)
    {
        var entries = list.Groups["entry"].Captures.Select(entry => entry.Value).ToList();
        var left = entries.Where(entry => !entry.Contains(Hole)).ToList();
        if (left.Count == entries.Count) return list.Value;
        var article = list.Groups["article"].Value;
        if (left.Count == 0) return article + Hole;
        var after = text[(list.Index + list.Length)..];
        var isSubject = list.Index == 0 && article.Length == 0
            && VerbFollows().IsMatch(after) && !NounFollows().IsMatch(after);
        var isPlural = isSubject || text[..list.Index].EndsWith(" are ", StringComparison.Ordinal);
        if (isPlural && left.Count == 1 && !IsPlural(words[left[0][^1] - FirstMark])) return "\0";
        var and = list.Groups["and"] is { Success: true } joined ? joined.Captures[^1].Value : null;
        var rest = left.Count == 1 ? left[0]
            : and is null ? string.Join(", ", left)
            : $"{string.Join(", ", left.SkipLast(1))} {and} {left[^1]}";
        return Article(article, rest, words) + rest;
    }

    private static bool IsPlural(string word) =>
        word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) && word is not "blues";

    /// <summary>"a " or "an ", by the word that follows now.</summary>
    private static string Article(string article, string rest, List<string> words)
    {
        if (article.Length == 0) return "";
        var next = rest.SkipWhile(letter => letter is Hole or ' ').FirstOrDefault();
        if (next is >= FirstMark and <= LastMark) next = words[next - FirstMark][0];
        return $"{article[0]}{("aeiou".Contains(char.ToLowerInvariant(next)) ? "n" : "")} ";
    }

    private static bool EndsSentence(string text) => text.TrimEnd() is [.., '.' or '!' or '?' or '"' or ')' or '\''];

    private static string Capital(string text, string like) =>
        char.IsUpper(like[0]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;

    // "A piece." is no loss.
    private static bool SaysSomething(string text) => ClaimFinder.Find(text).Count > 0;

    [GeneratedRegex("(?<article>\\b[Aa]n? )?(?<entry>" + Part + ")(?:(?:,? (?<and>and|or) |, )(?<entry>(?:(?:an?|the|some) )?"
        + Part + "))+")]
    private static partial Regex Lists();

    [GeneratedRegex("(?<article>\\b[Aa]n? )?" + H + "[ -](?=" + Nouns + "\\b|" + Mark + ")")]
    private static partial Regex Modifier();

    [GeneratedRegex(",? (?:with|that has|has|in) an? " + H
        + @" (?:mood|feel|feeling|character|atmosphere|tone|colour|style|vibe)\b" + ClauseEnd)]
    private static partial Regex EmptyMood();

    [GeneratedRegex(",? (?:at|with|moving at|taken at|played at) an? " + H + @" (?:pace|speed|tempo|pulse|beat)\b")]
    private static partial Regex EmptyPace();

    [GeneratedRegex(",? (?:with|featuring|built (?:on|around|from)|played (?:by|on)|carried by|scored for) "
        + "(?:(?:an?|the|some) )?" + H + ClauseEnd)]
    private static partial Regex EmptyList();

    [GeneratedRegex(",? that (?:feels|sounds|is) " + H + ClauseEnd)]
    private static partial Regex EmptyRemark();

    [GeneratedRegex(", " + H + ClauseEnd)]
    private static partial Regex EmptyAside();

    [GeneratedRegex("^" + H + ", (?=(?:this|the|these|it)\\b)")]
    private static partial Regex EmptyOpening();

    /// <summary>What no sentence of this language has.</summary>
    [GeneratedRegex(@",\s*[,.;!?]|\s,|^\s*,|\b(?:with|and|or|of|by|a|an|the|on|in|at)\s*(?:[,.;!?]|$)|\b[Aa]n? (?:and|or)\b")]
    private static partial Regex Broken();

    [GeneratedRegex("^[ -]" + Nouns + @"\b")]
    private static partial Regex NounFollows();

    [GeneratedRegex(@"^ [a-z]")]
    private static partial Regex VerbFollows();

    /// <summary>"A slow, sad": what follows is a noun.</summary>
    [GeneratedRegex(@"\b(?:[Aa]n?|this|the) (?:[^\s.;:]+ ){0,3}\z", RegexOptions.IgnoreCase)]
    private static partial Regex EndsInArticle();

    [GeneratedRegex(@"^(?:\s*[.,;!?]|\s*$| (?:with|at|in|that|featuring|built|played|carried|by|on|scored|moving|taken|unfolds|is)\b)")]
    private static partial Regex ClauseEndOrPhrase();

    [GeneratedRegex(Mark)]
    private static partial Regex Marks();

    [GeneratedRegex(@"[.?!]*[""')\]]*\s*\z")]
    private static partial Regex Ending();
}
