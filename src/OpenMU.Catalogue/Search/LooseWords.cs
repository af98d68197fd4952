namespace OpenMU.Catalogue.Search;

/// <summary>
/// What to look for where no track has all words: first without the little words that say nothing of music, then with
/// as many of the others as some track has.
/// </summary>
internal static class LooseWords
{
    // More would be too many ways to choose among them.
    private const int MaxChosen = 7;

    private static readonly HashSet<string> Little =
    [
        "a", "an", "and", "any", "at", "by", "feel", "feeling", "for", "from", "i", "in", "is", "it", "like", "me", "music",
        "my", "of", "on", "or", "piece", "please", "some", "something", "song", "songs", "sound", "sounds", "that", "the", "to",
        "track", "tracks", "want", "with",
    ];

    /// <summary>The conditions to try, in this order, each with a sentence about what it leaves out.</summary>
    /// <param name="required">What always holds.</param>
    /// <param name="words">The plain words.</param>
    /// <param name="absent">Those of them that no track has, where that is known: no try asks for one but the first.
    /// </param>
    public static IEnumerable<(SearchCondition? Condition, string? Note)> Tries(
        IReadOnlyList<SearchCondition> required, IReadOnlyList<(string Text, SearchCondition Condition)> words,
        IReadOnlySet<string> absent)
    {
        yield return (SearchCondition.AllOf([.. required, .. words.Select(word => word.Condition)]), null);
        var telling = words.Where(word => !Little.Contains(word.Text.ToLowerInvariant())).ToList();
        if (telling.Count > 0 && telling.Count < words.Count && !telling.Exists(word => absent.Contains(word.Text)))
        {
            var left = string.Join(", ", words.Select(word => word.Text).Except(telling.Select(word => word.Text)));
            yield return (
                SearchCondition.AllOf([.. required, .. telling.Select(word => word.Condition)]),
                $"No track has all the words; looked for without: {left}.");
        }

        telling = [.. telling.OrderBy(word => absent.Contains(word.Text)).Take(MaxChosen)];
        var there = telling.FindAll(word => !absent.Contains(word.Text)).ConvertAll(word => word.Condition);
        for (var count = Math.Min(there.Count, telling.Count - 1); count > 0; count--)
        {
            var ways = Choose(there, count)
                .Select(some => SearchCondition.AllOf(some)!);
            yield return (
                SearchCondition.AllOf([.. required, SearchCondition.AnyOf(ways)]),
                $"No track has all the words; these have {count} of {telling.Count}: "
                    + $"{string.Join(", ", telling.Select(word => word.Text))}.");
        }
    }

    private static IEnumerable<List<SearchCondition>> Choose(List<SearchCondition> of, int count)
    {
        if (count == 0) return [[]];
        return of.Count < count
            ? []
            : Choose(of[1..], count - 1).Select(rest => (List<SearchCondition>)[of[0], .. rest])
                .Concat(Choose(of[1..], count));
    }
}
