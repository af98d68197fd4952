using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>
/// What sections are called, where form and loudness leave little doubt: a quiet beginning or end that never comes
/// again is an intro or outro; of two kinds that come again in turns the one that comes first is the verse, and the one
/// that is louder and comes last the chorus. Bridges and solos look alike and stay letters.
/// </summary>
internal static class SectionNames
{
    // Decibels, as means over the bands.
    private const double Quieter = 1, Louder = 0.4;

    private const int LeastSections = 4;

    /// <summary>The sections with their names.</summary>
    /// <param name="sections">By letter.</param>
    /// <param name="levels">How loud each is, in decibels.</param>
    public static IReadOnlyList<Section> Name(IReadOnlyList<Section> sections, IReadOnlyList<double> levels)
    {
        if (sections.Count < LeastSections) return sections;
        var named = sections.ToArray();
        var middle = levels.Order().ElementAt(levels.Count / 2);
        NameEnd(0, "intro");
        NameEnd(named.Length - 1, "outro");
        if (Turns(sections, levels) is not var (verse, chorus, louder)) return named;
        for (var i = 0; i < named.Length; i++)
        {
            if (named[i].Label == chorus) named[i] = Called(named[i], "chorus", louder);
            else if (named[i].Label == verse) named[i] = Called(named[i], "verse", louder);
        }

        return named;

        void NameEnd(int at, string name)
        {
            var length = sections[at].End - sections[at].Start;
            if (sections.Count(section => section.Label == sections[at].Label) > 1
                || length > sections.Average(section => section.End - section.Start)) return;
            if (middle - levels[at] is var softer && softer >= Quieter) named[at] = Called(named[at], name, softer);
        }
    }

    // Two letters of which one is the first to come again, and the other follows it twice and more, is louder and has
    // the last word: in AABA the A has both.
    private static (string Verse, string Chorus, double Louder)? Turns(
        IReadOnlyList<Section> sections, IReadOnlyList<double> levels)
    {
        var first = sections.Select(section => section.Label)
            .FirstOrDefault(letter => sections.Count(section => section.Label == letter) > 1);
        var turns = sections.Zip(sections.Skip(1), (one, next) => (one.Label, Next: next.Label))
            .Where(pair => pair.Label != pair.Next).GroupBy(pair => pair).Where(group => group.Count() > 1)
            .Select(group => (
                Verse: group.Key.Label, Chorus: group.Key.Next, Louder: Level(group.Key.Next) - Level(group.Key.Label)))
            .Where(pair => pair.Louder >= Louder && pair.Verse == first && Last(pair.Chorus) > Last(pair.Verse))
            .ToList();
        // Where a third kind takes turns as well, which is which is anybody's guess.
        return turns.Count == 1 ? turns[0] : null;

        int Last(string letter) => sections.Index().Last(section => section.Item.Label == letter).Index;

        double Level(string letter) => sections.Zip(levels).Where(pair => pair.First.Label == letter)
            .Average(pair => pair.Second);
    }

    private static Section Called(Section section, string name, double decibels) => section with
    {
        Function = name,
        Confidence = Math.Round(Math.Min(0.9, 0.6 + (0.1 * decibels)), 2),
    };
}
