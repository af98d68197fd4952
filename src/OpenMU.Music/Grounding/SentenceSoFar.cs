using System.Text.RegularExpressions;

namespace OpenMU.Music.Grounding;

/// <summary>
/// Looks at a text while it is being written: a name that does not hold need not be written and taken out again.
/// </summary>
public static partial class SentenceSoFar
{
    // "Electric" is no instrument, but nothing else than one follows it.
    private static readonly Dictionary<string, MusicTerm[]> Beginnings = MusicVocabulary.Instruments
        .Where(label => label.Name.Contains(' ') && MusicTerms.Find(label.Name.Split(' ')[0]) is null)
        .GroupBy(label => label.Name.Split(' ')[0])
        .ToDictionary(group => group.Key, group => group.Select(label => MusicTerms.Find(label.Name)!).ToArray());

    /// <summary>
    /// Whether the last word of a text names what does not hold for the track, or an instrument that its sentence has
    /// named already.
    /// </summary>
    /// <param name="text">What is written so far.</param>
    /// <param name="facts">What was decided and measured.</param>
    public static bool EndsUntrue(string text, MusicalFacts facts)
    {
        if (!LastWord().IsMatch(text)) return false;
        var start = text.AsSpan()[..^1].LastIndexOfAny('.', '!', '?') + 1;
        var sentence = text[start..];
        var places = TermFinder.Places(sentence);
        if (places.Count > 0 && places[^1] is var (at, length, claim) && at + length == sentence.Length)
        {
            return !claim.IsConfirmedBy(facts) || (claim.Kind == ClaimKind.Instrument
                && places.Take(places.Count - 1).Any(place => place.Claim.Term == claim.Term));
        }

        return Beginnings.TryGetValue(LastWord().Match(sentence).Value.ToLowerInvariant(), out var terms)
            && terms.All(term => facts.Says(term) == false);
    }

    [GeneratedRegex(@"\w+\z")]
    private static partial Regex LastWord();
}
