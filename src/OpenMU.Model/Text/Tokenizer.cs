// Tokenizer.cs - the tokenizers of Llama 3, Qwen and RoBERTa: special tokens, pre-tokenizer, byte-pair encoding.
// TokenizerFile reads and writes its files, Gpt2TokenizerFile reads RoBERTa's.
using System.Text;
using System.Text.RegularExpressions;

namespace OpenMU.Model.Text;

/// <summary>
/// Text to token ids and back: byte-level byte-pair encoding with the pre-tokenizer of Llama 3, Qwen or GPT-2. It adds
/// no begin-of-text token; <see cref="Prompt"/> does. Thread-safe.
/// </summary>
public sealed class Tokenizer
{
    public const string BeginOfText = "<|begin_of_text|>";

    /// <summary>A file with a larger id is refused, because a table of all ids is allocated.</summary>
    private const int MaximumId = 1 << 22;

    private readonly BytePairEncoding pairs;
    private readonly int[] idOfRank;
    private readonly byte[]?[] bytesOfId;
    private readonly IReadOnlyDictionary<string, int> specials;
    private readonly HashSet<int> specialIds;
    private readonly Regex? anySpecial;
    private readonly PreTokenizerKind words;
    private readonly bool normalises;
    private readonly IReadOnlySet<int> spoken;

    /// <param name="tokens">The ordinary tokens in the order of their merges.</param>
    /// <param name="specials">Special tokens by name. Text never becomes one unless
    /// <see cref="Encode"/> allows it.</param>
    /// <param name="words">How text is split into words.</param>
    /// <param name="normalises">Whether texts are brought into the form NFC first.</param>
    /// <param name="spoken">Special tokens that belong to an answer's text all the same, such as those around a
    /// tool call.</param>
    /// <exception cref="InvalidDataException">Two tokens share an id, a token occurs twice, an id is too large, or a
    /// byte has no token.</exception>
    internal Tokenizer(
        IReadOnlyList<(byte[] Bytes, int Id)> tokens, IReadOnlyDictionary<string, int> specials,
        PreTokenizerKind words = PreTokenizerKind.Llama3, bool normalises = false, IReadOnlySet<int>? spoken = null)
    {
        (this.specials, this.words, this.normalises) = (specials, words, normalises);
        this.spoken = spoken ?? new HashSet<int>();
        pairs = new([.. tokens.Select(token => token.Bytes)]);
        idOfRank = [.. tokens.Select(token => token.Id)];
        specialIds = [.. specials.Values];
        var largest = idOfRank.Concat(specialIds).Max();
        if (largest > MaximumId) throw new InvalidDataException($"The id {largest} is larger than {MaximumId}.");
        bytesOfId = new byte[]?[largest + 1];
        foreach (var (bytes, id) in tokens.Concat(
            specials.Select(special => (Encoding.UTF8.GetBytes(special.Key), special.Value))))
        {
            if (id < 0 || bytesOfId[id] is not null)
                throw new InvalidDataException($"The id {id} is negative or names two tokens.");
            bytesOfId[id] = bytes;
        }
        // The longest name first: where one is the beginning of another, the longer one matches.
        if (specials.Count > 0)
        {
            anySpecial = new(
                string.Join('|', specials.Keys.OrderByDescending(name => name.Length).Select(Regex.Escape)),
                RegexOptions.CultureInvariant);
        }
    }

    /// <summary>One more than the largest id.</summary>
    public int VocabSize => bytesOfId.Length;

    /// <summary>Special tokens: name -> id.</summary>
    public IReadOnlyDictionary<string, int> Specials => specials;

    internal PreTokenizerKind Words => words;

    internal bool Normalises => normalises;

    /// <summary>Whether a special token belongs to the text of an answer.</summary>
    internal bool IsSpoken(int id) => spoken.Contains(id);

    internal IEnumerable<(byte[] Bytes, int Id)> Tokens => idOfRank.Select(id => (bytesOfId[id]!, id));

    /// <summary>
    /// Reads <c>tokenizer.json</c>, or else <c>tokenizer.model</c> (tiktoken's lines with Llama 3's
    /// specials), from a folder.
    /// </summary>
    /// <exception cref="InvalidDataException">Neither exists, or the file is broken or of another kind of tokenizer;
    /// the message names it.</exception>
    public static Tokenizer Load(string folder) => TokenizerFile.Read(folder);

    /// <summary>Writes <c>tokenizer.json</c> in the format of Hugging Face's tokenizers.</summary>
    /// <exception cref="NotSupportedException">Its pre-tokenizer is GPT-2's.</exception>
    public void Save(string folder)
    {
        if (words == PreTokenizerKind.Gpt2)
            throw new NotSupportedException($"A tokenizer with {words}'s words is only read.");
        TokenizerFile.Write(this, folder);
    }

    /// <summary>The ids of a text. An unpaired surrogate counts as U+FFFD.</summary>
    /// <param name="text">Any text, of any length.</param>
    /// <param name="allowSpecial">
    /// Whether names of special tokens in the text become their ids, as with Hugging Face. By default they are ordinary
    /// text, so that untrusted text cannot end an answer or begin a turn.
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

    /// <summary>The text of ids. Invalid UTF-8 becomes U+FFFD; ids without a token are skipped.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Whether special tokens are left out.</param>
    /// <param name="cleanUpSpaces">Whether spaces before punctuation are removed: Hugging Face's
    /// <c>clean_up_tokenization_spaces</c>.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = true, bool cleanUpSpaces = false)
    {
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            if (id >= 0 && id < bytesOfId.Length && bytesOfId[id] is { } token
                && !(skipSpecial && specialIds.Contains(id) && !spoken.Contains(id)))
            {
                bytes.AddRange(token);
            }
        }
        var text = Encoding.UTF8.GetString([.. bytes]);
        return cleanUpSpaces ? CleanUp(text) : text;
    }

    /// <summary>The id of a special token.</summary>
    /// <exception cref="ArgumentException">There is no special token of this name.</exception>
    public int IdOf(string special) => specials.TryGetValue(special, out var id)
        ? id
        : throw new ArgumentException($"The tokenizer has no special token '{special}'.", nameof(special));

    /// <summary>A token's bytes; null for an id without a token.</summary>
    internal byte[]? BytesOf(int id) => id >= 0 && id < bytesOfId.Length ? bytesOfId[id] : null;

    private void EncodeWords(string text, List<int> ids)
    {
        var first = ids.Count;
        if (normalises) text = Nfc.Normalise(text);
        for (var at = 0; at < text.Length;)
        {
            var length = PreTokenizer.LengthOfWord(text, at, words);
            pairs.Encode(text.AsSpan(at, length), ids);
            at += length;
        }
        for (var i = first; i < ids.Count; i++) ids[i] = idOfRank[ids[i]];
    }

    private static string WellFormed(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out _, out var width) != System.Buffers.OperationStatus.Done)
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            at += width;
        }
        return text;
    }

    private static string CleanUp(string text) => text
        .Replace(" .", ".", StringComparison.Ordinal).Replace(" ?", "?", StringComparison.Ordinal)
        .Replace(" !", "!", StringComparison.Ordinal)
        .Replace(" ,", ",", StringComparison.Ordinal).Replace(" ' ", "'", StringComparison.Ordinal)
        .Replace(" n't", "n't", StringComparison.Ordinal)
        .Replace(" 'm", "'m", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal)
        .Replace(" 've", "'ve", StringComparison.Ordinal)
        .Replace(" 're", "'re", StringComparison.Ordinal);
}
