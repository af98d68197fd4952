namespace OpenMU.Model.Text;

/// <summary>
/// GPT-2's bytes_to_unicode: bytes as visible characters, which tokenizer.json uses in its tokens. A
/// space is Ġ, a line feed Ċ.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Letters = Build();
    private static readonly Dictionary<char, byte> Values =
        Letters.Index().ToDictionary(letter => letter.Item, letter => (byte)letter.Index);

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var letters = new char[bytes.Length];
        for (var i = 0; i < letters.Length; i++) letters[i] = Letters[bytes[i]];
        return new(letters);
    }

    /// <exception cref="InvalidDataException">A character does not represent a byte.</exception>
    public static byte[] Decode(string spelling)
        => [.. spelling.Select(letter => Values.TryGetValue(letter, out var value)
            ? value
            : throw new InvalidDataException(
                $"the token '{spelling}' holds U+{(int)letter:X4}, which spells no byte"))];

    /// <summary>
    /// Visible Latin-1 characters represent themselves; the other bytes follow from U+0100 on in their order.
    /// </summary>
    private static char[] Build()
    {
        var letters = new char[256];
        var next = (char)256;
        for (var value = 0; value < 256; value++)
            letters[value] = value is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? (char)value : next++;
        return letters;
    }
}
