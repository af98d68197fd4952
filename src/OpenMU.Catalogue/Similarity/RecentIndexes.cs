namespace OpenMU.Catalogue.Similarity;

/// <summary>
/// Indexes that are kept in memory while they are asked for. Together they take so many bytes; of more, the one that
/// was asked for longest ago goes first, and the last one stays.
/// </summary>
/// <param name="mostBytes">Of all.</param>
/// <param name="bytes">How many one takes by now.</param>
internal sealed class RecentIndexes<TKey, TIndex>(long mostBytes, Func<TIndex, long> bytes)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, (TIndex Index, long Asked)> indexes = [];
    private long asked;

    /// <summary>The index of a key, made empty where there is none yet.</summary>
    public TIndex Of(TKey key, Func<TKey, TIndex> make)
    {
        lock (gate)
        {
            var index = indexes.TryGetValue(key, out var known) ? known.Index : make(key);
            indexes[key] = (index, ++asked);
            return index;
        }
    }

    /// <summary>Lets go of what is too much. Who still searches in one that goes has all that it needs.</summary>
    public void LetGo()
    {
        lock (gate)
        {
            while (indexes.Values.Sum(one => bytes(one.Index)) > mostBytes && indexes.Count > 1)
                indexes.Remove(indexes.MinBy(one => one.Value.Asked).Key);
        }
    }
}
