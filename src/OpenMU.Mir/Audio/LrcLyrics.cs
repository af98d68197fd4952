using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Mir.Audio;

/// <summary>Lyrics in LRC: each line begins with its times, as <c>[01:02.50][02:03.50]words</c>.</summary>
internal static partial class LrcLyrics
{
    public static IEnumerable<TimedLine> Parse(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var rest = line.Trim();
            var times = new List<double>();
            while (Stamp().Match(rest) is { Success: true } stamp && times.Count < 50)
            {
                times.Add((60 * Number(stamp.Groups[1])) + Number(stamp.Groups[2]));
                rest = rest[stamp.Length..].TrimStart();
            }

            foreach (var seconds in times) yield return new TimedLine(seconds, rest);
        }
    }

    private static double Number(Group digits) =>
        double.Parse(digits.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\[(\d{1,3}):([0-5]?\d(?:\.\d{1,3})?)\]", RegexOptions.CultureInvariant)]
    private static partial Regex Stamp();
}
