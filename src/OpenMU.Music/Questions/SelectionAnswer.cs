// SelectionAnswer.cs - answers about several tracks, which cite each by its place in the question: "[2] Title". What
// measurements can compare is answered from them; what a model says of a track must be true of the one that it cites.
using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Music.Grounding;
using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Questions;

/// <summary>A track that a question about several is about.</summary>
/// <param name="Name">Its title, or its file's name: for people, never for the model.</param>
/// <param name="Facts">What is known of it.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="Lufs">Its integrated loudness; null for silence.</param>
/// <param name="Given">With the tags that a person has given, which no model decides; null where there are none.</param>
/// <param name="Lyrics">What is sung; null where nobody knows it.</param>
public sealed record SelectedTrack(
    string Name, MusicalFacts Facts, double Seconds, double? Lufs = null, TrackKnowledge? Given = null,
    KnownLyrics? Lyrics = null)
{
    /// <summary>The same with the tags of a model that has listened, but for those that a person has given.</summary>
    public SelectedTrack Heard(IReadOnlyList<TagScore> tags, IReadOnlyList<(string Group, string Tag)> labels) =>
        this with { Facts = (Given ?? new TrackKnowledge { Facts = Facts }).Heard(tags, [], labels).Facts };
}

/// <summary>Writes answers about several tracks.</summary>
public static partial class SelectionAnswer
{
    /// <summary>The answer where nothing that the model said is true of the tracks.</summary>
    public const string Nothing = "I am not sure: nothing that I could say of these tracks is backed by what is known.";

    /// <summary>
    /// The answer to a question for which no model need hear the tracks together: measurements or lyrics decide it, or
    /// the model was not trained for it. Null for any other question.
    /// </summary>
    /// <param name="question">In words.</param>
    /// <param name="tracks">In the order in which they are cited.</param>
    /// <param name="trainedFor">What the model was trained for; null for anything.</param>
    public static HonestAnswer? WithoutModel(
        string question, IReadOnlyList<SelectedTrack> tracks, IReadOnlySet<QuestionTopic>? trainedFor)
    {
        var (known, rest) = Known(question, tracks, trainedFor);
        if (known is not null && rest.Count == 0) return known;
        if (trainedFor is null || (rest.Count == 0 ? QuestionReader.Read(question) : rest)
            .All(part => trainedFor.Contains(part.Topic)))
        {
            return null;
        }
        return known is null
            ? HonestAnswer.Refused()
            : known with { Text = $"{known.Text} As to the rest: {HonestAnswer.Refusal}" };
    }

    /// <summary>What a model has answered, after the parts of the question that needed none.</summary>
    /// <param name="question">In words.</param>
    /// <param name="tracks">In the order in which they are cited.</param>
    /// <param name="trainedFor">What the model was trained for; null for anything.</param>
    /// <param name="answer">Of the model.</param>
    public static HonestAnswer WithKnown(
        string question, IReadOnlyList<SelectedTrack> tracks, IReadOnlySet<QuestionTopic>? trainedFor,
        HonestAnswer answer) =>
        Known(question, tracks, trainedFor).Answer is { } known ? Joined([known, answer]) : answer;

    // What measurements and lyrics say, clause by clause, and the parts that they do not answer.
    private static (HonestAnswer? Answer, IReadOnlyList<QuestionPart> Unanswered) Known(
        string question, IReadOnlyList<SelectedTrack> tracks, IReadOnlySet<QuestionTopic>? trainedFor)
    {
        var (answers, rest) = (new List<HonestAnswer>(), new List<QuestionPart>());
        foreach (var clause in QuestionReader.Clauses(question))
        {
            // "About a long journey" is not about the track's length.
            var answer = SelectionLyrics.Of(clause, tracks, readsLyrics: trainedFor is null)
                ?? (SelectionLyrics.IsAbout(clause) ? null : FromMeasurements(clause, tracks));
            if (answer is not null) answers.Add(answer);
            else rest.AddRange(QuestionReader.PartsOf(clause));
        }
        return (answers.Count == 0 ? null : Joined(answers), rest);
    }

    private static HonestAnswer Joined(IReadOnlyList<HonestAnswer> answers) => new(
        string.Join(' ', answers.Select(answer => answer.Text)),
        answers.Any(answer => answer.Outcome == AnswerOutcome.Answered)
            ? AnswerOutcome.Answered
            : AnswerOutcome.NotSure,
        [.. answers.SelectMany(answer => answer.Tools)]);

    /// <summary>
    /// The answer to a question that tempo, key, loudness or length decide, of each track or between them; null for
    /// any other question.
    /// </summary>
    public static HonestAnswer? FromMeasurements(string question, IReadOnlyList<SelectedTrack> tracks)
    {
        var text = question.ToLowerInvariant();
        if (AsksElse().IsMatch(text)) return null;
        var isLeast = Least().IsMatch(text);
        if (Tempo().IsMatch(text))
        {
            return Ranked(
                text, tracks, new(nameof(MusicalFacts.GetAudioTempo), "tempo", "BPM", track => track.Facts.ToolBpm),
                isLeast ? "slower" : "faster", isLeast ? "slowest" : "fastest", isLeast);
        }
        if (Key().IsMatch(text)) return Keys(text, tracks);
        if (Loud().IsMatch(text))
        {
            return Ranked(
                text, tracks, new("loudness", "loudness", "LUFS", track => track.Lufs),
                isLeast ? "quieter" : "louder", isLeast ? "quietest" : "loudest", isLeast);
        }
        return Long().IsMatch(text)
            ? Ranked(
                text, tracks, new("duration", "length", "s", track => track.Seconds),
                isLeast ? "shorter" : "longer", isLeast ? "shortest" : "longest", isLeast)
            : null;
    }

    /// <summary>
    /// What may be published of a model's words. A sentence stays if it is true of the track that is cited before each
    /// part of it ("[2] ..."); what stands before the first citation, or without any, must be true of all.
    /// </summary>
    /// <param name="written">What the model wrote.</param>
    /// <param name="tracks">In the order in which they are cited.</param>
    /// <param name="note">What is to be said of this model and several tracks.</param>
    /// <param name="dropped">Sentences that were left out.</param>
    public static HonestAnswer Of(
        string written, IReadOnlyList<SelectedTrack> tracks, string note, out int dropped)
    {
        dropped = 0;
        var kept = new List<string>();
        foreach (var sentence in SentenceEnd().Split(written.Trim()).Where(part => part.Trim().Length > 0))
        {
            if (Holds(sentence, tracks)) kept.Add(sentence.Trim());
            else dropped++;
        }
        if (kept.Count == 0) return HonestAnswer.NotSure(Nothing);
        var text = string.Join(' ', kept);
        var cited = Citation().Matches(text).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        var names = Enumerable.Range(0, tracks.Count).Where(i => cited.Count == 0 || cited.Contains($"[{i + 1}]"))
            .Select(i => Name(tracks, i));
        return new($"{string.Join(", ", names)}: {text} ({note})", AnswerOutcome.Answered, []);
    }

    private static bool Holds(string sentence, IReadOnlyList<SelectedTrack> tracks)
    {
        Match[] citations = [.. Citation().Matches(sentence).Cast<Match>()];
        int[] places = [.. citations.Select(match =>
            int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var place) ? place - 1 : -1)];
        if (places.Any(place => place < 0 || place >= tracks.Count)) return false;
        var before = citations.Length == 0 ? sentence : sentence[..citations[0].Index];
        if (!tracks.All(track => IsTrue(before, track))) return false;
        for (var i = 0; i < places.Length; i++)
        {
            var start = citations[i].Index + citations[i].Length;
            var end = i + 1 < places.Length ? citations[i + 1].Index : sentence.Length;
            if (!IsTrue(sentence[start..end], tracks[places[i]])) return false;
        }
        return true;
    }

    private static bool IsTrue(string part, SelectedTrack track) =>
        !part.Any(char.IsLetterOrDigit) || GroundedText.Of(part, [], track.Facts).Dropped == 0;

    private static HonestAnswer Ranked(
        string question, IReadOnlyList<SelectedTrack> tracks, Figure figure, string more, string most, bool isLeast)
    {
        // To one decimal, as it is shown: what looks equal is equal.
        double?[] values =
            [.. tracks.Select(figure.Of).Select(value => value is { } known ? Math.Round(known, 1) : (double?)null)];
        var said = string.Join("; ", values.Select((value, i) => value is { } known
            ? string.Create(CultureInfo.InvariantCulture, $"{Name(tracks, i)}: {known:F1} {figure.Unit}")
            : $"{Name(tracks, i)}: no {figure.Name} was found")) + ".";
        double[] all = [.. values.OfType<double>()];
        var tools = Tools(
            figure.Tool, values.Select(value => value?.ToString("F1", CultureInfo.InvariantCulture)));
        if (all.Length < tracks.Count) return Measured(said, tools);
        var best = isLeast ? all.Min() : all.Max();
        int[] first = [.. Enumerable.Range(0, all.Length).Where(i => all[i] == best)];
        var verdict = first.Length == all.Length ? $"The {figure.Name} is the same. "
            : AsksSame().IsMatch(question) ? $"The {figure.Name} differs. "
            : !Ranks().IsMatch(question) ? ""
            : $"{string.Join(" and ", first.Select(i => Name(tracks, i)))} {(first.Length > 1 ? "are" : "is")} "
                + $"{(tracks.Count == 2 ? more : $"the {most}")}. ";
        return Measured(verdict + said, tools);
    }

    private static HonestAnswer Keys(string question, IReadOnlyList<SelectedTrack> tracks)
    {
        MusicalKey[] keys = [.. tracks.Select(track => track.Facts.Key).OfType<MusicalKey>()];
        var said = string.Join("; ", tracks.Select((track, i) =>
            $"{Name(tracks, i)}: {(track.Facts.Key is { } key ? key.Name : "no key was found")}")) + ".";
        var verdict = keys.Length < tracks.Count ? ""
            : keys.Distinct().Count() == 1 ? "The key is the same. "
            : AsksSame().IsMatch(question) ? "The keys differ. " : "";
        return Measured(
            verdict + said, Tools(nameof(MusicalFacts.GetAudioKey), tracks.Select(track => track.Facts.Key?.Name)));
    }

    private static HonestAnswer Measured(string text, ToolResult[] tools) => tools.Length == 0
        ? HonestAnswer.NotSure($"I am not sure. {text}")
        : new(text, AnswerOutcome.Answered, tools);

    // Each value beside the track that it is of.
    private static ToolResult[] Tools(string tool, IEnumerable<string?> values) =>
        [.. values.Select((value, i) => value is null ? null : new ToolResult(tool, $"[{i + 1}] {value}"))
            .OfType<ToolResult>()];

    private static string Name(IReadOnlyList<SelectedTrack> tracks, int place) => $"[{place + 1}] {tracks[place].Name}";

    [GeneratedRegex(@"\[(\d+)\]")]
    private static partial Regex Citation();

    [GeneratedRegex(@"(?<=[.!?])\s+|\n+")]
    private static partial Regex SentenceEnd();

    // Beside what is measured something else is asked for, which only listening tells.
    [GeneratedRegex(@"\b(why|feel|mood|genre|instrument|describe|sing|voice|lyrics|style|suit|change|modulat)")]
    private static partial Regex AsksElse();

    [GeneratedRegex(@"\b(fast(er|est)?|slow(er|est)?|tempos?|tempi|bpm|beats per minute|speed)\b")]
    private static partial Regex Tempo();

    [GeneratedRegex(@"\bkeys?\b")]
    private static partial Regex Key();

    [GeneratedRegex(@"\b(loud(er|est|ness)?|quiet(er|est)?|lufs)\b")]
    private static partial Regex Loud();

    [GeneratedRegex(@"\b(long(er|est)?|short(er|est)?|length|duration)\b")]
    private static partial Regex Long();

    [GeneratedRegex(@"\b(slow|quiet|short)(er|est)?\b")]
    private static partial Regex Least();

    [GeneratedRegex(@"\b(fast|slow|loud|quiet|long|short)(er|est)\b")]
    private static partial Regex Ranks();

    [GeneratedRegex(@"\b(same|equal|differ\w*)\b")]
    private static partial Regex AsksSame();

    /// <summary>What tracks are compared by.</summary>
    private sealed record Figure(string Tool, string Name, string Unit, Func<SelectedTrack, double?> Of);
}
