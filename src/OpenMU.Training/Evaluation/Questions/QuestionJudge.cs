// QuestionJudge.cs - whether an answer is right, by rules that read its words and the truth of the clip, and nothing of
// what the program knew when it answered.
using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Music;
using OpenMU.Music.Grounding;
using OpenMU.Music.Questions;
using OpenMU.Training.Data;

namespace OpenMU.Training.Evaluation.Questions;

/// <summary>What an answer is worth.</summary>
public enum Verdict
{
    /// <summary>It says what is true of the clip, or refuses what cannot be heard.</summary>
    Right,

    /// <summary>It says that it is not sure of a label, and says nothing untrue.</summary>
    NotSure,

    /// <summary>
    /// Anything else: untrue, beside the question, not sure of a measurement, or refused for no reason.
    /// </summary>
    Wrong,

    /// <summary>The truth is not known.</summary>
    Unjudged,
}

/// <summary>
/// Judges answers. Expectations: a topic alone expects its value; <c>=</c> and <c>&gt;</c> a yes or no about the value
/// behind them; <c>refusal</c> expects to be told that it cannot be judged, <c>lyrics</c> that none are known, and
/// <c>premise</c> either that or that the instrument is not there, if so.
/// </summary>
public static partial class QuestionJudge
{
    // As tempo estimation is scored.
    private const double TempoTolerance = 0.04;

    /// <summary>The verdict.</summary>
    /// <param name="expected">Of the question.</param>
    /// <param name="answer">The answer's words.</param>
    /// <param name="truth">What is true of the clip; null where nothing is known of it.</param>
    public static Verdict Judge(string expected, string answer, ClipTruth? truth)
    {
        var split = Expectation().Match(expected);
        var (topic, value) = (split.Groups["topic"].Value, split.Groups["value"].Value);
        if (topic == "refusal") return RightIf(Refuses(answer));
        if (topic == "lyrics") return RightIf(answer.Contains(HonestAnswer.NoLyrics, StringComparison.Ordinal));
        if (truth is null) return Verdict.Unjudged;
        return topic switch
        {
            "tempo" when truth.Tempo is { } tempo => Tempo(answer, tempo, value),
            "pace" when truth.TempoClass is { } pace => RightIf(
                MusicVocabulary.Mentioned(MusicVocabulary.TempoClasses, answer).SequenceEqual([pace])),
            "key" or "mode" when MusicalKey.TryParse(truth.Key) is { } key => Key(topic, answer, key, value),
            "metre" when truth.BeatsPerBar is { } beats => Metre(answer, beats, value),
            "chords" when truth.Chords.Count > 0 => Chords(answer, truth.Chords),
            "duration" when truth.Seconds is { } seconds => Duration(answer, seconds, value),
            // No truth is written down: a figure in its unit is what can be asked for.
            "loudness" => RightIf(answer.Contains(" LUFS", StringComparison.Ordinal) && Figures(answer).Any()),
            "range" => RightIf(answer.Contains(" LU.", StringComparison.Ordinal) && Figures(answer).Any()),
            "instruments" or "instrument" => Labels(answer, MusicVocabulary.Instruments, [.. truth.Sounding], value),
            "genre" when truth.Genre is { } genre => Labels(answer, MusicVocabulary.Genres, [genre], value),
            "mood" when truth.Moods.Count > 0 => Labels(answer, MusicVocabulary.Moods, [.. truth.Moods], value),
            "premise" => Premise(answer, truth, value),
            _ => Verdict.Unjudged,
        };
    }

    private static Verdict Tempo(string answer, double tempo, string bound)
    {
        var isClose = Figures(answer).Any(figure => Math.Abs(figure - tempo) <= TempoTolerance * tempo);
        return RightIf(isClose && (bound.Length == 0 || SaysYes(answer) == tempo > Number(bound)));
    }

    private static Verdict Key(string topic, string answer, MusicalKey key, string asked)
    {
        var said = ClaimFinder.Find(answer).OfType<KeyClaim>().Select(claim => claim.Key).OfType<MusicalKey>().ToList();
        if (topic == "mode") return RightIf(said.Count > 0 && said.TrueForAll(one => one.IsMinor == key.IsMinor));
        return RightIf(said.Count > 0 && said.TrueForAll(one => one == key)
            && (asked.Length == 0 || SaysYes(answer) == (MusicalKey.Parse(asked) == key)));
    }

    private static Verdict Metre(string answer, int beats, string asked) => RightIf(
        BeatsInBar().Match(answer) is { Success: true } said && Number(said.Groups["beats"].Value) == beats
        && (asked.Length == 0 || SaysYes(answer) == (Number(asked) == beats)));

    // Of the chords that are named, most must sound somewhere, each by its third.
    private static Verdict Chords(string answer, IReadOnlyList<ChordSegment> chords)
    {
        var sounding = new MusicalFacts { Chords = chords };
        var said = ClaimFinder.Find(answer).Where(claim => claim is KeyClaim or ChordClaim).ToList();
        return RightIf(said.Count > 0 && 2 * said.Count(claim => claim.IsConfirmedBy(sounding)) > said.Count);
    }

    private static Verdict Duration(string answer, double seconds, string bound) => RightIf(
        Figures(answer).Any(figure => Math.Abs(figure - seconds) <= 0.5)
        && (bound.Length == 0 || SaysYes(answer) == seconds > Number(bound)));

    private static Verdict Labels(string answer, IReadOnlyList<Label> labels, HashSet<string> truth, string asked)
    {
        var text = answer.ToLowerInvariant();
        if (Refuses(answer)) return Verdict.Wrong;
        // What is only perhaps so is no statement.
        var affirmed = MusicVocabulary.Mentioned(labels, Doubtful().Replace(Denied().Replace(text, " "), " "));
        if (!affirmed.All(truth.Contains)) return Verdict.Wrong;
        if (asked.Length == 0) return affirmed.Count > 0 ? Verdict.Right : NotSureIf(text);
        var denied = Denied().Matches(text).SelectMany(match => MusicVocabulary.Mentioned(labels, match.Value));
        return affirmed.Contains(asked) ? Verdict.Right
            : denied.Contains(asked) ? RightIf(!truth.Contains(asked))
            : NotSureIf(text);
    }

    private static Verdict Premise(string answer, ClipTruth truth, string instrument) =>
        truth.Sounding.Contains(instrument)
            ? RightIf(Refuses(answer))
            : RightIf(Refuses(answer) || Denied().Matches(answer).Any(
                match => match.Value.Contains(instrument, StringComparison.OrdinalIgnoreCase)));

    private static Verdict RightIf(bool isRight) => isRight ? Verdict.Right : Verdict.Wrong;

    private static Verdict NotSureIf(string text) =>
        text.Contains("not sure", StringComparison.Ordinal) ? Verdict.NotSure : Verdict.Wrong;

    private static bool Refuses(string answer) => answer.Contains(HonestAnswer.Refusal, StringComparison.Ordinal);

    private static bool? SaysYes(string answer) => answer.StartsWith("Yes", StringComparison.Ordinal) ? true
        : answer.StartsWith("No", StringComparison.Ordinal) ? false
        : null;

    private static IEnumerable<double> Figures(string text) =>
        Figure().Matches(text).Select(figure => Number(figure.Value));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?<topic>[a-z]+)(?:[=>](?<value>.+))?$")]
    private static partial Regex Expectation();

    [GeneratedRegex(@"(?<beats>\d+) beats (?:in|to) (?:a|the|each) bar")]
    private static partial Regex BeatsInBar();

    [GeneratedRegex(@"-?\d+(?:\.\d+)?")]
    private static partial Regex Figure();

    [GeneratedRegex(@"(?i)\b(?:hear no|does not|do not hear|without|neither)\b[^.,;:!?]*")]
    private static partial Regex Denied();

    [GeneratedRegex(@"(?i)\b(?:perhaps|not sure|cannot tell)\b[^.;!?]*")]
    private static partial Regex Doubtful();
}
