using System.Text;
using System.Text.RegularExpressions;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>
/// Draws sentences from templates: <c>{a|b|}</c> is one of several, nested at will; an alternative that starts with an
/// asterisk is kept for held-out data; <c>&lt;name&gt;</c> is a word of the clip; <c>a(n)</c> becomes the article that
/// fits. Sentences get their capital.
/// </summary>
internal sealed partial class Wording(SeededRandom random, bool isHeldOut)
{
    private readonly Dictionary<string, Func<string>> words = [];

    /// <summary>Gives a word its template, drawn again at each use.</summary>
    public Wording With(string name, Func<string> template)
    {
        words[name] = template;
        return this;
    }

    /// <summary>One of the templates, as a finished text.</summary>
    public string Say(params IReadOnlyList<string> templates) => Finish(Expand(random.Pick(templates)));

    /// <summary>One of the templates, without capital: a part of a sentence.</summary>
    public string Part(params IReadOnlyList<string> templates) => Expand(random.Pick(templates));

    private string Expand(string template)
    {
        var text = new StringBuilder();
        for (var at = 0; at < template.Length; at++)
        {
            if (template[at] == '{')
            {
                var end = Closing(template, at);
                text.Append(Expand(random.Pick(Alternatives(template[(at + 1)..end]))));
                at = end;
            }
            else if (template[at] == '<' && template.IndexOf('>', at) is var close and > 0
                && words.TryGetValue(template[(at + 1)..close], out var word))
            {
                text.Append(Expand(word()));
                at = close;
            }
            else text.Append(template[at]);
        }

        return text.ToString();
    }

    private List<string> Alternatives(string inner)
    {
        List<string> found = [];
        int depth = 0, start = 0;
        for (var at = 0; at <= inner.Length; at++)
        {
            if (at < inner.Length && inner[at] == '{') depth++;
            else if (at < inner.Length && inner[at] == '}') depth--;
            if (at < inner.Length && (inner[at] != '|' || depth > 0)) continue;
            var alternative = inner[start..at];
            start = at + 1;
            if (!alternative.StartsWith('*')) found.Add(alternative);
            else if (isHeldOut) found.Add(alternative[1..]);
        }

        return found;
    }

    private static int Closing(string template, int open)
    {
        var depth = 0;
        for (var at = open; ; at++)
        {
            if (template[at] == '{') depth++;
            else if (template[at] == '}' && --depth == 0) return at;
        }
    }

    private static string Finish(string text)
    {
        text = Spaces().Replace(text, " ").Replace(" ,", ",").Replace(" .", ".").Trim();
        text = Article().Replace(text, match => $"{(match.Groups[1].Value == "A" ? "A" : "a")}"
            + $"{(Vowel().IsMatch(match.Groups[2].Value) ? "n" : "")} {match.Groups[2].Value}");
        return SentenceStart().Replace(text, match => match.Value.ToUpperInvariant());
    }

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\b([aA])\(n\) (\S+)")]
    private static partial Regex Article();

    [GeneratedRegex("^(?!one\\b|one-|uni|use)[aeiou]", RegexOptions.IgnoreCase)]
    private static partial Regex Vowel();

    [GeneratedRegex(@"(?:^|[.!?] |\n)[a-z]")]
    private static partial Regex SentenceStart();
}
