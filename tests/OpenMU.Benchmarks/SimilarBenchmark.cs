using System.Diagnostics;
using System.Globalization;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Similarity;
using OpenMU.Music;

namespace OpenMU.Benchmarks;

/// <summary>
/// What comparing one sound, or one text, with all of a million made-up ones takes, and the memory for them. Nothing is
/// read from a database: in a running site that is done once, and for the few tracks that are found.
/// </summary>
internal static class SimilarBenchmark
{
    private const int SoundDimensions = 768;
    private const int Runs = 100;
    private const int Found = 84;

    public static int Run(string[] arguments)
    {
        var tracks = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 1_000_000;
        var random = new Random(1);
        var sounds = Make("sounds", SoundDimensions, tracks, random);
        Time("sound, tempo, key, moods, instruments", sounds, Found, random, new SimilarityWeights());
        Time("sound alone", sounds, Found, random, new SimilarityWeights(1, 0, 0, 0, 0));
        var texts = Make("texts", SentenceEncoder.Dimensions, tracks, random);
        Time("texts", texts, MeaningSearch.MaxRanked, random, new SimilarityWeights(1, 0, 0, 0, 0));
        var fourth = Enumerable.Range(1, Math.Min(tracks, TrackQuery.MaxNarrowed)).Select(i => 4L * i).ToHashSet();
        Time("texts of 10,000 that words have found", texts, MeaningSearch.MaxRanked, random, new(1, 0, 0, 0, 0), fourth);
        return 0;
    }

    private static EmbeddingIndex Make(string what, int dimensions, int tracks, Random random)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new EmbeddingIndex(dimensions);
        var watch = Stopwatch.StartNew();
        for (var i = 1; i <= tracks; i++)
        {
            var sound = Sound(random, dimensions);
            index.Add(i, [.. sound.Vector], index.TraitsOf(sound));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tracks:N0} {what} of {dimensions} numbers: {index.BytesPerRow:N0} bytes a track, "
                + $"{(GC.GetTotalMemory(forceFullCollection: true) - before) / 1e9:0.00} GB together, "
                + $"made in {watch.Elapsed.TotalSeconds:0} s"));
        return index;
    }

    private static void Time(
        string name, EmbeddingIndex index, int count, Random random, SimilarityWeights weights,
        IReadOnlySet<long>? among = null)
    {
        var times = new double[Runs];
        var before = Environment.CpuUsage.TotalTime;
        for (var run = -5; run < Runs; run++)
        {
            var query = Sound(random, index.Dimensions);
            var started = Stopwatch.GetTimestamp();
            index.Nearest(query, weights, count, CancellationToken.None, among);
            if (run >= 0) times[run] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            else before = Environment.CpuUsage.TotalTime;
        }

        var processor = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Runs;
        Array.Sort(times);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-40} the {count} nearest on {Environment.ProcessorCount} cores: p50 {times[Runs / 2]:0} ms, "
                + $"p95 {times[(int)(0.95 * (Runs - 1))]:0} ms, most {times[^1]:0} ms, processor {processor:0} ms"));
    }

    private static SoundFacts Sound(Random random, int dimensions)
    {
        var vector = new float[dimensions];
        var length = 0.0;
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] = random.NextSingle() - 0.5f;
            length += vector[i] * vector[i];
        }

        for (var i = 0; i < dimensions; i++) vector[i] /= (float)Math.Sqrt(length);
        return new SoundFacts(
            vector, 60 + (120 * random.NextDouble()), MusicalKey.FromIndex(random.Next(24)),
            Words(MusicVocabulary.Moods), Words(MusicVocabulary.Instruments));

        string[] Words(IReadOnlyList<Label> labels) =>
            [labels[random.Next(labels.Count)].Name, labels[random.Next(labels.Count)].Name];
    }
}
