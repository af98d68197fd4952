using System.Globalization;
using System.Text;

namespace OpenMU.Catalogue.Search;

/// <summary>What becomes of one character in <see cref="SearchFold"/>, once Unicode has taken it apart.</summary>
internal static class FoldedLetters
{
    // Letters that Unicode does not take apart, and that people type as these.
    private static readonly Dictionary<int, string> Letters = new()
    {
        ['ø'] = "o",
        ['ł'] = "l",
        ['ß'] = "ss",
        ['ẞ'] = "ss",
        ['ı'] = "i",
        ['đ'] = "d",
        ['ð'] = "d",
        ['æ'] = "ae",
        ['œ'] = "oe",
        ['þ'] = "th",
        ['ħ'] = "h",
        ['ŋ'] = "n",
        ['ŧ'] = "t",
        ['ƒ'] = "f",
        ['ə'] = "e",
        ['ɛ'] = "e",
        ['ɔ'] = "o",
        ['ɓ'] = "b",
        ['ɖ'] = "d",
        ['ɗ'] = "d",
        ['ƙ'] = "k",
        ['ƴ'] = "y",
        ['ɨ'] = "i",
        ['ʉ'] = "u",
        ['ⱥ'] = "a",
        ['ƀ'] = "b",
        ['ȼ'] = "c",
        ['ɇ'] = "e",
        ['ǥ'] = "g",
        ['ɉ'] = "j",
        ['ɍ'] = "r",
        ['ŀ'] = "l",
        ['ƶ'] = "z",
        ['ȝ'] = "y",
        ['ĸ'] = "k",
        ['ɣ'] = "g",
        ['ɲ'] = "n",
        ['ʋ'] = "v",
        ['ꜳ'] = "aa",
        ['ȸ'] = "db",
        ['ƣ'] = "oi",
        ['ƿ'] = "w",
        ['ɩ'] = "i",
        ['ʊ'] = "u",
        ['ɐ'] = "a",
        // Greek and Arabic letters with forms that are the same to whoever types.
        ['ς'] = "σ",
        ['ى'] = "ي",
        ['ة'] = "ه",
        ['ک'] = "ك",
        ['ی'] = "ي",
        ['ـ'] = "",
        ['ٱ'] = "ا",
    };

    // Their second way to be spelled, by those who have no such letter.
    private const string Diaeresis = "\u0308", Ring = "\u030a";

    /// <summary>Whether a character is taken for an apostrophe, which vanishes.</summary>
    public static bool IsApostrophe(Rune rune) => rune.Value is '\'' or '’' or '‘' or '‛' or 'ʼ' or 'ʻ' or 'ʽ' or 'ʹ'
        or '`' or '´' or '′' or '＇' or 'ʾ' or 'ʿ' or '՚' or 'ꞌ' or '״' or '׳';

    /// <summary>Accents, vowel points and other marks that may be left out.</summary>
    public static bool IsMark(Rune rune) => rune.Value is (>= 0x300 and <= 0x36f) or (>= 0x483 and <= 0x489)
        or (>= 0x591 and <= 0x5c7) or (>= 0x610 and <= 0x61a) or (>= 0x64b and <= 0x65f) or 0x670
        or (>= 0x6d6 and <= 0x6ed) or (>= 0x1ab0 and <= 0x1aff) or (>= 0x1dc0 and <= 0x1dff)
        or (>= 0x20d0 and <= 0x20ff) or (>= 0xfe00 and <= 0xfe0f) or (>= 0xfe20 and <= 0xfe2f);

    /// <summary>A mark that makes another letter of the one before it, as in Indian scripts and Japanese.</summary>
    public static bool IsPartOfWord(Rune rune) => !IsMark(rune) && Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    /// <summary>Whether a character is a digit of any script, and which.</summary>
    public static bool IsDigit(Rune rune, out char digit)
    {
        var isDigit = Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;
        digit = isDigit ? (char)('0' + (int)Rune.GetNumericValue(rune)) : ' ';
        return isDigit;
    }

    /// <summary>The letters that stand for a letter, a digit or a part of one, in small.</summary>
    public static string Of(Rune rune)
    {
        if (rune.IsAscii) return ((char)rune.Value).ToString();
        if (IsDigit(rune, out var digit)) return digit.ToString();
        if (Letters.TryGetValue(rune.Value, out var letters)) return letters;
        // Katakana is Hiragana to whoever types.
        return rune.Value is >= 0x30a1 and <= 0x30f6 ? new Rune(rune.Value - 0x60).ToString() : rune.ToString();
    }

    /// <summary>Whether a letter belongs to a script that is written without spaces between words.</summary>
    public static bool IsUnspaced(Rune rune) => rune.Value is (>= 0x0e00 and <= 0x0eff) or (>= 0x1000 and <= 0x109f)
        or (>= 0x1100 and <= 0x11ff) or (>= 0x1780 and <= 0x17ff) or (>= 0x2e80 and <= 0x2fdf)
        or (>= 0x3005 and <= 0x3007) or (>= 0x3031 and <= 0x3035) or (>= 0x3041 and <= 0x30ff)
        or (>= 0x3105 and <= 0x318f) or (>= 0x31a0 and <= 0x31bf) or (>= 0x31f0 and <= 0x31ff)
        or (>= 0x3400 and <= 0x4dbf) or (>= 0x4e00 and <= 0x9fff) or (>= 0xa960 and <= 0xa97f)
        or (>= 0xac00 and <= 0xd7ff) or (>= 0xf900 and <= 0xfaff) or (>= 0x20000 and <= 0x3ffff);

    /// <summary>What a sign among letters stands for; null where it stands for nothing.</summary>
    public static char? Letter(Rune sign) => sign.Value switch
    {
        '!' => 'i',
        '$' => 's',
        '@' => 'a',
        '€' => 'e',
        _ => null,
    };

    /// <summary>What an accent adds to the letter before it where it is spelled out: <c>e</c> of ü; null for others.
    /// </summary>
    public static string? SpelledOut(Rune mark, char letter) => (mark.ToString(), letter) switch
    {
        (Diaeresis, 'a' or 'o' or 'u') => "e",
        (Ring, 'a') => "a",
        _ => null,
    };
}
