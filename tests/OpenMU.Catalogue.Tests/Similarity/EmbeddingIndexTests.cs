using CsCheck;
using OpenMU.Catalogue.Similarity;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Similarity;

public sealed class EmbeddingIndexTests
{
    // How far bytes for numbers may move a score at worst, of so few dimensions.
    private const double Rounding = 0.02;

    private static readonly string[] Words = ["calm", "dark", "happy", "piano", "strings", "drums"];

    private static readonly Gen<SimilarityWeights> Weights =
        from weights in Gen.Double[0, 1].Array[5]
        where weights.Sum() > 0.1
        select new SimilarityWeights(weights[0], weights[1], weights[2], weights[3], weights[4]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal static Gen<SoundFacts> Sounds(int dimensions) =>
        from vector in Gen.Float[-1, 1].Array[dimensions]
        from bpm in Gen.Double[40, 250].Nullable()
        from key in Gen.Int[0, 23].Nullable()
        from moods in Gen.Shuffle(Words, 0, 3)
        from instruments in Gen.Shuffle(Words, 0, 3)
        where TrackEmbedding.Normalise(vector)
        select new SoundFacts(vector, bpm, key is { } k ? MusicalKey.FromIndex(k) : null, moods, instruments);

    [Fact]
    public void The_nearest_are_those_of_a_plain_scan_in_double_precision() =>
        (from dimensions in Gen.Int[1, 70]
         from sounds in Sounds(dimensions).Array[1, 300]
         from query in Sounds(dimensions)
         from weights in Weights
         from count in Gen.Int[1, 40]
         select (dimensions, sounds, query, weights, count)).Sample(
            sample =>
            {
                var index = new EmbeddingIndex(sample.dimensions);
                for (var i = 0; i < sample.sounds.Length; i++)
                    index.Add(i + 1, [.. sample.sounds[i].Vector], index.TraitsOf(sample.sounds[i]));

                var found = index.Nearest(sample.query, sample.weights, sample.count, Cancel);

                var plain = sample.sounds.Select(sound => PlainScore(sample.query, sound, sample.weights)).ToArray();
                found.Should().HaveCount(Math.Min(sample.count, plain.Length));
                found.Select(hit => hit.JobId).Should().OnlyHaveUniqueItems();
                foreach (var hit in found) ((double)hit.Score).Should().BeApproximately(plain[hit.JobId - 1], Rounding);
                found.Should().BeInDescendingOrder(hit => hit.Score);
                var left = plain.Where((_, i) => found.All(hit => hit.JobId != i + 1));
                var least = found.Min(hit => hit.Score);
                left.Should().NotContain(score => score > least + Rounding);
            },
            iter: 200);

    [Fact]
    public void The_parts_and_their_mean_are_those_of_the_definition() =>
        (from query in Sounds(8) from other in Sounds(8) from weights in Weights select (query, other, weights)).Sample(
            sample => sample.query.Compare(sample.other).Score(sample.weights).Should()
                .BeApproximately(PlainScore(sample.query, sample.other, sample.weights), 1e-5),
            iter: 1000);

    [Fact]
    public void Rows_of_many_blocks_are_all_compared()
    {
        var index = new EmbeddingIndex(3);
        const int rows = 20_000;
        for (var i = 1; i <= rows; i++)
        {
            var angle = (float)i / rows;
            index.Add(i, [MathF.Cos(angle), MathF.Sin(angle), 0], default);
        }

        var onlySound = new SimilarityWeights(1, 0, 0, 0, 0);
        var far = new SoundFacts([0, 1, 0], null, null, [], []);
        index.Nearest(far, onlySound, 300, Cancel).Should().OnlyContain(hit => hit.JobId > rows * 0.95);
        index.Leave(0);
        index.Nearest(far, onlySound, rows, Cancel).Should().HaveCount(rows - 1).And.NotContain(hit => hit.JobId == 1);
    }

    [Fact]
    public async Task Many_search_while_one_writes()
    {
        var index = new EmbeddingIndex(32);
        var query = new SoundFacts([.. Enumerable.Repeat(1 / MathF.Sqrt(32), 32)], 120, null, [], []);
        var one = new SimilarityWeights();
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    var hits = index.Nearest(query, one, 10, Cancel);
                    hits.Should().NotContain(hit => hit.JobId <= 0 || hit.Score <= 0);
                }
            },
            Cancel)).ToArray();
        for (var i = 1; i <= 20_000; i++)
        {
            var row = index.Add(i, [.. query.Vector], index.TraitsOf(query));
            if (i % 5000 == 0) index.Change(row, index.TraitsOf(query with { Bpm = 60 }));
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
        index.Nearest(query, one, 30_000, Cancel).Should().HaveCount(20_000);
    }

    internal static double PlainScore(SoundFacts a, SoundFacts b, SimilarityWeights weights)
    {
        var cosine = a.Vector.Zip(b.Vector, (x, y) => (double)x * y).Sum();
        var tempo = 0.0;
        if (a.Bpm is { } bpm && b.Bpm is { } other)
        {
            var apart = new[] { 0.5, 1, 2 }.Min(octave => Math.Abs(Math.Log2(octave * bpm / other)));
            tempo = Math.Max(0, 1 - (apart / Math.Log2(1.1)));
        }

        var key = a.Key is not { } first || b.Key is not { } second ? 0
            : first == second ? 1 : first.Neighbours().Contains(second) ? 0.8 : 0;
        var sum = (weights.Sound * Math.Clamp(cosine, 0, 1)) + (weights.Tempo * tempo) + (weights.Key * key)
            + (weights.Mood * Jaccard(a.Moods, b.Moods))
            + (weights.Instruments * Jaccard(a.Instruments, b.Instruments));
        return sum / (weights.Sound + weights.Tempo + weights.Key + weights.Mood + weights.Instruments);
    }

    private static double Jaccard(IReadOnlyList<string> a, IReadOnlyList<string> b) =>
        a.Count + b.Count == 0 ? 0 : (double)a.Intersect(b).Count() / a.Union(b).Count();
}
