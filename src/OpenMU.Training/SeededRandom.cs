using System.Security.Cryptography;
using System.Text;

namespace OpenMU.Training;

/// <summary>Random choices that are the same on every machine and .NET version: SplitMix64 (Steele, Lea and Flood 2014), seeded by a text.</summary>
internal sealed class SeededRandom(string seed)
{
    private ulong state = BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(seed)));

    /// <summary>From 0 up to, not including, 1.</summary>
    public double Roll()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) / (double)(1UL << 53);
    }

    public bool Chance(double probability) => Roll() < probability;

    public double Between(double low, double high) => low + ((high - low) * Roll());

    /// <summary>From low up to, not including, high.</summary>
    public int Number(int low, int high) => low + (int)((high - low) * Roll());

    public T Pick<T>(IReadOnlyList<T> items) => items[Number(0, items.Count)];

    /// <summary>A new list in random order.</summary>
    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        List<T> list = [.. items];
        for (var i = list.Count - 1; i > 0; i--)
        {
            var j = Number(0, i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }

        return list;
    }
}
