using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace OpenMU.Music.Lyrics;

/// <summary>
/// Files of lyrics beside music: <c>song.lrc</c> or <c>song.txt</c> beside <c>song.mp3</c>, or <c>song.mp3.lrc</c>.
/// </summary>
public static class LyricsFile
{
    /// <summary>Larger files are no lyrics.</summary>
    public const int MaxBytes = 512 << 10;

    private const string Lrc = ".lrc", Txt = ".txt";

    /// <summary>Whether a file could hold lyrics by its name.</summary>
    public static bool IsNamedSo(string path) => IsLrc(path) || path.EndsWith(Txt, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is named as lyrics with times are.</summary>
    public static bool IsLrc(string path) => path.EndsWith(Lrc, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a file of lyrics belongs to a piece of music, by their names.</summary>
    /// <param name="path">Of the lyrics.</param>
    /// <param name="track">Path of the music.</param>
    public static bool BelongsTo(string path, string track)
    {
        var stem = Stem(path);
        return stem == track || (stem == Stem(track) && AudioFileTypes.IsAudio(Path.GetExtension(track)));
    }

    /// <summary>Where lyrics of a file may lie, the nearest and those with times first.</summary>
    public static IEnumerable<string> Beside(string track) =>
        [track + Lrc, Stem(track) + Lrc, track + Txt, Stem(track) + Txt];

    /// <summary>
    /// What all that belongs together begins with: the path without its last extension, where the file's name has one.
    /// </summary>
    public static string Stem(string path) => path[..^Path.GetExtension(path).Length];

    /// <summary>Why a file of this size is not read; null if it is.</summary>
    public static string? TooLarge(long bytes) => bytes <= MaxBytes ? null
        : string.Create(CultureInfo.InvariantCulture, $"It has {bytes:N0} bytes; {MaxBytes:N0} are possible for lyrics.");

    /// <summary>
    /// Reads a file in UTF-8, UTF-16 or Windows-1252, which holds Latin-1, with or without a byte order mark.
    /// </summary>
    /// <exception cref="UnusableLyricsException">It is no text, too large, or has no words in it.</exception>
    public static SongLyrics Read(ReadOnlySpan<byte> bytes)
    {
        if (TooLarge(bytes.Length) is { } reason) throw new UnusableLyricsException(reason);
        var text = Decode(bytes);
        return text.Contains('\0')
            ? throw new UnusableLyricsException("It is no text.")
            : SongLyrics.Parse(text);
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) return Encoding.UTF8.GetString(bytes[3..]);
        if (bytes.StartsWith(Encoding.Unicode.Preamble)) return Encoding.Unicode.GetString(bytes[2..]);
        if (bytes.StartsWith(Encoding.BigEndianUnicode.Preamble))
            return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        if (bytes.Contains((byte)0)) return WithoutMark(bytes);
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        return CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(bytes);
    }

    // Text of 8 bits has no zeros. The line ends and spaces of any language have one in UTF-16, on the side that tells
    // the order.
    private static string WithoutMark(ReadOnlySpan<byte> bytes)
    {
        var (even, odd) = (0, 0);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != 0) continue;
            if (i % 2 == 0) even++;
            else odd++;
        }

        return bytes.Length % 2 != 0
            ? "\0"
            : (even > odd ? Encoding.BigEndianUnicode : Encoding.Unicode).GetString(bytes);
    }
}
