using OpenMU.Mir.Dsp;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>
/// The parts of a song's form, from how alike its beats are. A section begins where sound and harmony change (the
/// checkerboard kernel of Foote, 2000) and where what is repeated begins or ends (structure features, Serrà et al.,
/// 2014); of all divisions the one with the most such change is taken, in which sections of four, eight, twelve and
/// sixteen bars are the likeliest. Sections whose beats are alike one after another get one letter.
/// </summary>
public static class SectionFinder
{
    /// <summary>Shorter music is given no sections.</summary>
    public const double LeastSeconds = 45;

    // Bars: of a section, of the kernel to each side, of the stretches that are compared to find what is repeated.
    private const int LeastBars = 4, MostBars = 32, Kernel = 4, Embedding = 2;

    // Share of harmony in what is alike, the rest being sound.
    private const float HarmonyShare = 0.5f;

    // Of change where something is repeated, beside change of sound and harmony; what a section costs, and one that is
    // shorter than the least at the track's ends; what speaks for beginning with a bar and for a usual length.
    private const double RepeatWeight = 0.6, Price = 1.6, ShortPrice = 1, BarBonus = 0.4, LengthBonus = 0.5;

    // From which on two sections have one letter.
    private const double Alike = 0.32;

    /// <summary>The sections of a track, without gaps from its first sound to its last.</summary>
    /// <param name="onsets">Of the whole track.</param>
    /// <param name="chroma">Of the same.</param>
    /// <param name="beats">Of the same; sections begin on them where there are any.</param>
    /// <returns>None for music that is too short.</returns>
    public static IReadOnlyList<Section> Find(OnsetEnvelope onsets, Chromagram chroma, BeatTrack beats)
    {
        if (onsets.Sounding().Seconds < LeastSeconds) return [];
        return Find(BeatFeatures.Of(onsets, chroma, beats));
    }

    internal static IReadOnlyList<Section> Find(BeatFeatures features)
    {
        // Without beats, and where they come in bars of two, a bar stands for as long as bars of four do.
        var bar = features.BarLength switch { 1 => 4, 2 => 4, var length => length };
        if (features.Count < 2 * bar * LeastBars) return [];
        var alike = Recurrence.Of(features, HarmonyShare);
        var change = Change(alike, bar);
        var bounds = Divide(change, features, bar);
        var kinds = Kinds(alike, bounds, bar);
        return SectionNames.Name(
            [
                .. kinds.Select((kind, i) => new Section(
                    features.Times[bounds[i]], features.Times[bounds[i + 1]], Section.Letter(kind))),
            ],
            [.. kinds.Select((_, i) => features.Levels[bounds[i]..bounds[i + 1]].Average(level => (double)level))]);
    }

    // How much changes at each beat: standard scores above the median.
    private static double[] Change(Recurrence alike, int bar)
    {
        double[] sound = Scores(alike.Checkerboard(bar * Kernel)),
            repeat = Scores(alike.Along(bar * Embedding).RepeatChange(bar));
        return [.. sound.Zip(repeat, (a, b) => a + (RepeatWeight * b))];
    }

    private static double[] Scores(double[] values)
    {
        var sorted = values.Order().ToArray();
        double middle = sorted[sorted.Length / 2], high = sorted[(int)(sorted.Length * 0.9)];
        var scale = Math.Max(1e-9, high - middle);
        return Array.ConvertAll(values, value => Math.Clamp((value - middle) / scale, -1, 3));
    }

    private static int[] Divide(double[] change, BeatFeatures features, int bar)
    {
        var count = features.Count;
        var (best, from) = (new double[count + 1], new int[count + 1]);
        Array.Fill(best, double.NegativeInfinity);
        best[0] = 0;
        for (var to = 1; to <= count; to++)
        {
            var gain = to == count ? 0 : change[to] - Price + (features.IsBar[to] ? BarBonus : 0);
            for (var start = Math.Max(0, to - (MostBars * bar)); start < to; start++)
            {
                var length = to - start;
                // The first and the last section may be short: an upbeat, a last chord.
                var isEnd = start == 0 || to == count;
                if (length < (isEnd ? LeastBars / 2 : LeastBars) * bar) continue;
                var score = best[start] + gain + (LengthBonus * OfLength(length, bar))
                    - (length < LeastBars * bar ? ShortPrice : 0);
                if (score > best[to]) (best[to], from[to]) = (score, start);
            }
        }

        List<int> bounds = [count];
        while (bounds[^1] > 0) bounds.Add(from[bounds[^1]]);
        bounds.Reverse();
        return [.. bounds];
    }

    private static double OfLength(int beats, int bar) =>
        beats % (8 * bar) == 0 ? 1
        : beats % (4 * bar) == 0 ? 0.8
        : beats % (2 * bar) == 0 ? 0.3
        : beats % bar == 0 ? 0.1 : 0;

    // Sections join the kind that they are most alike to on average, the most alike first.
    private static int[] Kinds(Recurrence alike, int[] bounds, int bar)
    {
        var count = bounds.Length - 1;
        var near = new double[count, count];
        for (var a = 0; a < count; a++)
        {
            for (var b = a + 1; b < count; b++)
                near[a, b] = near[b, a] = alike.OfSections((bounds[a], bounds[a + 1]), (bounds[b], bounds[b + 1]), bar);
        }

        List<List<int>> groups = [.. Enumerable.Range(0, count).Select(i => (List<int>)[i])];
        while (groups.Count > 1)
        {
            var (most, one, other) = (double.NegativeInfinity, 0, 0);
            for (var a = 0; a < groups.Count; a++)
            {
                for (var b = a + 1; b < groups.Count; b++)
                {
                    var mean = groups[a].Average(i => groups[b].Average(j => near[i, j]));
                    if (mean > most) (most, one, other) = (mean, a, b);
                }
            }

            if (most < Alike) break;
            groups[one].AddRange(groups[other]);
            groups.RemoveAt(other);
        }

        var kinds = new int[count];
        var order = groups.OrderBy(group => group.Min()).ToList();
        for (var kind = 0; kind < order.Count; kind++)
        {
            foreach (var section in order[kind]) kinds[section] = kind;
        }

        return kinds;
    }
}
