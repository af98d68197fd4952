using System.Globalization;
using System.Text;

namespace OpenMU.Model.Text;

/// <summary>
/// Unicode's normalization form C (UAX #15): canonically equal texts become equal. .NET does this only with the ICU
/// library, which the programs run without.
/// </summary>
internal static class Nfc
{
    private const string Resource = "OpenMU.Model.Text.canonical.txt";

    // Hangul: syllables of leading consonant, vowel and perhaps trailing consonant, by a formula.
    private const int Syllables = 0xAC00, Leading = 0x1100, Vowels = 0x1161, Trailing = 0x11A7;
    private const int LeadingCount = 19, VowelCount = 21, TrailingCount = 28;
    private const int SyllableCount = LeadingCount * VowelCount * TrailingCount;

    private static readonly Lazy<Tables> Canonical = new(Read);

    public static string Normalise(string text)
    {
        // Below U+0300 nothing combines.
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02FF') < 0) return text;
        var decomposed = new List<int>();
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, decomposed);
        Reorder(decomposed);
        var composed = new StringBuilder(text.Length);
        foreach (var value in Compose(decomposed)) composed.Append(new Rune(value).ToString());
        return composed.ToString();
    }

    private static void Decompose(int value, List<int> output)
    {
        if (value - Syllables is >= 0 and < SyllableCount and var syllable)
        {
            output.Add(Leading + syllable / (VowelCount * TrailingCount));
            output.Add(Vowels + syllable / TrailingCount % VowelCount);
            if (syllable % TrailingCount > 0) output.Add(Trailing + syllable % TrailingCount);
        }
        else if (Canonical.Value.Decompositions.TryGetValue(value, out var parts))
        {
            foreach (var part in parts) Decompose(part, output);
        }
        else
        {
            output.Add(value);
        }
    }

    /// <summary>Sorts each run of combining characters by their classes; equal classes keep their order.</summary>
    private static void Reorder(List<int> values)
    {
        for (var start = 0; start < values.Count; start++)
        {
            var end = start;
            while (end < values.Count && ClassOf(values[end]) > 0) end++;
            if (end - start < 2) continue;
            int[] sorted = [.. values[start..end].OrderBy(ClassOf)];
            for (var i = 0; i < sorted.Length; i++) values[start + i] = sorted[i];
            start = end;
        }
    }

    private static List<int> Compose(List<int> values)
    {
        var output = new List<int>(values.Count);
        var (starter, lastClass) = (-1, 0);
        foreach (var value in values)
        {
            var own = ClassOf(value);
            // Something of the same class, or a starter, in between keeps a character from its starter.
            var blocked = starter < 0 || (output.Count - 1 > starter && lastClass >= own);
            if (!blocked && Composite(output[starter], value) is { } composite)
            {
                output[starter] = composite;
                continue;
            }
            if (own == 0) starter = output.Count;
            lastClass = own;
            output.Add(value);
        }
        return output;
    }

    private static int? Composite(int first, int second)
    {
        if (first - Leading is >= 0 and < LeadingCount and var leading
            && second - Vowels is >= 0 and < VowelCount and var vowel)
        {
            return Syllables + (leading * VowelCount + vowel) * TrailingCount;
        }
        if (first - Syllables is >= 0 and < SyllableCount and var syllable && syllable % TrailingCount == 0
            && second - Trailing is > 0 and < TrailingCount and var trailing)
        {
            return first + trailing;
        }
        return Canonical.Value.Composites.TryGetValue((first, second), out var composite) ? composite : null;
    }

    private static int ClassOf(int value) => Canonical.Value.Classes.GetValueOrDefault(value);

    private static Tables Read()
    {
        using var reader = new StreamReader(typeof(Nfc).Assembly.GetManifestResourceStream(Resource)!);
        var tables = new Tables([], [], []);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#') continue;
            foreach (var entry in line.Split(' ')) Add(tables, entry);
        }
        return tables;
    }

    private static void Add(Tables tables, string entry)
    {
        var mark = entry.IndexOfAny(['=', '!', ':']);
        int[] Numbers(string text, char separator) => [.. text.Split(separator)
            .Select(part => int.Parse(part, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        if (entry[mark] == ':')
        {
            var range = Numbers(entry[..mark], '-');
            var combiningClass = int.Parse(entry[(mark + 1)..], CultureInfo.InvariantCulture);
            for (var value = range[0]; value <= range[^1]; value++) tables.Classes[value] = combiningClass;
            return;
        }
        var (whole, parts) = (Numbers(entry[..mark], '-')[0], Numbers(entry[(mark + 1)..], '+'));
        tables.Decompositions[whole] = parts;
        if (entry[mark] == '=' && parts.Length == 2) tables.Composites[(parts[0], parts[1])] = whole;
    }

    private sealed record Tables(
        Dictionary<int, int[]> Decompositions, Dictionary<(int First, int Second), int> Composites,
        Dictionary<int, int> Classes);
}
