// SelectionLyrics.cs - answers to questions about the lyrics of several tracks, each cited by its place. They stand in
// the lyrics: which of them has a word is found by rules, what a song means beyond that is not guessed.
using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Questions;

/// <summary>Answers questions about the lyrics of several tracks from these.</summary>
public static partial class SelectionLyrics
{
    /// <summary>The answer where no track has any.</summary>
    public const string Unknown = "No lyrics are known for these tracks.";

    /// <summary>Whether a question, or a part of one, is about what is sung.</summary>
    public static bool IsAbout(string question) =>
        QuestionReader.Clauses(question).Any(clause => IsClauseAbout(clause.ToLowerInvariant()));

    /// <summary>The answer; null where the question is not about lyrics, or only a model could tell.</summary>
    /// <param name="clause">A question about one thing.</param>
    /// <param name="tracks">In the order in which they are cited.</param>
    /// <param name="readsLyrics">Whether a model may be asked what songs mean.</param>
    internal static HonestAnswer? Of(string clause, IReadOnlyList<SelectedTrack> tracks, bool readsLyrics)
    {
        var text = clause.ToLowerInvariant();
        if (!IsClauseAbout(text)) return null;
        int[] places = Cited(text, tracks.Count);
        if (places.All(place => tracks[place].Lyrics is null)) return HonestAnswer.NotSure(Unknown);
        return Wanted(text) is { } wanted
            ? WithWords(wanted, tracks, places, readsLyrics && !Mentions().IsMatch(text))
            : OfEach(clause, tracks, places, readsLyrics);
    }

    private static bool IsClauseAbout(string text) => Wanted(text) is not null || WhatAbout().IsMatch(text)
        || LyricsAnswers.NamesLanguage(text)
        || QuestionReader.Read(text).Any(part => part.Topic == QuestionTopic.Lyrics);

    // The word or the phrase that a song is to be about, or to have in it. "About three minutes" is none.
    private static string? Wanted(string text)
    {
        if (IsFigure().IsMatch(text)) return null;
        var match = AboutWhat().Match(text);
        if (!match.Success) match = MentionsWhat().Match(text);
        var what = match.Groups["what"].Value.Trim();
        return match.Success && !Pronoun().IsMatch(what) ? what : null;
    }

    // The tracks that the question names by their places; all where it names none.
    private static int[] Cited(string text, int count)
    {
        int[] named = [.. Citation().Matches(text)
            .Select(match => int.Parse(match.Groups["place"].Value, CultureInfo.InvariantCulture) - 1)
            .Where(place => place >= 0 && place < count).Distinct()];
        return named.Length > 0 ? named : [.. Enumerable.Range(0, count)];
    }

    private static HonestAnswer? WithWords(
        string wanted, IReadOnlyList<SelectedTrack> tracks, int[] places, bool mayAskModel)
    {
        bool HasTheme(int place) =>
            tracks[place].Lyrics?.Themes?.Contains(wanted, StringComparer.OrdinalIgnoreCase) ?? false;
        var lines = places.ToDictionary(
            place => place,
            place => tracks[place].Lyrics is { } known ? LyricsAnswers.LinesWith(wanted, known.Song) : []);
        int[] themed = [.. places.Where(HasTheme)];
        int[] worded = [.. places.Where(place => lines[place].Count > 0)];
        if (themed.Length + worded.Length == 0 && mayAskModel) return null;
        var verdict = themed.Length > 0
                ? $"{Names(tracks, themed)} {(themed.Length > 1 ? "are" : "is")} about {wanted}."
            : worded.Length > 0 ? $"\"{wanted}\" is in the lyrics of {Names(tracks, worded)}."
            : $"\"{wanted}\" is in none of the lyrics that are known.";
        var details = places.Select(place => (place, Said: tracks[place].Lyrics is null ? "no lyrics are known"
            : lines[place].Count > 0 ? Quoted(lines[place]) : null)).Where(track => track.Said is not null)
            .Select(track => $"{Name(tracks, track.place)}: {track.Said}.");
        return new(string.Join(' ', details.Prepend(verdict)), AnswerOutcome.Answered, []);
    }

    private static string Quoted(IReadOnlyList<string> lines) => lines.Count == 1
        ? $"\"{lines[0]}\""
        : string.Create(CultureInfo.InvariantCulture, $"{lines.Count} lines, first \"{lines[0]}\"");

    private static HonestAnswer? OfEach(
        string clause, IReadOnlyList<SelectedTrack> tracks, int[] places, bool readsLyrics)
    {
        var said = places.Select(place => (Place: place, Text: tracks[place].Lyrics is { } known
            ? LyricsAnswers.Of(clause, known)
            : "no lyrics are known.")).ToList();
        if (said.Exists(track => track.Text is null) && readsLyrics) return null;
        if (!said.Exists(track => track.Text is not null && tracks[track.Place].Lyrics is not null)) return null;
        return new(
            string.Join(' ', said.Select(track =>
                $"{Name(tracks, track.Place)}: {track.Text ?? "that is not plain from the lyrics."}")),
            AnswerOutcome.Answered, []);
    }

    private static string Names(IReadOnlyList<SelectedTrack> tracks, int[] places) =>
        string.Join(" and ", places.Select(place => Name(tracks, place)));

    private static string Name(IReadOnlyList<SelectedTrack> tracks, int place) => $"[{place + 1}] {tracks[place].Name}";

    [GeneratedRegex(@"\[(?<place>\d)\]", RegexOptions.ExplicitCapture)]
    private static partial Regex Citation();

    [GeneratedRegex(
        @"\b(is|are|was|were|sings?|sung|singing|speaks?|talks?|tells?|songs?|lyrics|words|tracks?|ones?) about "
        + @"(the |an? |some )?[""'“‘]?(?<what>[^""'”’?.!]+?)[""'”’]?\s*[?.!]*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex AboutWhat();

    [GeneratedRegex(
        @"\b(mentions?( the (words?|line|name|phrase))?|(has|have|contains?|uses?|says?|sings?) the "
        + @"(words?|line|name|phrase)) (the |an? |some )?[""'“‘]?(?<what>[^""'”’?.!]+?)[""'”’]?"
        + @"( in (its|their|the) (lyrics|words))?\s*[?.!]*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex MentionsWhat();

    [GeneratedRegex(
        @"\bmentions?\b|\bthe (words?|line|name|phrase)\b",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Mentions();

    [GeneratedRegex(
        @"\bwhat (is|are|does|do) .*\babout\s*[?.!]*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex WhatAbout();

    [GeneratedRegex(
        @"\babout (\d|half|twice|as |the same|equal)|\b(minutes?|seconds?|bpm|lufs|beats?|tempo|bars?)\b",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex IsFigure();

    [GeneratedRegex(
        @"^\s*(it|them|this|that|these|those|both|(these|those|the|both|all) (\w+ )?"
        + @"(songs?|tracks?|pieces?|recordings?))\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Pronoun();
}
