using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenMU.Music.Lyrics;

/// <summary>
/// The lines of LRC files. A line without a time is text; so plain lyrics are LRC without times, and both are read the
/// same way.
/// </summary>
internal static partial class LrcText
{
    // What a three-digit number of minutes can say.
    private const double MaxSeconds = (999 * 60) + 59.999;

    // A larger one is no correction of a player's delay.
    private const double MaxOffsetSeconds = 600;

    private const int MaxTimesOfLine = 100;

    /// <summary>Headers and lines in the file's order, times with the file's offset taken in.</summary>
    public static (List<string> Headers, List<LyricLine> Lines) Read(string text)
    {
        var (headers, lines, offset) = (new List<string>(), new List<LyricLine>(), 0.0);
        foreach (var raw in LineEnds().Split(text))
        {
            // So much of a line is never lyrics; what is left is still too long, and said to be.
            var line = Clean(raw.Length > 10 * SongLyrics.MaxLineLength ? raw[..(10 * SongLyrics.MaxLineLength)] : raw);
            if (Offset().Match(line) is { Success: true } shift) offset = Shift(shift.Groups[1].ValueSpan);
            else if (Header().IsMatch(line)) headers.Add(line);
            else lines.AddRange(ReadLine(line));
            if (lines.Count > 2 * SongLyrics.MaxLines) break;
        }

        // A positive offset makes words appear sooner.
        return (headers, offset == 0 ? lines : lines.ConvertAll(line => Moved(line, -offset)));
    }

    /// <summary>One line of LRC.</summary>
    public static string Write(LyricLine line)
    {
        var text = new StringBuilder();
        if (line.Seconds is { } seconds) text.Append('[').Append(Time(seconds)).Append(']');
        if (line.Words is null) return text.Append(line.Text).ToString();
        foreach (var word in line.Words) text.Append('<').Append(Time(word.Seconds)).Append('>').Append(word.Text);
        return text.ToString();
    }

    /// <summary>
    /// A line as it is kept: on one line, without control characters, times to the millisecond, and nothing in its text
    /// that would be read as a time.
    /// </summary>
    public static LyricLine Clean(LyricLine line)
    {
        if (line.Seconds is null) return new LyricLine(null, WithoutLineTime(Clean(line.Text)));
        var words = line.Words?.Select(word => new LyricWord(Kept(word.Seconds), Spaced(WithoutTimes(word.Text))))
            .ToList();
        if (words is { Count: > 0 })
        {
            // Of two spaces that meet, one says it all; none is needed at either end.
            for (var i = 0; i < words.Count; i++)
            {
                var before = words[..i].FindLast(word => word.Text.Length > 0);
                if (before is null || before.Text.EndsWith(' '))
                    words[i] = words[i] with { Text = words[i].Text.TrimStart() };
            }

            var last = words.FindLastIndex(word => word.Text.Trim().Length > 0);
            for (var i = Math.Max(last, 0); i < words.Count; i++)
                words[i] = words[i] with { Text = words[i].Text.TrimEnd() };
            return new LyricLine(Kept(line.Seconds.Value), string.Concat(words.Select(word => word.Text)), words);
        }

        return new LyricLine(Kept(line.Seconds.Value), WithoutTimes(Clean(line.Text)));
    }

    private static IEnumerable<LyricLine> ReadLine(string line)
    {
        var (rest, times) = (line, new List<double>());
        while (times.Count < MaxTimesOfLine && LineTime().Match(rest) is { Success: true } stamp)
        {
            times.Add(Seconds(stamp));
            rest = rest[stamp.Length..];
        }

        if (times.Count == 0) return [new LyricLine(null, line)];
        return times.Select(time => Timed(time, rest, times[0]));
    }

    // Repeated lines sing their words as far apart as the first time.
    private static LyricLine Timed(double time, string rest, double first)
    {
        var stamps = WordTime().Matches(rest);
        if (stamps.Count == 0) return new LyricLine(time, rest.Trim());
        var words = new List<LyricWord>();
        if (rest[..stamps[0].Index].TrimStart() is { Length: > 0 } before) words.Add(new LyricWord(time, before));
        for (var i = 0; i < stamps.Count; i++)
        {
            var start = stamps[i].Index + stamps[i].Length;
            var end = i + 1 < stamps.Count ? stamps[i + 1].Index : rest.Length;
            words.Add(new LyricWord(Seconds(stamps[i]) - first + time, rest[start..end]));
        }

        return new LyricLine(time, string.Concat(words.Select(word => word.Text)), words);
    }

    private static LyricLine Moved(LyricLine line, double seconds) => line with
    {
        Seconds = line.Seconds + seconds,
        Words = line.Words?.Select(word => word with { Seconds = word.Seconds + seconds }).ToList(),
    };

    private static double Shift(ReadOnlySpan<char> milliseconds) =>
        double.TryParse(milliseconds, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && Math.Abs(value) <= 1000 * MaxOffsetSeconds
            ? value / 1000
            : 0;

    private static double Seconds(Match stamp)
    {
        var fraction = stamp.Groups["fraction"].ValueSpan;
        return (60 * int.Parse(stamp.Groups["minutes"].ValueSpan, CultureInfo.InvariantCulture))
            + int.Parse(stamp.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture)
            + (fraction.Length == 0
                ? 0
                : int.Parse(fraction, CultureInfo.InvariantCulture) / Math.Pow(10, fraction.Length));
    }

    private static double Kept(double seconds) =>
        double.IsFinite(seconds) ? Math.Round(Math.Clamp(seconds, 0, MaxSeconds), 3) : 0;

    // Hundredths, as every player reads; thousandths where they say more.
    private static string Time(double seconds)
    {
        var milliseconds = (long)Math.Round(seconds * 1000);
        var fraction = milliseconds % 10 == 0 ? $"{milliseconds % 1000 / 10:00}" : $"{milliseconds % 1000:000}";
        return string.Create(
            CultureInfo.InvariantCulture, $"{milliseconds / 60_000:00}:{milliseconds / 1000 % 60:00}.{fraction}");
    }

    private static string Clean(string text) => Spaced(text).Trim();

    private static string WithoutLineTime(string text)
    {
        while (LineTime().Match(text) is { Success: true } stamp) text = text[stamp.Length..].TrimStart();
        return text;
    }

    private static string WithoutTimes(string text)
    {
        // Taking one out may put another together.
        while (AnyTime().IsMatch(text)) text = AnyTime().Replace(text, "");
        return text;
    }

    // Joiners are letters' business in Persian, Hindi and others; what else is invisible only hides something.
    private static string Spaced(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (Rune.IsWhiteSpace(rune) || category is UnicodeCategory.Control)
            {
                if (kept.Length == 0 || kept[^1] != ' ') kept.Append(' ');
            }
            else if (rune.Value is 0x200C or 0x200D || category is not (UnicodeCategory.Format
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned))
            {
                kept.Append(rune.ToString());
            }
        }

        return kept.ToString();
    }

    [GeneratedRegex(@"\r\n|[\n\r\v\f\u0085\u2028\u2029]", RegexOptions.CultureInvariant)]
    private static partial Regex LineEnds();

    [GeneratedRegex(
        @"^\[ ?(?<minutes>\d{1,3}) ?: ?(?<seconds>[0-5]?\d)(?:[.:,](?<fraction>\d{1,3}))? ?\] ?",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LineTime();

    // Some programs put words' times into square brackets too.
    [GeneratedRegex(
        @"(<|\[)(?<minutes>\d{1,3}):(?<seconds>[0-5]?\d)([.:,](?<fraction>\d{1,3}))?(>|\])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex WordTime();

    [GeneratedRegex(@"[<\[] ?\d{1,3} ?: ?[0-5]?\d(?:[.:,]\d{1,3})? ?[>\]]", RegexOptions.CultureInvariant)]
    private static partial Regex AnyTime();

    [GeneratedRegex(@"^\[offset: ?([+-]?\d{1,7}(?:\.\d+)?) ?\]$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Offset();

    // The names in use; other words in brackets, such as [Chorus: both], are the song's.
    [GeneratedRegex(
        @"^\[(?:ti|ar|al|au|lr|by|re|tool|ve|length|la|id|offset|kana|hash|sign|qq|total|#):.*\]$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Header();
}
