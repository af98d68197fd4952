// MeasuredAnswers.cs - answers from what the tools have measured: they hold the value, whatever else is asked.
using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Music.Grounding;

namespace OpenMU.Music.Questions;

/// <summary>Writes answers from measurements, and finds measurements in answers.</summary>
internal static partial class MeasuredAnswers
{
    // Entries of a list that are read out.
    private const int Entries = 8;

    private static readonly string[] Numerals =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    public static bool IsAbout(QuestionTopic topic) => topic <= QuestionTopic.Duration;

    /// <summary>Whether a text holds the value that a part of a question asks for.</summary>
    public static bool IsIn(string text, QuestionPart part, MusicalFacts facts) => part.Topic switch
    {
        _ when part.Form != QuestionForm.Open => false,
        QuestionTopic.Tempo => facts.GetAudioTempo() is { } bpm && text.Contains(bpm, StringComparison.Ordinal)
            && (!AsksForWords().IsMatch(part.Text) || text.Contains(facts.TempoClass!, StringComparison.Ordinal)),
        QuestionTopic.Key => facts.GetAudioKey() is { } key && text.Contains(key, StringComparison.Ordinal)
            && !AsksForWheel().IsMatch(part.Text),
        QuestionTopic.Chords => !AsksForOneChord().IsMatch(part.Text)
            && SpokenChords(facts) is { } chords && text.Contains(chords, StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>The answer to a part that <see cref="IsAbout"/> a measurement.</summary>
    public static HonestAnswer Compose(QuestionPart part, MusicalFacts facts) => part.Topic switch
    {
        QuestionTopic.Tempo => Tempo(part, facts),
        QuestionTopic.Key => Key(part, facts),
        QuestionTopic.Metre => Metre(part, facts),
        QuestionTopic.Beats => Bars(part, facts),
        QuestionTopic.Chords => Chords(part, facts),
        QuestionTopic.Loudness => Value(
            part, "loudness", Number(facts.Lufs), value => $"The integrated loudness is {value} LUFS."),
        QuestionTopic.LoudnessRange => Value(
            part, "loudness range", Number(facts.LoudnessRange), value => $"The loudness range is {value} LU."),
        _ => Duration(part, facts),
    };

    private static HonestAnswer Tempo(QuestionPart part, MusicalFacts facts)
    {
        if (facts.ToolBpm is not { } bpm) return HonestAnswer.NotSure("I am not sure: no tempo was found.");
        var (value, speed) = (facts.GetAudioTempo()!, facts.TempoClass!);
        var text = part.Text.ToLowerInvariant();
        string[] named = [.. SpeedWords().Matches(text).Select(word => SpeedOf(word.Value)).Distinct()];
        if (part.Form == QuestionForm.Premise)
        {
            return named.Length != 1 || named[0] == speed ? HonestAnswer.Refused() : Said(
                nameof(facts.GetAudioTempo), value, $"It is not {named[0]}: the tempo is {value} BPM, which is {speed}.");
        }

        bool? holds = Compared(text, bpm, tolerance: Math.Max(0.5, 0.005 * bpm))
            ?? (named is [var one] ? one == speed : null);
        var words = named.Length > 0 || text.Contains("pace", StringComparison.Ordinal)
            ? $"it is {speed}: the tempo is {value} BPM."
            : $"the tempo is {value} BPM, which is {speed}.";
        return Said(nameof(facts.GetAudioTempo), value, Judged(part, holds, words));
    }

    private static HonestAnswer Key(QuestionPart part, MusicalFacts facts)
    {
        if (facts.Key is not { } key) return HonestAnswer.NotSure("I am not sure: no key was found.");
        var value = facts.GetAudioKey()!;
        bool? holds = null;
        if (NamedKey().Match(part.Text) is { Success: true } named
            && MusicalKey.TryParse(Spelled(named.Value)) is { } asked)
        {
            holds = asked == key;
        }
        else if (Modes().Matches(part.Text.ToLowerInvariant()) is [var mode])
            holds = mode.Value == key.Mode;
        if (part.Form == QuestionForm.Premise)
            return holds == false ? Said(nameof(facts.GetAudioKey), value, $"The key is {value}.") : HonestAnswer.Refused();
        var more = AsksForWheel().IsMatch(part.Text)
            ? $", {key.Camelot} on the Camelot wheel and {key.OpenKey} in Open Key"
            : part.Text.Contains("relative", StringComparison.OrdinalIgnoreCase)
                ? $"; its relative is {key.Neighbours()[^1]}"
                : "";
        return Said(nameof(facts.GetAudioKey), value, Judged(part, holds, $"the key is {value}{more}."));
    }

    private static HonestAnswer Metre(QuestionPart part, MusicalFacts facts)
    {
        if (facts.BeatsInBar is not { } beats) return HonestAnswer.NotSure("I am not sure: no beats were found.");
        var words = facts.Metre is { IsCompound: true } compound
            ? $"the metre is {compound}: {beats} beats in a bar, each of three."
            : $"the metre is {facts.Metre ?? new Metre(beats, 4)}: {beats} beats in a bar.";
        var claims = ClaimFinder.Find(part.Text).OfType<MetreClaim>().ToList();
        bool? holds = claims.Count == 1 ? claims[0].IsConfirmedBy(facts)
            : part.Text.Contains("waltz", StringComparison.OrdinalIgnoreCase) ? beats == 3 : null;
        if (part.Form == QuestionForm.Premise && holds != false) return HonestAnswer.Refused();
        return Said(nameof(facts.GetAudioDownbeat), facts.GetAudioDownbeat()!, Judged(part, holds, words));
    }

    private static HonestAnswer Bars(QuestionPart part, MusicalFacts facts)
    {
        if (facts.GetAudioDownbeat() is not { } value) return HonestAnswer.NotSure("I am not sure: no beats were found.");
        if (part.Form == QuestionForm.Premise) return HonestAnswer.Refused();
        string[] times = [.. facts.Beats.Where(beat => beat.Number == 1).Select(beat => $"{MusicalFacts.Seconds(beat)} s")];
        return Said(
            nameof(facts.GetAudioDownbeat), value,
            $"Bars of {facts.BeatsInBar} beats begin at {string.Join(", ", times.Take(Entries))}"
                + $"{(times.Length > Entries ? " and so on" : "")}.");
    }

    private static HonestAnswer Chords(QuestionPart part, MusicalFacts facts)
    {
        MajMinChord[] chords = [.. facts.MajMinChords().Where(chord => chord.Root is not null)];
        if (chords.Length == 0) return HonestAnswer.NotSure("I am not sure: no chords were found.");
        if (part.Form == QuestionForm.Premise) return HonestAnswer.Refused();
        static string Name(MajMinChord chord) => MusicalFacts.ChordName(chord, " ");
        var claims = ClaimFinder.Find(part.Text).Where(claim => claim is KeyClaim or ChordClaim).ToList();
        bool? holds = claims is [var claim] ? claim.IsConfirmedBy(facts with { Key = null }) : null;
        var words = AsksForOneChord().Match(part.Text).Groups switch
        {
            var asked when asked["first"].Success => $"the first chord is {Name(chords[0])}.",
            var asked when asked["last"].Success => $"the last chord is {Name(chords[^1])}.",
            var asked when asked["most"].Success => $"the chord that sounds longest in all is {Longest(chords)}.",
            var asked when asked["many"].Success => Distinct(chords),
            _ => $"the chords are {SpokenChords(facts)}.",
        };
        return Said(nameof(facts.GetAudioChords), facts.GetAudioChords()!, Judged(part, holds, words));
    }

    private static string Longest(IEnumerable<MajMinChord> chords) => chords
        .GroupBy(chord => MusicalFacts.ChordName(chord, " "))
        .MaxBy(group => group.Sum(chord => chord.End - chord.Start))!.Key;

    private static string Distinct(IEnumerable<MajMinChord> chords)
    {
        string[] names = [.. chords.Select(chord => MusicalFacts.ChordName(chord, " ")).Distinct()];
        return $"I find {names.Length} different chords: {string.Join(", ", names)}.";
    }

    private static HonestAnswer Duration(QuestionPart part, MusicalFacts facts)
    {
        if (facts.DurationSeconds is not { } seconds) return HonestAnswer.NotSure("I am not sure how long it is.");
        var text = Regex.Replace(
            part.Text.ToLowerInvariant(), string.Join('|', Numerals.Select(word => $@"\b{word}\b")),
            word => Array.IndexOf(Numerals, word.Value).ToString(CultureInfo.InvariantCulture));
        bool? holds = Compared(text, text.Contains("minute", StringComparison.Ordinal) ? seconds / 60 : seconds, 0.5);
        var whole = (int)Math.Round(seconds);
        return Value(
            part, "duration", Number(seconds),
            value => Judged(part, holds, $"it lasts {value} seconds ({whole / 60}:{whole % 60:00})."));
    }

    private static HonestAnswer Value(QuestionPart part, string tool, string? value, Func<string, string> words) =>
        value is null ? HonestAnswer.NotSure($"I am not sure: no {tool} was measured.")
        : part.Form == QuestionForm.Premise ? HonestAnswer.Refused()
        : Said(tool, value, words(value));

    private static HonestAnswer Said(string tool, string value, string text) =>
        new(text, AnswerOutcome.Answered, [new ToolResult(tool, value)]);

    // "Yes" only where the question could be compared with the value, and denies nothing.
    private static string Judged(QuestionPart part, bool? holds, string words) =>
        part.Form == QuestionForm.YesNo && !part.IsNegated && holds is { } yes
            ? $"{(yes ? "Yes" : "No")}, {words}"
            : char.ToUpperInvariant(words[0]) + words[1..];

    /// <summary>How a text compares a value with a number; null where it does not.</summary>
    private static bool? Compared(string text, double value, double tolerance)
    {
        if (Between().Match(text) is { Success: true } between)
            return value >= Figure(between.Groups["low"]) - tolerance && value <= Figure(between.Groups["high"]) + tolerance;
        if (Comparison().Match(text) is not { Success: true } compared) return null;
        var figure = Figure(compared.Groups["figure"]);
        return compared.Groups["above"].Success ? value > figure
            : compared.Groups["below"].Success ? value < figure
            : Math.Abs(value - figure) <= tolerance;
    }

    private static double Figure(Group figure) => double.Parse(figure.Value, CultureInfo.InvariantCulture);

    private static string? Number(double? value) =>
        value is { } number ? Math.Round(number, 1).ToString("0.0", CultureInfo.InvariantCulture) : null;

    private static string? SpokenChords(MusicalFacts facts) => facts.GetAudioChords() is { } value
        ? SpokenValue.Of(new ToolResult(nameof(facts.GetAudioChords), value), facts)
        : null;

    private static string SpeedOf(string word) => word switch
    {
        _ when word.StartsWith("slow", StringComparison.Ordinal)
            || word is "unhurried" or "leisurely" or "adagio" or "largo" => "slow",
        _ when word.StartsWith('m') || word is "andante" => "medium",
        _ => "fast",
    };

    private static string Spelled(string key) =>
        Regex.Replace(
            key, @"[- ](sharp|flat)",
            sign => sign.Value.EndsWith("sharp", StringComparison.OrdinalIgnoreCase) ? "#" : "b",
            RegexOptions.IgnoreCase);

    [GeneratedRegex(
        @"\b(?:slow|slowly|unhurried|leisurely|adagio|largo|fast|quick|quickly|brisk|rapid|up-?tempo|allegro|" +
        @"presto|medium|mid-?tempo|moderate|moderately|moderato|andante)\b(?! (?:is|does))(?<!\bhow \w+)")]
    private static partial Regex SpeedWords();

    [GeneratedRegex(
        @"\b(?:[A-G]|[a-g](?=[- ](?:sharp|flat|major|minor)|[#b♯♭])(?!(?<=\ba) (?:major|minor) (?:key|mode|" +
        @"scale|tonality)))(?:#|♯|♭|b|[- ](?:sharp|flat))?[- ](?:major|minor)\b", RegexOptions.None)]
    private static partial Regex NamedKey();

    [GeneratedRegex(@"\b(?:pace|slow|fast|quick|speed|words|feels?|describe)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksForWords();

    [GeneratedRegex(@"\b(?:major|minor)\b")]
    private static partial Regex Modes();

    [GeneratedRegex(@"\b(?:camelot|open key|wheel)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksForWheel();

    [GeneratedRegex(
        @"\b(?:(?<first>first|starts?|begins?|opens?|opening|starting)|(?<last>last|final|ends?)|(?<most>most|" +
        @"main|longest|predominant)|(?<many>how many))\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksForOneChord();

    [GeneratedRegex(@"\bbetween (?<low>\d+(?:\.\d+)?) (?:and|to) (?<high>\d+(?:\.\d+)?)")]
    private static partial Regex Between();

    [GeneratedRegex(
        @"(?:(?<above>\b(?:faster|quicker|above|over|more|higher|longer|exceeds?|beyond|" +
        @"at least)\b(?: than)?)|(?<below>\b(?:slower|under|below|less|lower|shorter|" +
        @"at most)\b(?: than)?))?(?: (?:about|around|exactly|a))?\s*(?<![\w.])(?<figure>\d+(?:\.\d+)?)")]
    private static partial Regex Comparison();
}
