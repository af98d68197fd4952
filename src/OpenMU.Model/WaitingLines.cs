namespace OpenMU.Model;

/// <summary>
/// Two lines before one counter. Whoever is urgent goes first, but after so many urgent ones in a row it is the turn of
/// one of the others, so that nobody waits for ever. Each line is first come, first served.
/// </summary>
/// <param name="inARow">Urgent ones in a row while others wait.</param>
internal sealed class WaitingLines<T>(int inARow) where T : class
{
    private readonly LinkedList<T> urgent = [], others = [];
    private int served;

    public bool IsEmpty => urgent.Count + others.Count == 0;

    /// <summary>Somebody urgent waits.</summary>
    public bool HasUrgent => urgent.Count > 0;

    /// <summary>Whose turn it is; null where nobody waits.</summary>
    public T? Next => Line.First?.Value;

    private LinkedList<T> Line => urgent.Count > 0 && (others.Count == 0 || served < inARow) ? urgent : others;

    public void Add(T item, bool isUrgent) => (isUrgent ? urgent : others).AddLast(item);

    /// <summary>Somebody is served, and stays where he is.</summary>
    public void Serve(bool isUrgent) => served = isUrgent && others.Count > 0 ? served + 1 : 0;

    /// <summary>Takes one out of its line.</summary>
    /// <returns>False if it is in none.</returns>
    public bool Remove(T item) => urgent.Remove(item) || others.Remove(item);
}
