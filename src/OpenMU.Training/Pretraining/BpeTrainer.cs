// BpeTrainer.cs - learns the tokens of a byte-level byte-pair encoding. A word is cut as PreTokenizer cuts it, and is a
// row of symbols (token ids without the specials); a candidate is what two neighbours make together.
using System.Runtime.InteropServices;
using System.Text;
using OpenMU.Model.Text;

namespace OpenMU.Training.Pretraining;

/// <summary>Trains tokenizers.</summary>
public static class BpeTrainer
{
    /// <summary>
    /// Ids in this order: the specials, the 256 bytes, then tokens from the most frequent neighbours on. Equal texts
    /// give equal tokenizers, in whatever order they come.
    /// </summary>
    /// <param name="texts">What the tokens are learnt from.</param>
    /// <param name="vocabSize">The number of ids; fewer come out when no two neighbours occur together
    /// twice any more.</param>
    /// <param name="specials">Names that stand for one id each, the first for id 0.</param>
    public static Tokenizer Train(IEnumerable<string> texts, int vocabSize, IReadOnlyList<string> specials)
    {
        if (vocabSize < specials.Count + 256)
        {
            throw new ArgumentOutOfRangeException(
                nameof(vocabSize), $"{vocabSize} ids are too few for 256 bytes and {specials.Count} specials.");
        }
        var learning = new Learning(Words(texts));
        while (learning.Tokens.Count < vocabSize - specials.Count && learning.Grow())
        {
        }
        return new(
            [.. learning.Tokens.Select((bytes, i) => (bytes, specials.Count + i))],
            specials.Select((name, i) => (name, i)).ToDictionary(special => special.name, special => special.i));
    }

    private static Dictionary<string, int> Words(IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, int>();
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
        {
            for (var at = 0; at < text.Length;)
            {
                var length = PreTokenizer.LengthOfWord(text, at);
                // What is longer is no word, and would cost its length squared.
                if (length is > 1 and <= BytePairEncoding.LongWord)
                    CollectionsMarshal.GetValueRefOrAddDefault(lookup, text.AsSpan(at, length), out _)++;
                at += length;
            }
        }
        return counts;
    }

    private sealed class Learning
    {
        private readonly List<Word> words = [];
        private readonly Dictionary<byte[], Candidate> candidates = new(BytesComparer.Instance);
        private readonly Dictionary<(int Left, int Right), Candidate> joined = [];
        private readonly PriorityQueue<Candidate, (long Count, byte[] Bytes)> queue = new(MostFrequentFirst);

        public Learning(Dictionary<string, int> counts)
        {
            Tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
            foreach (var (text, count) in counts)
                words.Add(new([.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)], count));
            for (var word = 0; word < words.Count; word++) Count(word, +1);
            foreach (var candidate in candidates.Values) queue.Enqueue(candidate, (candidate.Count, candidate.Bytes));
        }

        /// <summary>Bytes, then what was learnt: a symbol is an index of this list.</summary>
        public List<byte[]> Tokens { get; }

        private static Comparer<(long Count, byte[] Bytes)> MostFrequentFirst { get; } =
            Comparer<(long Count, byte[] Bytes)>.Create((a, b) => a.Count != b.Count
                ? b.Count.CompareTo(a.Count)
                : a.Bytes.Length != b.Bytes.Length ? a.Bytes.Length.CompareTo(b.Bytes.Length)
                : a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));

        /// <summary>Makes a token of the most frequent candidate. False when none occurs twice.</summary>
        public bool Grow()
        {
            while (queue.TryDequeue(out var candidate, out var priority))
            {
                if (candidate.Token >= 0 || candidate.Count < 2) continue;
                if (candidate.Count != priority.Count)
                {
                    // It has lost or gained since it was queued.
                    queue.Enqueue(candidate, (candidate.Count, candidate.Bytes));
                    continue;
                }
                candidate.Token = Tokens.Count;
                Tokens.Add(candidate.Bytes);
                Merge(candidate);
                return true;
            }
            return false;
        }

        private void Merge(Candidate token)
        {
            var grown = new HashSet<Candidate>();
            foreach (var word in token.Words.ToArray())
            {
                Count(word, -1);
                MergeWord(words[word].Symbols);
                grown.UnionWith(Count(word, +1));
            }
            foreach (var candidate in grown) queue.Enqueue(candidate, (candidate.Count, candidate.Bytes));
        }

        /// <summary>
        /// As the encoder does it: the lowest token that two neighbours make, the leftmost first,
        /// until no two make one.
        /// </summary>
        private void MergeWord(List<int> symbols)
        {
            while (true)
            {
                var (best, at) = (int.MaxValue, -1);
                for (var i = 0; i + 1 < symbols.Count; i++)
                {
                    if (Joined(symbols[i], symbols[i + 1]).Token is >= 0 and var token && token < best)
                        (best, at) = (token, i);
                }
                if (at < 0) return;
                symbols[at] = best;
                symbols.RemoveAt(at + 1);
            }
        }

        /// <summary>
        /// Adds the word's neighbours to their candidates' counts, or takes them away; the candidates.
        /// </summary>
        private List<Candidate> Count(int word, int sign)
        {
            var (symbols, count) = words[word];
            var touched = new List<Candidate>(symbols.Count);
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                var candidate = Joined(symbols[i], symbols[i + 1]);
                candidate.Count += sign * count;
                if (sign > 0) candidate.Words.Add(word);
                touched.Add(candidate);
            }
            return touched;
        }

        /// <summary>
        /// Neighbours that make the same bytes are one candidate, for the encoder merges them by their bytes.
        /// </summary>
        private Candidate Joined(int left, int right)
        {
            if (joined.TryGetValue((left, right), out var candidate)) return candidate;
            byte[] bytes = [.. Tokens[left], .. Tokens[right]];
            if (!candidates.TryGetValue(bytes, out candidate)) candidates[bytes] = candidate = new(bytes);
            return joined[(left, right)] = candidate;
        }
    }

    private sealed record Word(List<int> Symbols, int Count);

    private sealed class Candidate(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public long Count { get; set; }

        /// <summary>Words that hold it or once did.</summary>
        public HashSet<int> Words { get; } = [];

        /// <summary>What it has become; -1 before.</summary>
        public int Token { get; set; } = -1;
    }
}
