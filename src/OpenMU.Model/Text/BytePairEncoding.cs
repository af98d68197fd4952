using System.Text;
using Microsoft.ML.Tokenizers;

namespace OpenMU.Model.Text;

/// <summary>
/// Byte-level byte-pair encoding (BPE) by ranks, as in tiktoken: of the bytes of a word, the neighbouring pair with the
/// lowest rank is merged, the leftmost first, until no pair has a rank. A word that is itself a token is not split.
/// </summary>
/// <remarks>
/// Microsoft.ML.Tokenizers encodes ordinary words. Its time grows with the square of a word's length, and a text
/// without a break is one word, so long words are merged here with a priority queue: the same tokens in n log n.
/// </remarks>
internal sealed class BytePairEncoding
{
    /// <summary>Words of more bytes are merged with a priority queue.</summary>
    internal const int LongWord = 256;

    private readonly Dictionary<byte[], int> ranks;
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> lookup;
    private readonly TiktokenTokenizer words;
    private readonly int longest;

    /// <param name="tokens">The bytes of each token in the order of their ranks. All 256 single bytes must
    /// be among them.</param>
    /// <exception cref="InvalidDataException">A token occurs twice or is empty, or a byte is missing.</exception>
    public BytePairEncoding(IReadOnlyList<byte[]> tokens)
    {
        ranks = new(tokens.Count, BytesComparer.Instance);
        foreach (var (rank, token) in tokens.Index())
        {
            if (token.Length == 0) throw new InvalidDataException("A token is empty.");
            if (!ranks.TryAdd(token, rank))
                throw new InvalidDataException($"The bytes {Convert.ToHexString(token)} are two tokens.");
            longest = Math.Max(longest, token.Length);
        }
        lookup = ranks.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (var value = 0; value < 256; value++)
        {
            if (!lookup.ContainsKey([(byte)value])) throw new InvalidDataException($"The byte {value} is no token.");
        }
        words = TiktokenTokenizer.Create(AsTiktoken(tokens), preTokenizer: null, normalizer: null);
    }

    /// <summary>Appends the ranks of a word's tokens. The word must be well-formed UTF-16.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> output)
    {
        if (Encoding.UTF8.GetByteCount(word) <= LongWord)
            output.AddRange(words.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
        else
            Merge(Encoding.UTF8.GetBytes(word.ToArray()), output);
    }

    /// <summary>
    /// The same with a priority queue: each merge adds at most two pairs, and pairs that no longer exist are skipped.
    /// </summary>
    internal void Merge(ReadOnlySpan<byte> word, List<int> output)
    {
        if (lookup.TryGetValue(word, out var whole))
        {
            output.Add(whole);
            return;
        }
        // Part i covers the bytes i .. end[i]-1; -1 marks a part that was merged into the one before it.
        int[] end = [.. Enumerable.Range(1, word.Length)];
        int[] previous = [.. Enumerable.Range(-1, word.Length)];
        var pairs = new PriorityQueue<(int Left, int Right, int End), (int Rank, int At)>();
        for (var i = 0; i + 1 < word.Length; i++) Enqueue(word, end, i, pairs);
        while (pairs.TryDequeue(out var pair, out _))
        {
            if (end[pair.Left] != pair.Right || end[pair.Right] != pair.End) continue;
            end[pair.Left] = pair.End;
            end[pair.Right] = -1;
            if (pair.End < word.Length) previous[pair.End] = pair.Left;
            Enqueue(word, end, pair.Left, pairs);
            if (previous[pair.Left] >= 0) Enqueue(word, end, previous[pair.Left], pairs);
        }
        for (var i = 0; i < word.Length; i = end[i]) output.Add(lookup[word[i..end[i]]]);
    }

    private void Enqueue(
        ReadOnlySpan<byte> word, int[] end, int left,
        PriorityQueue<(int Left, int Right, int End), (int Rank, int At)> pairs)
    {
        var right = end[left];
        if (right == word.Length || end[right] - left > longest) return;
        if (lookup.TryGetValue(word[left..end[right]], out var rank))
            pairs.Enqueue((left, right, end[right]), (rank, left));
    }

    private static MemoryStream AsTiktoken(IReadOnlyList<byte[]> tokens)
    {
        var text = new StringBuilder();
        foreach (var (rank, token) in tokens.Index())
            text.Append(Convert.ToBase64String(token)).Append(' ').Append(rank).Append('\n');
        return new(Encoding.ASCII.GetBytes(text.ToString()));
    }
}
