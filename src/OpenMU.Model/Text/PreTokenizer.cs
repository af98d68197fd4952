using System.Text;

namespace OpenMU.Model.Text;

/// <summary>Which regular expression splits text into words before byte-pair encoding.</summary>
internal enum PreTokenizerKind
{
    Llama3,

    /// <summary>Llama 3's with one digit at a time.</summary>
    Qwen,

    /// <summary>Also RoBERTa's.</summary>
    Gpt2,
}

/// <summary>
/// The pre-tokenizers of Llama 3, Qwen and GPT-2: they split a text into words, which byte-pair merges never cross. The
/// result is that of the published regular expressions, but on whole code points (.NET's Regex sees half a surrogate
/// pair, which is not a letter) and without backtracking.
/// </summary>
internal static class PreTokenizer
{
    /// <summary>Llama 3's published expression, as it stands in tokenizer.json.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
        + @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>That of Qwen2, Qwen2.5 and Qwen3.</summary>
    public const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
        + @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>GPT-2's expression; tokenizer.json names it ByteLevel.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private enum Kind
    {
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>The length in UTF-16 code units of the word that begins at <paramref name="start"/>.</summary>
    public static int LengthOfWord(string text, int start, PreTokenizerKind kind = PreTokenizerKind.Llama3) =>
        kind == PreTokenizerKind.Gpt2
            ? LengthOfGpt2Word(text, start)
            : LengthOfLlama3Word(text, start, digits: kind == PreTokenizerKind.Qwen ? 1 : 3);

    /// <summary>The alternatives of the expression in its order.</summary>
    private static int LengthOfLlama3Word(string text, int start, int digits)
    {
        if (Contraction(text, start, ignoreCase: true) is > 0 and var contraction) return contraction;
        var first = KindAt(text, start, out var width);
        if (first == Kind.Letter) return Run(text, start, Kind.Letter) - start;
        if (text[start] is not ('\r' or '\n') && first != Kind.Number
            && Run(text, start + width, Kind.Letter) is var letters && letters > start + width)
        {
            return letters - start;
        }
        if (first == Kind.Number) return Run(text, start, Kind.Number, atMost: digits) - start;
        var signs = text[start] == ' ' ? start + 1 : start;
        var end = Run(text, signs, Kind.Other);
        if (end == signs) return Spaces(text, start);
        while (end < text.Length && text[end] is '\r' or '\n') end++;
        return end - start;
    }

    /// <summary>
    /// A run of letters, of numbers or of other characters with an optional space before it; or white space.
    /// </summary>
    private static int LengthOfGpt2Word(string text, int start)
    {
        if (Contraction(text, start, ignoreCase: false) is > 0 and var contraction) return contraction;
        var first = text[start] == ' ' ? start + 1 : start;
        var kind = KindAt(text, first, out _);
        return kind == Kind.Space
            ? AllButTheLast(text, start, Run(text, start, Kind.Space))
            : Run(text, first, kind) - start;
    }

    /// <summary>
    /// White space up to its last line end if it has one; otherwise all but the last space, which
    /// belongs to the next word.
    /// </summary>
    private static int Spaces(string text, int start)
    {
        var end = Run(text, start, Kind.Space);
        var lineEnd = text.AsSpan(start, end - start).LastIndexOfAny('\r', '\n');
        return lineEnd >= 0 ? lineEnd + 1 : AllButTheLast(text, start, end);
    }

    private static int AllButTheLast(string text, int start, int end) =>
        end == text.Length || end == start + 1 ? end - start : end - start - 1;

    /// <summary>
    /// 's 't 're 've 'm 'll 'd. Without regard to case, the long s counts as s, as in Rust's regex crate.
    /// </summary>
    private static int Contraction(string text, int start, bool ignoreCase)
    {
        if (text[start] != '\'' || start + 1 == text.Length) return 0;
        char Folded(int at) =>
            at >= text.Length ? '\0' : !ignoreCase ? text[at] : text[at] == 'ſ' ? 's' : char.ToLowerInvariant(text[at]);
        return (Folded(start + 1), Folded(start + 2)) switch
        {
            ('s' or 't' or 'm' or 'd', _) => 2,
            ('r' or 'v', 'e') or ('l', 'l') => 3,
            _ => 0,
        };
    }

    private static int Run(string text, int at, Kind kind, int atMost = int.MaxValue)
    {
        for (var count = 0; at < text.Length && count < atMost && KindAt(text, at, out var width) == kind; count++)
            at += width;
        return at;
    }

    private static Kind KindAt(string text, int at, out int width)
    {
        if (at >= text.Length)
        {
            width = 0;
            return Kind.Space;
        }
        Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out width);
        return Rune.IsLetter(rune)
            ? Kind.Letter
            : Rune.IsNumber(rune) ? Kind.Number : Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other;
    }
}
