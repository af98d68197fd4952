using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Music;

namespace OpenMU.Catalogue.Search;

/// <summary>A part of a search that was understood as more than words.</summary>
/// <param name="Phrase">As it was written.</param>
/// <param name="Means">What it narrows the search to, for people.</param>
public sealed record UnderstoodPhrase(string Phrase, string Means);

/// <summary>
/// Keys, tempi, lengths and metres in what people write: <c>in D minor</c>, <c>8A</c>, <c>around 100 bpm</c>,
/// <c>under 3 minutes</c>, <c>3/4</c>. What is in quotes is words.
/// </summary>
internal sealed partial class MusicalPhrases
{
    // What may not stand before a phrase, or after it: then it is a part of something else.
    private const string Begin = @"(?<![\w:.\-/""'])";
    private const string End = @"(?![\w/""']|[.,:]\w)";
    private const string Number = @"\d{1,4}(?:[.,]\d{1,3})?";
    private const string CamelotName = "(?:1[0-2]|[1-9])[AB]";
    private const string MetreName = "(?:[2-79]|12)/[48]";

    private const string Below = @"under|below|less\s+than|slower\s+than|shorter\s+than|up\s+to|at\s+most|max\.?|<";
    private const string Above = @"over|above|more\s+than|faster\s+than|longer\s+than|at\s+least|min\.?|>";
    private const string Near = @"around|about|approximately|approx\.?|roughly|ca\.?|circa|near|~";
    private const string Lead = $@"(?:(?:(?<below>{Below})|(?<above>{Above})|(?<near>{Near})|between)\s*)?";
    private const string Until = @"\s*(?:-|–|—|to|and)\s*";

    private static readonly string[] Leads = ["below", "above", "near"];

    private readonly List<UnderstoodPhrase> understood = [];
    private string text;

    private MusicalPhrases(string text) => this.text = text;

    /// <summary>The keys that a track must have one of; null for any.</summary>
    public IReadOnlyList<MusicalKey>? Keys { get; private set; }

    /// <summary>The keys that it must not have.</summary>
    public List<MusicalKey> ExcludedKeys { get; } = [];

    /// <summary>Bounds of tempo and length, inclusive; null where there is none.</summary>
    public NumberRange Bpm { get; private set; }

    /// <inheritdoc cref="Bpm"/>
    public NumberRange Seconds { get; private set; }

    /// <summary>Metres, such as <c>3/4</c>.</summary>
    public List<string> Metres { get; } = [];

    /// <summary>Metres that it must not have.</summary>
    public List<string> ExcludedMetres { get; } = [];

    /// <summary>Whether a tempo or a length stands behind a minus, which leaves none out.</summary>
    public bool HasExcludedNumber { get; private set; }

    /// <summary>What looks like a tempo and is none, as it was written.</summary>
    public List<string> NoTempi { get; } = [];

    /// <summary>What was understood, in the order of kinds.</summary>
    public IReadOnlyList<UnderstoodPhrase> Understood => understood;

    /// <summary>Takes the phrases out of a text.</summary>
    /// <param name="whole">Any text.</param>
    /// <param name="rest">What is left, words.</param>
    public static MusicalPhrases Take(string whole, out string rest)
    {
        var phrases = new MusicalPhrases(whole);
        phrases.Each(Tempo(), phrases.TakeTempo);
        phrases.Each(Length(), phrases.TakeLength);
        phrases.Each(Key(), phrases.TakeKey);
        phrases.Each(Bars(), phrases.TakeMetre);
        phrases.Each(ExcludedKey(), phrases.TakeExcludedKey);
        phrases.Each(ExcludedBars(), phrases.TakeExcludedMetre);
        phrases.HasExcludedNumber = ExcludedNumber().IsMatch(Quoted().Replace(whole, ""));
        rest = phrases.text;
        return phrases;
    }

    // Quoted text is hidden while a pattern looks, and what is understood leaves a gap of its length.
    private void Each(Regex pattern, Func<Match, string?> take)
    {
        var shown = Quoted().Replace(text, quoted => new string('"', quoted.Length));
        foreach (Match match in pattern.Matches(shown))
        {
            if (take(match) is not { } means) continue;
            understood.Add(new UnderstoodPhrase(match.Value.Trim(), means));
            text = text[..match.Index] + new string(' ', match.Length) + text[(match.Index + match.Length)..];
        }
    }

    private string? TakeTempo(Match match)
    {
        var from = Read(match.Groups["a"].Value);
        double? to = match.Groups["b"].Success ? Read(match.Groups["b"].Value) : null;
        // A measured tempo has decimals: 128 is also 127.9.
        var range = Range(match, from, to, near: 0.05, exact: 0.5);
        if (from <= 0)
        {
            NoTempi.Add(match.Value.Trim());
            return null;
        }

        Bpm = Bpm.And(range);
        return $"tempo {range.Say(value => value.ToString("0.#", CultureInfo.InvariantCulture))} BPM";
    }

    private string? TakeLength(Match match)
    {
        var unit = match.Groups["unit"].Value;
        var first = match.Groups["unitA"] is { Success: true } own ? own.Value : unit;
        var hasClock = match.Groups["a"].Value.Contains(':');
        // "5 seconds" alone is a name more often than a length.
        if (!match.Groups["b"].Success && !Leads.Any(lead => match.Groups[lead].Success)) return null;
        if (unit.Length == 0 && !hasClock) return null;
        double? to = match.Groups["b"].Success ? Time(match.Groups["b"].Value, unit) : null;
        var range = Range(match, Time(match.Groups["a"].Value, first), to, near: 0.1, exact: 0);
        Seconds = Seconds.And(range);
        return $"length {range.Say(Clock)}";
    }

    private string? TakeKey(Match match)
    {
        if (MusicalKey.TryParse(Regex.Replace(match.Groups["key"].Value, @"\s+", " ")) is not { } key) return null;
        Keys = Keys is null ? [key] : [.. Keys.Where(other => other == key)];
        return $"key {key.Name} ({key.Camelot})";
    }

    private string TakeMetre(Match match)
    {
        Metres.Add(match.Groups["metre"].Value);
        return $"metre {match.Groups["metre"].Value}";
    }

    private string? TakeExcludedKey(Match match)
    {
        if (MusicalKey.TryParse(match.Groups["key"].Value) is not { } key) return null;
        ExcludedKeys.Add(key);
        return $"not in {key.Name} ({key.Camelot})";
    }

    private string TakeExcludedMetre(Match match)
    {
        ExcludedMetres.Add(match.Groups["metre"].Value);
        return $"not in {match.Groups["metre"].Value}";
    }

    private static NumberRange Range(Match match, double from, double? to, double near, double exact)
    {
        if (to is { } end) return new NumberRange(Math.Min(from, end), Math.Max(from, end));
        if (match.Groups["below"].Success) return new NumberRange(null, from);
        if (match.Groups["above"].Success) return new NumberRange(from, null);
        var margin = match.Groups["near"].Success ? from * near : exact;
        return new NumberRange(from - margin, from + margin);
    }

    private static double Read(string number) =>
        double.Parse(number.Replace(',', '.'), CultureInfo.InvariantCulture);

    private static double Time(string value, string unit) => value.Split(':') switch
    {
        [var minutes, var seconds] => (60 * Read(minutes)) + Read(seconds),
        _ => Read(value)
            * (unit.Length == 0 ? 60 : char.ToLowerInvariant(unit[0]) switch { 'h' => 3600, 's' => 1, _ => 60 }),
    };

    private static string Clock(double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)(seconds / 60)}:{(int)(seconds % 60):00}");

    [GeneratedRegex("\"[^\"]*(?:\"|$)")]
    private static partial Regex Quoted();

    [GeneratedRegex(
        $"{Begin}(?:{Lead}(?<a>{Number})(?:{Until}(?<b>{Number}))?\\s*bpm|bpm[:\\s]\\s*(?<a>{Number})(?:-(?<b>{Number}))?){End}",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Tempo();

    [GeneratedRegex(
        $"{Begin}{Lead}(?<a>\\d{{1,3}}:\\d\\d|{Number})(?:\\s*(?<unitA>hours?|h|minutes?|mins?|m|seconds?|secs?|s)?"
            + $"{Until}(?<b>\\d{{1,3}}:\\d\\d|{Number}))?\\s*(?<unit>(?:hours?|h|minutes?|mins?|m|seconds?|secs?|s)(?:\\s+long)?)?{End}",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Length();

    // A small a is an article more often than a key, but at the end of what is said.
    [GeneratedRegex(
        Begin + "(?:"
            + "(?:in\\s+)?(?:the\\s+)?(?:key\\s+(?:of\\s+)?|key:)?(?<key>(?:(?-i:[A-G])|[b-g]|a(?=\\s+(?:minor|major)\\s*(?:$|,)))"
            + "(?:[#♯b♭]|[\\s-](?:sharp|flat))?[\\s-]*(?:minor|major|min|maj))"
            + "|(?:in|key\\s+of|key|key:)\\s+(?<key>(?-i:[A-G](?:[#♯b♭]m?|m)))|key:(?<key>[A-G][#♯b♭]?m?)"
            + "|(?:key:|in\\s+)?(?<key>" + CamelotName + "))" + End,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    [GeneratedRegex(
        $"{Begin}(?:in\\s+)?(?<metre>{MetreName})(?:\\s+(?:time|metre|meter))?{End}",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Bars();

    // A minus binds one word: of what is written in two it would be unclear which.
    [GeneratedRegex(
        $@"(?<!\S)-(?:key:(?<key>[A-G][#♯b♭]?m?|{CamelotName})|(?<key>{CamelotName})){End}",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ExcludedKey();

    [GeneratedRegex(
        $@"(?<!\S)-(?<metre>{MetreName}){End}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ExcludedBars();

    [GeneratedRegex(
        $@"(?<!\S)-{Number}(?:-{Number})?\s*(?:bpm|minutes?|mins?|seconds?|secs?)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ExcludedNumber();
}

/// <summary>A stretch of numbers.</summary>
/// <param name="From">Inclusive; null without an end.</param>
/// <param name="To">Likewise.</param>
internal readonly record struct NumberRange(double? From, double? To)
{
    /// <summary>What lies in both.</summary>
    public NumberRange And(NumberRange other) => new(
        From is { } a && other.From is { } b ? Math.Max(a, b) : From ?? other.From,
        To is { } c && other.To is { } d ? Math.Min(c, d) : To ?? other.To);

    /// <summary>For people.</summary>
    public string Say(Func<double, string> spell) => (From, To) switch
    {
        ({ } from, { } to) => $"{spell(from)} to {spell(to)}",
        ({ } from, null) => $"from {spell(from)}",
        (null, { } to) => $"up to {spell(to)}",
        _ => "any",
    };
}
