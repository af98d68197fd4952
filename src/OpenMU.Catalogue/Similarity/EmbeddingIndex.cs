// EmbeddingIndex.cs - all embeddings of one model and tenant in memory, a byte a number, compared one by one.
using System.Collections.Concurrent;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OpenMU.Music;

namespace OpenMU.Catalogue.Similarity;

/// <summary>What is compared beside the sound, so small that a million of them fit into memory.</summary>
/// <param name="Octave">As <see cref="SoundFacts.Octave"/>.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="Key"><see cref="MusicalKey.Index"/>; -1 where unknown.</param>
/// <param name="Moods">A bit a word.</param>
/// <param name="Instruments">A bit a word.</param>
internal readonly record struct Traits(
    float Octave, float Seconds, sbyte Key, UInt128 Moods, UInt128 Instruments);

/// <summary>One that an index has found.</summary>
/// <param name="JobId">Whose.</param>
/// <param name="Score">By the rounded numbers: within a few thousandths of the true one.</param>
internal readonly record struct IndexHit(long JobId, float Score);

/// <summary>
/// All embeddings of one model and tenant in memory. Each is rounded to a byte a number: of 768 dimensions, a million
/// take 0.83 GB with all that is compared beside them, and 0.88 GB with the table of their rows. One writer at a time;
/// any number search meanwhile, and see what was there when they began.
/// </summary>
internal sealed class EmbeddingIndex
{
    private const int BlockSize = 8192;
    private const int MaxByte = 127;
    private const int WordBits = 128;

    private static readonly float[] Keys = KeyTable();

    private readonly int dimensions;
    private readonly int stride;
    private readonly ConcurrentDictionary<string, int> words = new(StringComparer.OrdinalIgnoreCase);
    private Snapshot snapshot = new([], 0);

    /// <param name="dimensions">Numbers of each embedding.</param>
    public EmbeddingIndex(int dimensions)
    {
        this.dimensions = dimensions;
        var lanes = Vector<sbyte>.Count;
        stride = (dimensions + lanes - 1) / lanes * lanes;
    }

    /// <summary>Rows, also those that were left.</summary>
    public int Count => Volatile.Read(ref snapshot).Count;

    /// <summary>Bytes that a row takes.</summary>
    public int BytesPerRow => stride + sizeof(long) + sizeof(float) + Marshal.SizeOf<Traits>();

    /// <summary>Numbers of each embedding.</summary>
    public int Dimensions => dimensions;

    /// <summary>What is compared beside the sound.</summary>
    public Traits TraitsOf(SoundFacts facts, double seconds = 0) => new(
        SoundFacts.Octave(facts.Bpm), (float)seconds, (sbyte)(facts.Key?.Index ?? -1), Bits("m:", facts.Moods),
        Bits("i:", facts.Instruments));

    /// <summary>Adds one.</summary>
    /// <returns>Its row.</returns>
    public int Add(long jobId, ReadOnlySpan<float> vector, Traits traits)
    {
        if (vector.Length != dimensions)
        {
            throw new InvalidOperationException(
                $"The embedding of analysis {jobId} has {vector.Length} numbers, others of its model {dimensions}.");
        }

        var (blocks, count) = snapshot;
        if (count == blocks.Length * BlockSize) blocks = [.. blocks, new Block(stride)];
        var (block, row) = (blocks[count / BlockSize], count % BlockSize);
        block.Scales[row] = Round(vector, block.Bytes.AsSpan(row * stride, stride));
        block.JobIds[row] = jobId;
        block.Traits[row] = traits;
        Volatile.Write(ref snapshot, new Snapshot(blocks, count + 1));
        return count;
    }

    /// <summary>Takes other traits for a row. Who searches meanwhile sees the old or the new ones.</summary>
    public void Change(int row, Traits traits)
    {
        var block = snapshot.Blocks[row / BlockSize];
        Traits[] changed = [.. block.Traits];
        changed[row % BlockSize] = traits;
        Volatile.Write(ref block.Traits, changed);
    }

    /// <summary>A row is found no more.</summary>
    public void Leave(int row) => Volatile.Write(ref snapshot.Blocks[row / BlockSize].JobIds[row % BlockSize], 0);

    /// <summary>The most alike, the most alike first.</summary>
    /// <param name="query">What they are compared with.</param>
    /// <param name="weights">What counts how much.</param>
    /// <param name="count">At most as many.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <param name="among">Only these; null for all.</param>
    public IReadOnlyList<IndexHit> Nearest(
        SoundFacts query, SimilarityWeights weights, int count, CancellationToken cancel,
        IReadOnlySet<long>? among = null)
    {
        var prepared = new Query(this, query, weights, among);
        var (blocks, rows) = Volatile.Read(ref snapshot);
        var all = new ConcurrentBag<PriorityQueue<long, float>>();
        Parallel.For(
            0, blocks.Length, new ParallelOptions { CancellationToken = cancel },
            () => new PriorityQueue<long, float>(),
            (index, _, best) =>
            {
                prepared.Scan(blocks[index], Math.Min(BlockSize, rows - (index * BlockSize)), best, count);
                return best;
            },
            all.Add);
        return [.. all.SelectMany(best => best.UnorderedItems)
            .OrderByDescending(hit => hit.Priority).ThenBy(hit => hit.Element).Take(count)
            .Select(hit => new IndexHit(hit.Element, hit.Priority))];
    }

    /// <summary>Pairs of about the same length that sound alike, by the rounded numbers.</summary>
    /// <param name="cosine">At least.</param>
    /// <param name="seconds">They differ by at most as much.</param>
    /// <param name="cancel">Stops between two rows.</param>
    public IEnumerable<(long First, long Second)> Pairs(float cosine, float seconds, CancellationToken cancel)
    {
        var (blocks, count) = Volatile.Read(ref snapshot);
        var rows = Enumerable.Range(0, count).Where(row => JobOf(blocks, row) != 0)
            .OrderBy(row => SecondsOf(blocks, row)).ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var most = SecondsOf(blocks, rows[i]) + seconds;
            for (var j = i + 1; j < rows.Length && SecondsOf(blocks, rows[j]) <= most; j++)
            {
                if (Cosine(blocks, rows[i], rows[j]) < cosine) continue;
                var (first, second) = (JobOf(blocks, rows[i]), JobOf(blocks, rows[j]));
                yield return (Math.Min(first, second), Math.Max(first, second));
            }
        }
    }

    private static long JobOf(Block[] blocks, int row) => blocks[row / BlockSize].JobIds[row % BlockSize];

    private static float SecondsOf(Block[] blocks, int row) =>
        blocks[row / BlockSize].Traits[row % BlockSize].Seconds;

    private float Cosine(Block[] blocks, int row, int other)
    {
        var (first, second) = (blocks[row / BlockSize], blocks[other / BlockSize]);
        var (i, j) = (row % BlockSize, other % BlockSize);
        return first.Scales[i] * second.Scales[j]
            * Dot(first.Bytes.AsSpan(i * stride, stride), second.Bytes.AsSpan(j * stride, stride));
    }

    // Past 128 words of all kinds, two words may share a bit: they are told apart when hits are looked at closely.
    private UInt128 Bits(string kind, IReadOnlyList<string> of)
    {
        var bits = UInt128.Zero;
        foreach (var word in of)
            bits |= UInt128.One << (words.GetOrAdd(kind + word, _ => words.Count) % WordBits);
        return bits;
    }

    /// <summary>Rounds to bytes.</summary>
    /// <returns>What a byte of 1 stands for.</returns>
    private static float Round(ReadOnlySpan<float> vector, Span<sbyte> bytes)
    {
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude(vector));
        if (largest == 0) return 0;
        for (var i = 0; i < vector.Length; i++) bytes[i] = (sbyte)MathF.Round(vector[i] * (MaxByte / largest));
        return largest / MaxByte;
    }

    /// <summary>The inner product of two rows; both have whole vectors of lanes.</summary>
    internal static int Dot(ReadOnlySpan<sbyte> row, ReadOnlySpan<sbyte> other)
    {
        var a = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(row);
        var b = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(other);
        var sum = Vector<int>.Zero;
        for (var i = 0; i < a.Length; i++)
        {
            Vector.Widen(a[i], out var a0, out var a1);
            Vector.Widen(b[i], out var b0, out var b1);
            // A product is at most 127 squared, so two of them fit into 16 bits.
            Vector.Widen((a0 * b0) + (a1 * b1), out var low, out var high);
            sum += low + high;
        }

        return Vector.Sum(sum);
    }

    private static float[] KeyTable() =>
        [.. from key in Enumerable.Range(0, 24)
            from other in Enumerable.Range(0, 24)
            select SoundFacts.KeyLikeness(MusicalKey.FromIndex(key), MusicalKey.FromIndex(other))];

    private static float Overlap(UInt128 words, UInt128 others)
    {
        var both = UInt128.PopCount(words & others);
        return both == UInt128.Zero ? 0 : (float)(int)both / (int)UInt128.PopCount(words | others);
    }

    private sealed record Snapshot(Block[] Blocks, int Count);

    private sealed class Block(int stride)
    {
        public readonly sbyte[] Bytes = new sbyte[BlockSize * stride];
        public readonly float[] Scales = new float[BlockSize];
        public readonly long[] JobIds = new long[BlockSize];
        public Traits[] Traits = new Traits[BlockSize];
    }

    /// <summary>What every row is compared with.</summary>
    private sealed class Query
    {
        private readonly int stride;
        private readonly sbyte[] bytes;
        private readonly float scale, sound, tempo, key, mood, instruments;
        private readonly Traits traits;
        private readonly IReadOnlySet<long>? among;

        public Query(
            EmbeddingIndex index, SoundFacts facts, SimilarityWeights weights, IReadOnlySet<long>? among)
        {
            this.among = among;
            (stride, bytes, traits) = (index.stride, new sbyte[index.stride], index.TraitsOf(facts));
            scale = Round([.. facts.Vector], bytes);
            (sound, tempo, key, mood, instruments) = (
                Part(weights.Sound), Part(weights.Tempo), traits.Key < 0 ? 0 : Part(weights.Key), Part(weights.Mood),
                Part(weights.Instruments));

            float Part(double weight) => (float)(weight / weights.Sum);
        }

        public void Scan(Block block, int rows, PriorityQueue<long, float> best, int count)
        {
            var others = Volatile.Read(ref block.Traits);
            for (var row = 0; row < rows; row++)
            {
                var score = Score(block, row, others[row]);
                if (best.Count == count && best.TryPeek(out _, out var least) && score <= least) continue;
                var job = Volatile.Read(ref block.JobIds[row]);
                if (job == 0 || among?.Contains(job) == false) continue;
                if (best.Count < count) best.Enqueue(job, score);
                else best.EnqueueDequeue(job, score);
            }
        }

        private float Score(Block block, int row, in Traits other)
        {
            var score = 0f;
            if (sound > 0)
            {
                var cosine = scale * block.Scales[row] * Dot(block.Bytes.AsSpan(row * stride, stride), bytes);
                score += sound * Math.Max(0, cosine);
            }

            if (tempo > 0) score += tempo * SoundFacts.TempoLikeness(traits.Octave, other.Octave);
            if (key > 0 && other.Key >= 0) score += key * Keys[(24 * traits.Key) + other.Key];
            if (mood > 0) score += mood * Overlap(traits.Moods, other.Moods);
            if (instruments > 0) score += instruments * Overlap(traits.Instruments, other.Instruments);
            return score;
        }
    }
}
