using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>
/// The key: one of 24, or none. What is read is how long each chord sounds (<see cref="ChordNetwork"/>), which pitch
/// classes do, and which chord falls to which; a trained layer (<see cref="KeyNetwork"/>) weighs that up from each
/// tonic. The key over time is the likeliest path through windows of a quarter of a minute.
/// </summary>
public static class KeyEstimator
{
    private const int NoKey = 24;
    private const int HalfWindowBlocks = 8;
    private const double ChangeCost = 30;
    private const double LeastChordShare = 0.4;
    private const int LeastBlocks = 2;
    private const double HalfSureSeconds = 6;

    /// <summary>Estimates the key of a whole waveform.</summary>
    public static KeyEstimate Estimate(Waveform waveform) => Estimate(Chromagram(waveform));

    /// <summary>Estimates the key from what was extracted.</summary>
    public static KeyEstimate Estimate(Chromagram chromagram)
    {
        var contents = new KeyContents(chromagram);
        var segments = Segments(contents, chromagram);
        var keyed = segments.Where(segment => segment.Key is not null).ToList();
        if (keyed.Count == 0)
        {
            var certainty = 1 - contents.ChordShare(0, contents.Blocks);
            return new KeyEstimate(null, Round(certainty), chromagram.Tuning.Cents, [], segments);
        }

        // One key all along is judged on the whole; else the one that lasts longest wins, judged on its longest
        // stretch.
        var (from, to) = (0, contents.Blocks);
        var main = keyed.GroupBy(segment => segment.Key)
            .MaxBy(group => group.Sum(segment => segment.End - segment.Start))!;
        if (main.Count() < keyed.Count)
        {
            var longest = main.MaxBy(segment => segment.End - segment.Start);
            var block = contents.FramesOfBlock * chromagram.HopSeconds;
            (from, to) = ((int)Math.Round(longest.Start / block), Math.Min(
                contents.Blocks, (int)Math.Ceiling(longest.End / block)));
        }

        // Two seconds are one chord or two, and no key to be sure of, however clear they are.
        var seconds = (to - from) * contents.FramesOfBlock * chromagram.HopSeconds;
        var probabilities = KeyNetwork.Default.Probabilities(
            contents.Of(from, to), (float)(seconds / (seconds + HalfSureSeconds)));
        var ranked = Enumerable.Range(0, 24).OrderByDescending(key => probabilities[key]).ThenBy(key => key).ToArray();
        var best = ranked[0];
        segments = [.. segments.Select(segment =>
            segment.Key == main.Key ? segment with { Key = MusicalKey.FromIndex(best) } : segment)];
        return new KeyEstimate(
            MusicalKey.FromIndex(best), Round(probabilities[best]), chromagram.Tuning.Cents,
            [.. ranked.Skip(1)
                .Take(3)
                .Select(key => new KeyAlternative(MusicalKey.FromIndex(key), Round(probabilities[key])))], segments);
    }

    internal static Chromagram Chromagram(Waveform waveform)
    {
        var extractor = new ChromaExtractor(waveform.SampleRate);
        extractor.Push(waveform.Samples);
        return extractor.Finish();
    }

    private static List<KeySegment> Segments(KeyContents contents, Chromagram chromagram)
    {
        var blocks = contents.Blocks;
        if (blocks == 0) return [];
        const int states = NoKey + 1;
        var scores = new double[blocks * states];
        for (var block = 0; block < blocks; block++)
        {
            var (from, to) = (Math.Max(0, block - HalfWindowBlocks), Math.Min(blocks, block + HalfWindowBlocks + 1));
            // Near the ends the window keeps its length.
            if (from == 0) to = Math.Min(blocks, 2 * HalfWindowBlocks + 1);
            if (to == blocks) from = Math.Max(0, blocks - 2 * HalfWindowBlocks - 1);
            var music = 1 / (1 + Math.Exp(-20 * (contents.ChordShare(from, to) - LeastChordShare)));
            var probabilities = KeyNetwork.Default.Probabilities(contents.Of(from, to));
            var row = scores.AsSpan(block * states, states);
            for (var key = 0; key < NoKey; key++) row[key] = Math.Log(music * probabilities[key] + 1e-6);
            row[NoKey] = Math.Log(1 - music + 1e-6);
        }

        var (path, _) = StickyViterbi.Decode<double>(scores, states, _ => ChangeCost);
        var seconds = contents.FramesOfBlock * chromagram.HopSeconds;
        var total = chromagram.Frames * chromagram.HopSeconds;
        var segments = new List<KeySegment>();
        for (var start = 0; start < blocks;)
        {
            var end = start + 1;
            while (end < blocks && path[end] == path[start]) end++;
            var key = path[start];
            var run = Enumerable.Range(start, end - start);
            var confidence = run.Average(block => Math.Exp(scores[block * states + key]));
            var isLongEnough = end - start >= LeastBlocks || total < LeastBlocks * seconds;
            segments.Add(new KeySegment(
                start * seconds, Math.Min(total, end * seconds),
                path[start] == NoKey || !isLongEnough ? null : MusicalKey.FromIndex(path[start]), Round(confidence)));
            start = end;
        }

        return segments;
    }

    private static double Round(double probability) => Math.Round(Math.Clamp(probability, 0, 1), 3);
}
