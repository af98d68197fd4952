namespace OpenMU.Music;

/// <summary>The 24 keys by number: 0 to 11 are major from C upwards, 12 to 23 minor; and the names that disc jockeys use for them.</summary>
public static class KeyNames
{
    private static readonly string[] Tonics = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
    private static readonly string[][] Spellings =
        [["C"], ["C#", "Db"], ["D"], ["D#", "Eb"], ["E"], ["F"], ["F#", "Gb"], ["G"], ["G#", "Ab"], ["A"], ["A#", "Bb"], ["B"]];
    private static readonly string[] MinorTonics = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"];

    /// <summary>Name such as <c>"Eb major"</c> or <c>"C# minor"</c>.</summary>
    public static string Name(int key) => key < 12 ? $"{Tonics[key]} major" : $"{MinorTonics[key - 12]} minor";

    /// <summary>Number of a name in any spelling of sharps and flats.</summary>
    /// <exception cref="FormatException">The name is not a key.</exception>
    public static int Number(string name)
    {
        if (name.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var tonic, ("major" or "minor") and var mode])
        {
            var pitch = Array.FindIndex(Spellings, names => names.Contains(tonic, StringComparer.OrdinalIgnoreCase));
            if (pitch >= 0) return mode == "major" ? pitch : 12 + pitch;
        }

        throw new FormatException($"'{name}' is not one of the 24 keys.");
    }

    /// <summary>The key so many semitones higher, of the same mode.</summary>
    public static int Transposed(int key, int semitones) => key / 12 * 12 + ((key + semitones) % 12 + 12) % 12;

    /// <summary>Camelot wheel: <c>"8B"</c> is C major, <c>"8A"</c> is A minor; a fifth up is the next hour.</summary>
    public static string Camelot(int key) => $"{(Fifths(key) + 7) % 12 + 1}{(key < 12 ? 'B' : 'A')}";

    /// <summary>Open Key notation: <c>"1d"</c> is C major, <c>"1m"</c> is A minor.</summary>
    public static string OpenKey(int key) => $"{Fifths(key) + 1}{(key < 12 ? 'd' : 'm')}";

    // Steps of a fifth from C major or A minor, 0 to 11.
    private static int Fifths(int key) => (key < 12 ? key : key + 3) % 12 * 7 % 12;
}
