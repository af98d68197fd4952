// TermFinder.cs - which genres, instruments, voices, moods and tempi a text names, and whether it says or denies them.
using System.Buffers;
using System.Text.RegularExpressions;

namespace OpenMU.Music.Grounding;

/// <summary>How a text names something.</summary>
public enum Polarity
{
    /// <summary>"With drums."</summary>
    Affirmed,

    /// <summary>"Without drums", "drums are absent".</summary>
    Denied,

    /// <summary>"Without drums, piano and bass": nobody can tell where the denial ends.</summary>
    Doubtful,
}

/// <summary>Finds terms in texts, the longest at each place: "electric piano" is no piano.</summary>
internal static partial class TermFinder
{
    private static readonly HashSet<string> Negators =
    [
        "no", "not", "without", "lack", "lacks", "lacking", "missing", "neither", "nor", "never", "cannot", "non",
        "none", "zero", "hardly", "barely", "excluding", "except", "unlike",
    ];

    // After these a text goes on to say what there is.
    private static readonly HashSet<string> Turns =
    [
        "but", "yet", "while", "although", "though", "however", "because", "which", "who", "whose", "just", "only",
        "where", "leaving",
    ];

    // "Not only", "no doubt", "without a doubt" deny nothing.
    private static readonly HashSet<string> NoDenial = ["only", "just", "merely", "simply", "doubt", "wonder", "less"];

    private static readonly SearchValues<char> ClauseEnds = SearchValues.Create(".;:!?()\n—–");

    /// <summary>The claims in the order in which the text makes them.</summary>
    public static IReadOnlyList<TermClaim> Find(string text) => [.. Places(text).Select(place => place.Claim)];

    /// <summary>The same with the place of each.</summary>
    public static IReadOnlyList<(int Start, int Length, TermClaim Claim)> Places(string text)
    {
        var words = Word().Matches(text);
        var found = new List<(int Start, int Length, TermClaim Claim)>();
        var polarity = Polarity.Affirmed;
        var end = 0;
        for (var i = 0; i < words.Count;)
        {
            var gap = text[end..words[i].Index];
            var (term, length, denies) = TermAt(text, words, i);
            polarity = After(
                gap, polarity,
                term is not null || (Joins(Lower(words[i])) && TermAt(text, words, i + 1).Term is not null));
            if (term is null)
            {
                end = words[i].Index + words[i].Length;
                polarity = After(words, i, text.AsSpan(end), polarity);
                i++;
                continue;
            }

            end = words[i + length - 1].Index + words[i + length - 1].Length;
            found.Add((words[i].Index, end - words[i].Index, new(term, denies ? Reversed(polarity) : polarity)));
            i += length;
        }

        foreach (var absence in Absence().Matches(text).Select(match => match.Groups["clause"]))
        {
            for (var i = 0; i < found.Count; i++)
            {
                var (start, length, claim) = found[i];
                if (start >= absence.Index && start < absence.Index + absence.Length)
                    found[i] = (start, length, claim with { Polarity = Reversed(claim.Polarity) });
            }
        }

        return found;
    }

    private static Polarity Reversed(Polarity polarity) => polarity switch
    {
        Polarity.Affirmed => Polarity.Denied,
        Polarity.Denied => Polarity.Affirmed,
        _ => Polarity.Doubtful,
    };

    /// <summary>What a sign between two words does to a denial before it.</summary>
    private static Polarity After(string gap, Polarity polarity, bool termFollows)
    {
        if (polarity is Polarity.Affirmed || gap.AsSpan().ContainsAny(ClauseEnds)) return Polarity.Affirmed;
        if (!gap.Contains(',')) return polarity;
        return termFollows ? Polarity.Doubtful : Polarity.Affirmed;
    }

    /// <summary>
    /// What a word that is no term does to what follows it. A "No," denies nothing of its own sentence.
    /// </summary>
    private static Polarity After(MatchCollection words, int i, ReadOnlySpan<char> rest, Polarity polarity)
    {
        var (word, next) = (Lower(words[i]), i + 1 < words.Count ? Lower(words[i + 1]) : "");
        if (rest is [',', ..]) return polarity;
        if (word is "instead" or "rather" && next is "of" or "than") return Polarity.Denied;
        if (word is "free" or "devoid" or "absence" && next is "of" or "from") return Polarity.Denied;
        // "Rather than rock" denies it; what "more than rock" does, nobody can tell.
        if (word is "than") return polarity is Polarity.Denied ? polarity : Polarity.Doubtful;
        if (Negators.Contains(word) || word.EndsWith("n't", StringComparison.Ordinal))
        {
            var third = i + 2 < words.Count ? Lower(words[i + 2]) : "";
            return NoDenial.Contains(next) || (next is "a" && NoDenial.Contains(third))
                ? polarity
                : Polarity.Denied;
        }

        if (Turns.Contains(word)) return Polarity.Affirmed;
        return word is "and" or "with" && polarity is Polarity.Denied ? Polarity.Doubtful : polarity;
    }

    private static bool Joins(string word) => word is "and" or "or" or "nor";

    /// <summary>
    /// The longest term that begins at a word, how many words it has, and whether it is a denial by itself.
    /// </summary>
    private static (MusicTerm? Term, int Length, bool Denies) TermAt(string text, MatchCollection words, int at)
    {
        if (at >= words.Count) return default;
        var best = (Term: (MusicTerm?)null, Length: 0, Denies: false);
        var spelling = "";
        for (var i = at; i < Math.Min(words.Count, at + MusicTerms.LongestWords); i++)
        {
            if (i > at && text[(words[i - 1].Index + words[i - 1].Length)..words[i].Index] is not (" " or "-")) break;
            var word = Lower(words[i]);
            if (word.EndsWith("'s", StringComparison.Ordinal)) word = word[..^2];
            spelling = i == at ? word : $"{spelling} {word}";
            if (MusicTerms.Find(spelling) is { } term) best = (term, i - at + 1, false);
            else if (MusicTerms.FindDenied(spelling) is { } denied) best = (denied, i - at + 1, true);
        }

        return best;
    }

    private static string Lower(Match word) => word.Value.ToLowerInvariant().Replace('’', '\'');

    [GeneratedRegex(@"\w+(?:['’&]\w+)*")]
    private static partial Regex Word();

    /// <summary>The part of a sentence before "are absent": what is said of it is denied.</summary>
    [GeneratedRegex("""
        (?<clause>[^.,;:!?]*?)\b(?:
            (?:is|are|was|were)\ (?:(?:completely|entirely|wholly|all)\ )?(?:absent|missing|lacking|nowhere|left\ out)
            |(?:(?:is|are|was|were)(?:\ not|n['’]t|\ never)|(?:can|could)(?:not|\ not|n['’]t)\ be)
                \ (?:present|heard|audible|there|used|featured|played|included)
            |(?:do|does|did)(?:\ not|n['’]t)\ (?:appear|play|enter|feature|occur|sound)
        )\b
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Absence();
}
