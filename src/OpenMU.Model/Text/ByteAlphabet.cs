namespace OpenMU.Model.Text;

/// <summary>GPT-2's spelling of bytes as visible characters, in which tokenizer.json writes tokens: a space is Ġ, a line end Ċ.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Letters = Build();
    private static readonly Dictionary<char, byte> Values = Letters.Index().ToDictionary(letter => letter.Item, letter => (byte)letter.Index);

    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        var letters = new char[bytes.Length];
        for (var i = 0; i < letters.Length; i++) letters[i] = Letters[bytes[i]];
        return new(letters);
    }

    /// <exception cref="InvalidDataException">A character stands for no byte.</exception>
    public static byte[] Bytes(string spelling)
        => [.. spelling.Select(letter => Values.TryGetValue(letter, out var value) ? value : throw new InvalidDataException($"the token '{spelling}' holds U+{(int)letter:X4}, which spells no byte"))];

    /// <summary>Visible Latin-1 characters spell themselves; the others follow from U+0100 in their order.</summary>
    private static char[] Build()
    {
        var letters = new char[256];
        var next = (char)256;
        for (var value = 0; value < 256; value++) letters[value] = value is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? (char)value : next++;
        return letters;
    }
}
