using System.Globalization;
using System.Text;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// How search writes texts, in the index, in queries and for sorting, in every database: what people do not tell apart
/// when they type is the same. Case, accents, letters with strokes, wide and joined letters become plain small ones;
/// apostrophes vanish; <c>R.E.M.</c> is also <c>rem</c>, <c>P!nk</c> is <c>pink</c>. Scripts without spaces between
/// words are written in pairs of characters, and a text of signs alone keeps them; both as letters and digits that
/// every database takes for one word.
/// </summary>
public static class SearchFold
{
    /// <summary>Begins a word that stands for other characters; folding leaves it in no other place.</summary>
    internal const char Mark = 'ƿ';

    private const int MaxJoinedPieces = 5;
    private const int MaxJoinedLetters = 12;
    private const int CodeLength = 4;
    private const int LongestNumber = 40;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>
    /// The words of a text with single spaces between them, then other spellings by which they may be looked for.
    /// </summary>
    public static string Fold(string? text)
    {
        var chunks = Read(text);
        if (chunks.Count == 0) return "";
        var words = chunks.SelectMany(chunk => chunk.Spellings[0]).ToList();
        var seen = words.ToHashSet(StringComparer.Ordinal);
        var others = chunks.SelectMany(chunk => chunk.Spellings.Skip(1)).SelectMany(spelling => spelling);
        words.AddRange(others.Where(seen.Add));
        words.AddRange(words.ConvertAll(WithoutZeros).OfType<string>().Where(seen.Add));
        return string.Join(' ', words);
    }

    /// <summary>What stands between spaces, each with its spellings, the first as it stands.</summary>
    internal static IReadOnlyList<FoldedChunk> Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return [];
        var chunks = new List<FoldedChunk>();
        var letters = Decompose(text);
        foreach (var range in letters.AsSpan().SplitAny(Spaces))
        {
            if (letters[range] is { Length: > 0 } chunk && ChunkFold.Of(chunk) is { } folded) chunks.Add(folded);
        }

        // A dash between two names is none of their words; a title that is a dash is.
        var isNamed = chunks.Any(chunk => !chunk.IsSeparator);
        return isNamed ? chunks.FindAll(chunk => !chunk.IsSeparator) : chunks;
    }

    /// <summary>
    /// What a text is sorted by, each character by its code: folded, without other spellings, and numbers by their
    /// value, so that 2 comes before 10. An article counts.
    /// </summary>
    /// <param name="text">Any.</param>
    /// <param name="maxLength">Longest answer.</param>
    public static string SortKey(string? text, int maxLength)
    {
        if (string.IsNullOrWhiteSpace(text)) return "";
        var key = new StringBuilder();
        var gap = false;
        var number = "";
        foreach (var rune in Decompose(text).EnumerateRunes().Append(new Rune(' ')))
        {
            if (FoldedLetters.IsDigit(rune, out var digit))
            {
                Gap();
                number += digit;
                continue;
            }

            Number();
            if (FoldedLetters.IsMark(rune) || rune.Value == '\'') continue;
            if (Rune.IsLetterOrDigit(rune) || FoldedLetters.IsPartOfWord(rune))
            {
                Gap();
                key.Append(FoldedLetters.Of(rune));
            }
            else
            {
                gap = true;
            }
        }

        var sorted = key.Length > 0 ? key.ToString().Normalize() : Decompose(text).Trim();
        if (sorted.Length <= maxLength) return sorted;
        return char.IsHighSurrogate(sorted[maxLength - 1]) ? sorted[..(maxLength - 1)] : sorted[..maxLength];

        void Gap()
        {
            if (gap && key.Length > 0 && number.Length == 0) key.Append(' ');
            gap = false;
        }

        // How many digits comes first: of two numbers the longer one is the larger.
        void Number()
        {
            if (number.Length == 0) return;
            var value = number.TrimStart('0');
            value = value[..Math.Min(value.Length, LongestNumber)];
            key.Append((char)('0' + value.Length)).Append(value);
            number = "";
        }
    }

    /// <summary>A code point as <see cref="CodeLength"/> letters and digits: what begins alike is alike.</summary>
    internal static void Encode(StringBuilder into, Rune rune)
    {
        for (var (place, power) = (0, 36 * 36 * 36); place < CodeLength; place++, power /= 36)
            into.Append(Digits[rune.Value / power % 36]);
    }

    /// <summary>Reads a code of <see cref="Encode"/>; null where it is none.</summary>
    internal static Rune? Decode(ReadOnlySpan<char> code)
    {
        if (code.Length < CodeLength) return null;
        var value = 0;
        foreach (var c in code[..CodeLength])
        {
            var digit = Digits.IndexOf(c);
            if (digit < 0) return null;
            value = value * 36 + digit;
        }

        return Rune.TryCreate(value, out var rune) ? rune : null;
    }

    /// <summary>Whether a word is one that <see cref="Mark"/> begins, as folding writes it.</summary>
    internal static bool IsCoded(string word)
    {
        if (word.Length <= CodeLength || word[0] != Mark || (word.Length - 1) % CodeLength != 0) return false;
        for (var i = 1; i < word.Length; i += CodeLength)
        {
            if (Decode(word.AsSpan(i)) is null) return false;
        }

        return true;
    }

    internal static bool MayJoin(IReadOnlyList<string> pieces) =>
        pieces.Count > 1 && pieces.All(piece => piece[0] != Mark)
        && (pieces.Count <= MaxJoinedPieces
            || (pieces.Count <= MaxJoinedLetters && pieces.All(piece => piece.Length == 1)));

    private static string? WithoutZeros(string word)
    {
        var number = word.TrimStart('0');
        return number.Length > 0 && number.Length < word.Length && number.All(char.IsAsciiDigit) ? number : null;
    }

    private static readonly System.Buffers.SearchValues<char> Spaces = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c)
            .Where(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '_' or '\ufffd' or '\u200b' or '\u2060')]);

    // Apostrophes first: what decomposes them makes a space and an accent of some. Signs of trade are no letters.
    private static string Decompose(string text)
    {
        var one = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (FoldedLetters.IsApostrophe(rune)) one.Append('\'');
            else if (rune.Value is not ('™' or '℠' or '®' or '©' or '\u00ad') && Rune.GetUnicodeCategory(rune)
                is not (UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate))
            {
                one.Append(rune.ToString());
            }
        }

        // A letter that has its apostrophe within, as in "ŉ", comes apart with it.
        return one.ToString().Normalize(NormalizationForm.FormKD).ToLowerInvariant().Replace('ʼ', '\'');
    }
}

/// <summary>What stands between two spaces, folded.</summary>
/// <param name="Spellings">Each a sequence of words; the first is the one that keeps its place among others.</param>
/// <param name="IsSeparator">Made of signs that stand between names.</param>
/// <param name="EndsInRun">Whether the last word is the last character of several without spaces, so that what follows
/// it could belong to it.</param>
internal sealed record FoldedChunk(
    IReadOnlyList<IReadOnlyList<string>> Spellings, bool IsSeparator = false, bool EndsInRun = false);
