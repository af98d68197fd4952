using System.Text;

namespace OpenMU.Training;

/// <summary>Seeds made of seeds, the same on every machine and in every process.</summary>
internal static class Seeds
{
    /// <summary>The number-th seed below another. Neighbours have nothing in common (SplitMix64).</summary>
    public static long Mix(long seed, long number)
    {
        var z = unchecked((ulong)seed * 0xD1342543DE82EF95UL + (ulong)(number + 1) * 0x9E3779B97F4A7C15UL);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return (long)((z ^ (z >> 31)) & long.MaxValue);
    }

    /// <summary>A text as a seed (FNV-1a).</summary>
    public static long Of(string text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var letter in Encoding.UTF8.GetBytes(text)) hash = unchecked((hash ^ letter) * 0x100000001B3UL);
        return (long)(hash & long.MaxValue);
    }

    public static Random Random(long seed, long number = 0) => new((int)(Mix(seed, number) & int.MaxValue));

    /// <summary>0 .. count-1 in random order.</summary>
    public static int[] Order(long seed, long number, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        Random(seed, number).Shuffle(order);
        return order;
    }
}
