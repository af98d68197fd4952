namespace OpenMU.Catalogue.Settings;

/// <summary>What somebody may have meant who typed a name that does not exist.</summary>
public static class NearestName
{
    private const int LargestTypingError = 3;

    /// <summary>The name that is nearest to what was typed; null where none is near.</summary>
    public static string? Of(string typed, IEnumerable<string> names)
    {
        var nearest = names.MinBy(name => Distance(typed, name));
        return nearest is not null && Distance(typed, nearest) <= Math.Min(LargestTypingError, (nearest.Length - 1) / 2)
            ? nearest
            : null;
    }

    /// <summary>Levenshtein's: letters added, left out or changed.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) =
                    (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
