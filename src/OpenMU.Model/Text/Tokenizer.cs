// Tokenizer.cs - Llama 3's and RoBERTa's tokenizer: specials, words, byte pairs. Files are read and written by TokenizerFile, RoBERTa's read by
// Gpt2TokenizerFile.
using System.Text;
using System.Text.RegularExpressions;

namespace OpenMU.Model.Text;

/// <summary>
/// Text to token ids and back: byte-level byte-pair encoding with Llama 3's words, or GPT-2's. No beginning-of-text is added; <see cref="Prompt"/> does that.
/// Ids and texts are immutable and may be used by several threads.
/// </summary>
public sealed class Tokenizer
{
    public const string BeginOfText = "<|begin_of_text|>";

    /// <summary>A file that names a larger id is broken; a table of ids must not be made for it.</summary>
    private const int MaximumId = 1 << 22;

    private readonly BytePairs pairs;
    private readonly int[] idOfRank;
    private readonly byte[]?[] bytesOfId;
    private readonly IReadOnlyDictionary<string, int> specials;
    private readonly HashSet<int> specialIds;
    private readonly Regex? anySpecial;
    private readonly WordRule words;

    /// <param name="tokens">The tokens that text is made of, in the order in which they are merged.</param>
    /// <param name="specials">Names that stand for one id each, and are never made of text unless asked for.</param>
    /// <param name="words">Where words end.</param>
    /// <exception cref="InvalidDataException">Two tokens share an id, a token occurs twice, an id is too large, or a byte has no token.</exception>
    internal Tokenizer(IReadOnlyList<(byte[] Bytes, int Id)> tokens, IReadOnlyDictionary<string, int> specials, WordRule words = WordRule.Llama3)
    {
        (this.specials, this.words) = (specials, words);
        pairs = new([.. tokens.Select(token => token.Bytes)]);
        idOfRank = [.. tokens.Select(token => token.Id)];
        specialIds = [.. specials.Values];
        var largest = idOfRank.Concat(specialIds).Max();
        if (largest > MaximumId) throw new InvalidDataException($"The id {largest} is larger than {MaximumId}.");
        bytesOfId = new byte[]?[largest + 1];
        foreach (var (bytes, id) in tokens.Concat(specials.Select(special => (Encoding.UTF8.GetBytes(special.Key), special.Value))))
        {
            if (id < 0 || bytesOfId[id] is not null) throw new InvalidDataException($"The id {id} is negative or names two tokens.");
            bytesOfId[id] = bytes;
        }
        // The longest name first: where one begins another, the longer is meant.
        if (specials.Count > 0) anySpecial = new(string.Join('|', specials.Keys.OrderByDescending(name => name.Length).Select(Regex.Escape)), RegexOptions.CultureInvariant);
    }

    /// <summary>One more than the largest id.</summary>
    public int VocabSize => bytesOfId.Length;

    /// <summary>The names that stand for one id each.</summary>
    public IReadOnlyDictionary<string, int> Specials => specials;

    internal IEnumerable<(byte[] Bytes, int Id)> Tokens => idOfRank.Select(id => (bytesOfId[id]!, id));

    /// <summary>Reads <c>tokenizer.json</c>, or else <c>tokenizer.model</c> (tiktoken's lines with Llama 3's specials), from a folder.</summary>
    /// <exception cref="InvalidDataException">There is neither, or the file is broken or of another kind of tokenizer; the message names it.</exception>
    public static Tokenizer Load(string folder) => TokenizerFile.Read(folder);

    /// <summary>Writes <c>tokenizer.json</c> as Hugging Face's tokenizers read it.</summary>
    /// <exception cref="NotSupportedException">Its words are not Llama 3's.</exception>
    public void Save(string folder)
    {
        if (words != WordRule.Llama3) throw new NotSupportedException($"A tokenizer with {words}'s words is only read.");
        TokenizerFile.Write(this, folder);
    }

    /// <summary>The ids of a text. Half a surrogate pair counts as U+FFFD.</summary>
    /// <param name="text">Any text, of any length.</param>
    /// <param name="allowSpecial">
    /// Whether the names of specials in the text stand for their ids, as Hugging Face reads a text. By default they are words like others: text
    /// from outside cannot end an answer or begin a turn.
    /// </param>
    public int[] Encode(string text, bool allowSpecial = false)
    {
        text = WellFormed(text);
        var ids = new List<int>();
        var start = 0;
        if (allowSpecial && anySpecial is not null)
        {
            foreach (var match in anySpecial.EnumerateMatches(text))
            {
                EncodeWords(text[start..match.Index], ids);
                start = match.Index + match.Length;
                ids.Add(specials[text.Substring(match.Index, match.Length)]);
            }
        }
        EncodeWords(start == 0 ? text : text[start..], ids);
        return [.. ids];
    }

    /// <summary>The text of ids. Bytes that are no UTF-8 become U+FFFD; ids without a token say nothing.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Leaves specials out.</param>
    /// <param name="cleanUpSpaces">Takes spaces before punctuation away, as Hugging Face does where <c>clean_up_tokenization_spaces</c> is on.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = true, bool cleanUpSpaces = false)
    {
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            if (id >= 0 && id < bytesOfId.Length && bytesOfId[id] is { } token && !(skipSpecial && specialIds.Contains(id))) bytes.AddRange(token);
        }
        var text = Encoding.UTF8.GetString([.. bytes]);
        return cleanUpSpaces ? CleanUp(text) : text;
    }

    /// <summary>The id of a special.</summary>
    /// <exception cref="ArgumentException">There is no special of this name.</exception>
    public int IdOf(string special) => specials.TryGetValue(special, out var id) ? id : throw new ArgumentException($"The tokenizer has no special token '{special}'.", nameof(special));

    /// <summary>A token's bytes; null where the id has no token.</summary>
    internal byte[]? BytesOf(int id) => id >= 0 && id < bytesOfId.Length ? bytesOfId[id] : null;

    private void EncodeWords(string text, List<int> ids)
    {
        var first = ids.Count;
        for (var at = 0; at < text.Length;)
        {
            var length = WordSplitter.LengthOfWord(text, at, words);
            pairs.Encode(text.AsSpan(at, length), ids);
            at += length;
        }
        for (var i = first; i < ids.Count; i++) ids[i] = idOfRank[ids[i]];
    }

    private static string WellFormed(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out _, out var width) != System.Buffers.OperationStatus.Done) return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            at += width;
        }
        return text;
    }

    private static string CleanUp(string text) => text
        .Replace(" .", ".", StringComparison.Ordinal).Replace(" ?", "?", StringComparison.Ordinal).Replace(" !", "!", StringComparison.Ordinal)
        .Replace(" ,", ",", StringComparison.Ordinal).Replace(" ' ", "'", StringComparison.Ordinal).Replace(" n't", "n't", StringComparison.Ordinal)
        .Replace(" 'm", "'m", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal).Replace(" 've", "'ve", StringComparison.Ordinal)
        .Replace(" 're", "'re", StringComparison.Ordinal);
}
