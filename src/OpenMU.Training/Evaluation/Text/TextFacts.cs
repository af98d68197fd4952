using System.Text.RegularExpressions;
using OpenMU.Music;
using OpenMU.Music.Grounding;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// Finds the facts that a text states, by the words of <see cref="MusicVocabulary"/> and the claims
/// of metre and key in it.
/// </summary>
public static partial class TextFacts
{
    private static readonly (string Aspect, IReadOnlyList<Label> Labels)[] Words =
    [
        (Fact.Genre, MusicVocabulary.Genres), (Fact.Instrument, MusicVocabulary.Instruments),
        (Fact.Mood, MusicVocabulary.Moods), (Fact.TempoClass, MusicVocabulary.TempoClasses),
    ];

    /// <summary>
    /// Each fact once. What a text denies ("without drums") is no fact; a mode counts by itself only
    /// where no key is named.
    /// </summary>
    public static IReadOnlySet<Fact> In(string text)
    {
        var affirmed = Denied().Replace(text, " ");
        var facts = Words.SelectMany(words => MusicVocabulary.Mentioned(words.Labels, affirmed)
            .Select(name => new Fact(words.Aspect, name))).ToHashSet();
        var claims = ClaimFinder.Find(affirmed);
        facts.UnionWith(claims.OfType<MetreClaim>().Select(claim => claim.Metre)
            .OfType<Metre>().Where(IsUsual).Select(metre => new Fact(Fact.Metre, metre.Label)));
        Fact[] keys = [.. claims.OfType<KeyClaim>().Select(claim => claim.Key).OfType<MusicalKey>().Select(Fact.OfKey)];
        facts.UnionWith(keys.Length > 0
            ? keys
            : claims.OfType<ModeClaim>().Select(claim => new Fact(Fact.Mode, claim.IsMinor ? "minor" : "major")));
        return facts;
    }

    /// <summary>
    /// The label that a text names first; null for none. What lyrics are about is said before
    /// lines of theirs are quoted.
    /// </summary>
    public static string? First(IReadOnlyList<Label> labels, string text)
    {
        for (var length = 1; length <= text.Length; length++)
        {
            // A word counts once it is complete, so a prefix ends where a word does.
            if (length < text.Length && char.IsLetterOrDigit(text[length])) continue;
            if (MusicVocabulary.Mentioned(labels, text[..length]) is [var first, ..]) return first;
        }
        return null;
    }

    // "1/4" is a note's length.
    private static bool IsUsual(Metre metre) => metre.Upper is >= 2 and <= 9 or 12;

    [GeneratedRegex(@"(?i)\b(?:no|not|without|lacks|lacking|instead of|than|drums are absent)\b[^.,;:!?]*")]
    private static partial Regex Denied();
}
