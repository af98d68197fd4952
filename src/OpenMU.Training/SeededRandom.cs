using System.Security.Cryptography;
using System.Text;

namespace OpenMU.Training;

/// <summary>
/// Random choices that are the same on every machine and .NET version: SplitMix64 (Steele, Lea and Flood
/// 2014), seeded by a text.
/// </summary>
internal sealed class SeededRandom(string seed)
{
    private ulong state = BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(seed)));

    /// <summary>From 0 up to, not including, 1.</summary>
    public double NextDouble()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) / (double)(1UL << 53);
    }

    /// <summary>True with a probability between 0 and 1.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>From low up to, not including, high, all values equally likely.</summary>
    public double Uniform(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>From low up to, not including, high.</summary>
    public int Next(int low, int high) => low + (int)((high - low) * NextDouble());

    /// <summary>One of the items, all equally likely.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(0, items.Count)];

    /// <summary>A new list in random order.</summary>
    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        List<T> list = [.. items];
        for (var i = list.Count - 1; i > 0; i--)
        {
            var j = Next(0, i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }

        return list;
    }
}

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
    public static int[] Permutation(long seed, long number, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        Random(seed, number).Shuffle(order);
        return order;
    }
}
