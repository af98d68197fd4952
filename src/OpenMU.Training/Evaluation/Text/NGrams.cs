namespace OpenMU.Training.Evaluation.Text;

/// <summary>Counts of runs of n tokens.</summary>
internal static class NGrams
{
    private const char Between = '\u001f';

    /// <summary>How often each run of <paramref name="n"/> tokens occurs.</summary>
    public static Dictionary<string, int> Count(IReadOnlyList<string> tokens, int n)
    {
        var counts = new Dictionary<string, int>();
        for (var i = 0; i + n <= tokens.Count; i++)
        {
            var run = string.Join(Between, tokens.Skip(i).Take(n));
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }
        return counts;
    }

    /// <summary>Runs that both have, as often as both have them.</summary>
    public static int Overlap(IReadOnlyDictionary<string, int> one, IReadOnlyDictionary<string, int> other) => one.Sum(run => Math.Min(run.Value, other.GetValueOrDefault(run.Key)));

    /// <summary>Each run as often as the text that has it most often.</summary>
    public static Dictionary<string, int> Union(IEnumerable<IReadOnlyDictionary<string, int>> texts)
    {
        var union = new Dictionary<string, int>();
        foreach (var (run, count) in texts.SelectMany(text => text)) union[run] = Math.Max(count, union.GetValueOrDefault(run));
        return union;
    }
}
