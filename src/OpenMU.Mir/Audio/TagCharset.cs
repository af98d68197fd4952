using System.Text;
using System.Text.Unicode;

namespace OpenMU.Mir.Audio;

/// <summary>Text in the encodings of tags.</summary>
internal static class TagCharset
{
    // What Windows has in place of the control characters of Latin-1. Nobody means those in a title.
    private const string Windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    /// <summary>
    /// UTF-8 where the bytes are valid UTF-8, which other text hardly ever is by chance; else Windows-1252, which holds
    /// Latin-1.
    /// </summary>
    public static string EightBit(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[3..];
        return Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : string.Create(bytes.Length, bytes, (text, source) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = source[i] is >= 0x80 and < 0xA0 ? Windows1252[source[i] - 0x80] : (char)source[i];
        });
    }

    /// <summary>The same up to the first byte 0, for fields of a fixed size.</summary>
    public static string Fixed(ReadOnlySpan<byte> bytes) => EightBit(new ByteReader(bytes).TakeToNul());

    /// <summary>
    /// UTF-16 by its byte order mark, and by the look of its first character where there is none. An odd byte at the
    /// end is dropped.
    /// </summary>
    public static string Utf16(ReadOnlySpan<byte> bytes, bool isBigEndian = false)
    {
        if (bytes is [0xFE, 0xFF, ..]) isBigEndian = true;
        else if (bytes is [0xFF, 0xFE, ..]) isBigEndian = false;
        else if (bytes is [0, not 0, ..]) isBigEndian = true;
        var encoding = isBigEndian ? Encoding.BigEndianUnicode : Encoding.Unicode;
        return encoding.GetString(bytes[..(bytes.Length & ~1)]);
    }

    /// <summary>Text in one of ID3v2's encodings; NUL still separates its values.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="encoding">0 Latin-1, 1 UTF-16 with a mark, 2 big-endian UTF-16, 3 UTF-8.</param>
    public static string Id3(ReadOnlySpan<byte> bytes, int encoding) =>
        encoding is 1 or 2 ? Utf16(bytes, encoding == 2) : EightBit(bytes);

    /// <summary>The values of a text that NUL separates.</summary>
    public static IEnumerable<string> Values(string text) =>
        text.Split('\0').Select(value => value.Trim('\uFEFF', '\uFFFE', ' ')).Where(value => value.Length > 0);
}
