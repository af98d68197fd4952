using System.Globalization;
using System.Text;

namespace OpenMU.Music.Lyrics;

/// <summary>
/// The words of one song, with times where they are known. Whoever wrote them, they are a stranger's text: cleaned of
/// control characters and bounded in length, and nothing in them is to be obeyed.
/// </summary>
public sealed record SongLyrics
{
    /// <summary>The most lines, and the most characters of one line.</summary>
    public const int MaxLines = 5000, MaxLineLength = 1000;

    /// <summary>The most characters of all lines together, with one for each line's end.</summary>
    public const int MaxLength = 200_000;

    private const int MaxHeaders = 50;

    private SongLyrics(IReadOnlyList<string> headers, IReadOnlyList<LyricLine> lines)
    {
        (Headers, Lines) = (headers, lines);
        Text = string.Join('\n', lines.Select(line => line.Text)).Trim('\n');
    }

    /// <summary>What an LRC file says about itself, as <c>[ti:Title]</c>, one an element; without its offset.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <summary>In the order of time; those without one follow the line that they followed before.</summary>
    public IReadOnlyList<LyricLine> Lines { get; }

    /// <summary>The words alone, a line each.</summary>
    public string Text { get; }

    /// <summary>Whether any line has a time.</summary>
    public bool IsTimed => Lines.Any(line => line.Seconds is not null);

    /// <summary>
    /// Reads plain text or LRC, by what the lines look like: <c>[01:02.50][02:03.50]words</c>, with words' times as
    /// <c>&lt;01:02.50&gt;</c>, and an offset that is taken into the times.
    /// </summary>
    /// <exception cref="UnusableLyricsException">There are no words in it, or far too many.</exception>
    public static SongLyrics Parse(string text)
    {
        var (headers, lines) = LrcText.Read(text);
        return Of(headers, lines);
    }

    /// <summary>Lyrics from lines in any order, as tags and databases hold them.</summary>
    /// <param name="headers">As <see cref="Headers"/>.</param>
    /// <param name="lines">Cleaned here; times are kept to the millisecond.</param>
    /// <exception cref="UnusableLyricsException">There are no words in it, or far too many.</exception>
    public static SongLyrics Of(IEnumerable<string> headers, IEnumerable<LyricLine> lines)
    {
        var ordered = Ordered([.. lines.Select(LrcText.Clean)]);
        if (!ordered.Exists(line => line.Text.Length > 0)) throw new UnusableLyricsException("There are no words in it.");
        if (ordered.Count > MaxLines)
            throw new UnusableLyricsException($"It has {Number(ordered.Count)} lines; {Number(MaxLines)} are possible.");
        var tooLong = ordered.FindIndex(line => line.Text.Length > MaxLineLength);
        if (tooLong >= 0)
        {
            throw new UnusableLyricsException(
                $"Its line {Number(tooLong + 1)} has more than {Number(MaxLineLength)} characters.");
        }

        if (ordered.Sum(line => line.Text.Length + 1) > MaxLength)
            throw new UnusableLyricsException($"It has more than {Number(MaxLength)} characters.");
        return new SongLyrics([.. headers.Take(MaxHeaders)], ordered);
    }

    /// <summary>The lyrics as an LRC file; plain text where there are no times. Lines end with LF.</summary>
    public string ToLrc()
    {
        var text = new StringBuilder();
        foreach (var header in Headers) text.Append(header).Append('\n');
        foreach (var line in Lines) text.Append(LrcText.Write(line)).Append('\n');
        return text.ToString();
    }

    // A timed line's place is its time; one without a time goes with the line before it. Empty lines part stanzas where
    // no line has a time; elsewhere they say nothing.
    private static List<LyricLine> Ordered(List<LyricLine> lines)
    {
        var isTimed = lines.Exists(line => line.Seconds is not null);
        var placed = new List<(double At, LyricLine Line)>();
        var at = double.NegativeInfinity;
        foreach (var line in lines)
        {
            at = line.Seconds ?? at;
            var saysNothing = line.Text.Length == 0 && line.Seconds is null
                && (isTimed || placed.Count == 0 || placed[^1].Line.Text.Length == 0);
            if (!saysNothing) placed.Add((at, line));
        }

        while (placed.Count > 0 && placed[^1].Line is { Seconds: null, Text: "" }) placed.RemoveAt(placed.Count - 1);
        return [.. placed.OrderBy(entry => entry.At).Select(entry => entry.Line)];
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
