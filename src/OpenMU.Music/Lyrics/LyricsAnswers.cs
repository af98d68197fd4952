using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Music.Lyrics;

/// <summary>
/// Answers to questions about lyrics that stand in them: nothing is guessed, and every quotation is a line of them.
/// What a song means is no such question.
/// </summary>
public static partial class LyricsAnswers
{
    /// <summary>The answer where there are no lyrics.</summary>
    public const string Unknown = "No lyrics are known for this track.";

    private const int LinesQuoted = 4;

    private static readonly Dictionary<string, string> Languages = CultureNames();

    /// <summary>The answer; null where the lyrics alone do not give it.</summary>
    /// <param name="question">In words.</param>
    /// <param name="lyrics">Null where none are known, which answers every question about them.</param>
    public static string? Of(string question, KnownLyrics? lyrics)
    {
        if (lyrics is null) return Unknown;
        var asked = question.Trim().ToLowerInvariant();
        if (OfLanguage(asked, lyrics) is { } language) return language;
        if (Explicit().IsMatch(asked)) return OfExplicit(lyrics);
        if (OfPlaces(asked, lyrics.Song) is { } place) return place;
        if (OfMention(asked, lyrics.Song) is { } mention) return mention;
        if (About().IsMatch(asked)) return OfMeaning(lyrics);
        return TheWords().IsMatch(asked) ? Quoted(lyrics.Song) : null;
    }

    /// <summary>The lines that have a word or a phrase in them; a plural is the same word.</summary>
    internal static IReadOnlyList<string> LinesWith(string phrase, SongLyrics song) => LinesWith(Words(phrase), song);

    /// <summary>Whether words in small letters ask for what is sung in a language.</summary>
    internal static bool NamesLanguage(string asked) => Languages.Values.Any(language => Regex.IsMatch(
        asked, $@"\b(is|are|sung|sings?|singing|lyrics|words|songs?|tracks?) in {language.ToLowerInvariant()}\b",
        RegexOptions.CultureInvariant));

    private static List<string> LinesWith(List<string> wanted, SongLyrics song) => wanted.Count == 0
        ? []
        : [.. song.Lines.Where(line => Has(Words(line.Text), wanted)).Select(line => line.Text)];

    private static string? OfLanguage(string asked, KnownLyrics lyrics)
    {
        var named = Languages.FirstOrDefault(language =>
            Regex.IsMatch(asked, $@"\bin {language.Value.ToLowerInvariant()}\b", RegexOptions.CultureInvariant));
        if (named.Key is null && !asked.Contains("language", StringComparison.Ordinal)) return null;
        if (asked.Contains("strong language", StringComparison.Ordinal)) return null;
        if (lyrics.Language is null) return "The language of the lyrics is not plain.";
        var name = Languages.GetValueOrDefault(lyrics.Language, lyrics.Language);
        if (named.Key is null) return $"The lyrics are in {name}.";
        return named.Key == lyrics.Language ? $"Yes, the lyrics are in {name}." : $"No, the lyrics are in {name}.";
    }

    private static string OfExplicit(KnownLyrics lyrics) => lyrics.IsExplicit switch
    {
        true => "Yes, there is strong language in the lyrics.",
        false => "No strong language was found in the lyrics.",
        null => "Whether there is strong language in the lyrics is not known.",
    };

    private static string? OfPlaces(string asked, SongLyrics song)
    {
        var lines = song.Lines.Where(line => line.Text.Length > 0).ToList();
        if (FirstLine().IsMatch(asked)) return $"The first line is \"{lines[0].Text}\".";
        if (LastLine().IsMatch(asked)) return $"The last line is \"{lines[^1].Text}\".";
        if (Start().IsMatch(asked))
        {
            return lines.Find(line => line.Seconds is not null)?.Seconds is { } seconds
                ? $"The first line is sung at {Time(seconds)}."
                : "The times of the lines are not known.";
        }

        if (!Chorus().IsMatch(asked)) return null;
        var most = lines.GroupBy(line => line.Text, StringComparer.OrdinalIgnoreCase).MaxBy(same => same.Count())!;
        return most.Count() > 1
            ? string.Create(
                CultureInfo.InvariantCulture, $"The line that returns most is \"{most.First().Text}\", {most.Count()} times.")
            : "No line returns.";
    }

    private static string? OfMention(string asked, SongLyrics song)
    {
        var match = Mention().Match(asked);
        if (!match.Success || Words(match.Groups["what"].Value) is not { Count: > 0 } wanted) return null;
        var found = LinesWith(wanted, song);
        var what = string.Join(' ', wanted);
        if (found.Count == 0) return $"No, the lyrics do not have \"{what}\".";
        return found.Count == 1
            ? $"Yes: \"{found[0]}\"."
            : string.Create(
                CultureInfo.InvariantCulture, $"Yes, in {found.Count} lines, first in \"{found[0]}\".");
    }

    private static string? OfMeaning(KnownLyrics lyrics) =>
        lyrics.Summary ?? (lyrics.Themes is { Count: > 0 } themes
            ? $"The lyrics are about {string.Join(" and ", themes)}."
            : null);

    private static string Quoted(SongLyrics song)
    {
        var lines = song.Lines.Where(line => line.Text.Length > 0).Select(line => line.Text).ToList();
        var some = string.Join(" / ", lines.Take(LinesQuoted));
        return lines.Count <= LinesQuoted
            ? $"\"{some}\"."
            : string.Create(CultureInfo.InvariantCulture, $"\"{some} ...\": the first {LinesQuoted} of {lines.Count} lines.");
    }

    private static bool Has(List<string> words, List<string> wanted)
    {
        for (var i = 0; i + wanted.Count <= words.Count; i++)
        {
            if (Enumerable.Range(0, wanted.Count).All(j => Same(words[i + j], wanted[j]))) return true;
        }

        return false;
    }

    // A plural is the same word.
    private static bool Same(string word, string wanted) =>
        word == wanted || word == wanted + "s" || word + "s" == wanted;

    private static List<string> Words(string text) => [.. WordLists.Split(text)];

    private static string Time(double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60}:{(int)seconds % 60:00}");

    private static Dictionary<string, string> CultureNames() => new(
        from pair in ("ar Arabic|zh Chinese|hr Croatian|cs Czech|da Danish|nl Dutch|en English|fi Finnish|fr French|de German|"
            + "el Greek|he Hebrew|hi Hindi|hu Hungarian|id Indonesian|it Italian|ja Japanese|ko Korean|la Latin|"
            + "nb Norwegian|fa Persian|pl Polish|pt Portuguese|ro Romanian|ru Russian|es Spanish|sv Swedish|"
            + "tr Turkish|uk Ukrainian|vi Vietnamese").Split('|')
        let parts = pair.Split(' ')
        select KeyValuePair.Create(parts[0], parts[1]));

    [GeneratedRegex(@"\b(explicit|swear\w*|profan\w*|curs(e|es|ing)|strong language|bad words?|clean)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Explicit();

    [GeneratedRegex(@"\b(first|opening) (line|words?)\b|\bhow do(es)? (the lyrics|it|the song) (begin|start)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex FirstLine();

    [GeneratedRegex(@"\b(last|final|closing) (line|words?)\b|\bhow do(es)? (the lyrics|it|the song) end\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LastLine();

    [GeneratedRegex(@"\b(when|where|at (what|which) (time|second)) (do(es)?|is) .*\b(sing\w*|sung|vocals?|voice|lyrics|words)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Start();

    [GeneratedRegex(@"\b(chorus|refrain|hook|repeat\w*|most often)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Chorus();

    [GeneratedRegex(
        @"\b(mention|contain|include|say|use|have|sing|occur|appear)s?\b( of| about)?( the (words?|name|phrase|line))? "
        + @"[""'“‘]?(?<what>[^""'”’?.!]+?)[""'”’]?( in the (lyrics|song|words))?( in (it|them))?\s*[?.!]*$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Mention();

    [GeneratedRegex(@"\babout\b|\b(mean|means|meaning|theme|themes|topic|subject|story|message|interpret\w*|summar\w*)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex About();

    [GeneratedRegex(@"\b(lyrics?|words|sung|text)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex TheWords();
}
