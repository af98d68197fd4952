using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Music.Lyrics;

/// <summary>
/// What a model writes when it is asked for lyrics with times. No format is agreed upon: a time, or a stretch from one
/// to another, may stand before a line in several spellings, and what has none is a line without a time.
/// </summary>
public static partial class LyricsTranscript
{
    // A model that has lost its way writes one line for ever.
    private const int MaxRepeats = 8;

    /// <summary>The lyrics; null where the model wrote none.</summary>
    public static SongLyrics? Parse(string written)
    {
        var lines = new List<LyricLine>();
        foreach (var line in written.ReplaceLineEndings("\n").Split('\n').Select(Read))
        {
            if (line.Text.Length == 0 || Saying().IsMatch(line.Text)) continue;
            lines.Add(line);
            if (lines.Count >= MaxRepeats && lines[^MaxRepeats..].TrueForAll(last => last.Text == line.Text)) break;
        }

        try
        {
            return lines.Count == 0 ? null : SongLyrics.Of([], lines.Take(SongLyrics.MaxLines));
        }
        catch (UnusableLyricsException)
        {
            return null;
        }
    }

    private static LyricLine Read(string line)
    {
        var stamp = Stamp().Match(line);
        if (!stamp.Success || Seconds(stamp) is not { } seconds) return new LyricLine(null, line.Trim());
        return new LyricLine(seconds, line[stamp.Length..].Trim().Trim('"').Trim());
    }

    private static double? Seconds(Match stamp)
    {
        double Part(string name) => stamp.Groups[name] is { Success: true } part
            ? double.Parse(part.ValueSpan, CultureInfo.InvariantCulture)
            : 0;
        // A bare number is a number of seconds only where something shows that it is a time.
        if (!stamp.Groups["minutes"].Success && !stamp.Groups["end"].Success && !stamp.Groups["open"].Success) return null;
        return (3600 * Part("hours")) + (60 * Part("minutes")) + Part("seconds");
    }

    [GeneratedRegex(
        @"^\s*[-*]?\s*(?<open>[\[(<])?\s*((?:(?<hours>\d{1,2}):)?(?<minutes>\d{1,3}):)?(?<seconds>\d{1,5}(?:\.\d+)?)s?"
        + @"(?<end>\s*(?:-|–|->|-->|to|~)\s*(?:\d{1,3}:){0,2}\d{1,5}(?:\.\d+)?s?)?\s*[\])>]?\s*:?\s*",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Stamp();

    // What it says about its lyrics, or instead of them.
    [GeneratedRegex(
        @"^(here (are|is) the (lyrics|transcri)|lyrics( with timestamps)?:?$|```|(this|the) (song|track|clip|music|audio) "
        + @"(has|contains|is) (no|instrumental)|there are no (lyrics|vocals)|\(?instrumental\)?\.?$)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Saying();
}
