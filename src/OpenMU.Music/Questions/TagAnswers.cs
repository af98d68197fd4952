// TagAnswers.cs - answers from tags, which are sure of some labels, think others possible, and rule some out.
using System.Text.RegularExpressions;

namespace OpenMU.Music.Questions;

/// <summary>Writes answers from decided tags, and compares what a model wrote with them.</summary>
internal static partial class TagAnswers
{
    /// <summary>
    /// A tag is said outright from here on. Confidences are calibrated: right below it, three in ten would be wrong.
    /// </summary>
    public const double Sure = 0.7;

    /// <summary>A label is ruled out up to here: of all that lie below, one in twelve holds all the same.</summary>
    public const double Absent = 0.2;

    private static readonly string[] ForDancing = ["waltz", "polka", "latin", "electronic", "funk"];

    private enum Presence
    {
        Present, Perhaps, Absent
    }

    public static HonestAnswer Compose(QuestionPart part, TrackKnowledge known)
    {
        if (part.Topic == QuestionTopic.Dance) return Dance(part, known);
        if (known.Confidences.Count == 0) return HonestAnswer.Refused();
        return part.Form switch
        {
            QuestionForm.Premise => Premise(part, known),
            QuestionForm.Open => Open(part, known),
            QuestionForm.Choice => Choice(part, known),
            _ => Joined(part.Names.Select(name => YesNo(part, name, known))),
        };
    }

    /// <summary>A sentence from all that is sure.</summary>
    public static HonestAnswer Describe(TrackKnowledge known)
    {
        var (facts, genres, moods) = (known.Facts, SureOf("genre", known), SureOf("mood", known));
        string[] adjectives = [.. new[] { facts.TempoClass, moods.FirstOrDefault() }.OfType<string>()];
        var instruments = SureOf("instrument", known);
        if (adjectives.Length == 0 && genres.Length == 0 && instruments.Length == 0 && facts.Key is null)
            return HonestAnswer.Refused();
        var piece = genres.Length > 0 && genres[0] is "ballad" or "waltz" or "march" or "polka" ? genres[0]
            : genres.Length > 0 ? $"{genres[0]} piece" : "piece";
        var subject = string.Join(' ', [string.Join(", ", adjectives), piece]).Trim();
        var article = "aeiou".Contains(subject[0], StringComparison.Ordinal) ? "An" : "A";
        return Said($"{article} {subject}{(facts.GetAudioKey() is { } key ? $" in {key}" : "")}"
            + $"{(instruments.Length > 0 ? $" with {List(instruments, "and")}" : "")}.");
    }

    /// <summary>
    /// Whether a text says what is asked, and nothing of genre, instruments, mood or pace that is not decided. Asked
    /// for tags it says all that are sure, and only such. A comparison may name what it compares with.
    /// </summary>
    public static bool Agrees(string text, QuestionPart part, TrackKnowledge known)
    {
        var named = part.Topic == QuestionTopic.Comparison
            ? MusicVocabulary.Mentioned(MusicVocabulary.Genres, part.Text.ToLowerInvariant())
            : [];
        var groups = MusicVocabulary.TagGroups
            .Select(group => (
                group.Name, Mentioned: MusicVocabulary.Mentioned(group.Labels, text).Except(named).ToList()))
            .ToList();
        if (groups.Exists(group => group.Mentioned.Exists(label => !IsDecided(group.Name, label, known)))) return false;
        var paces = MusicVocabulary.Mentioned(MusicVocabulary.TempoClasses, text);
        if (paces.Any(pace => pace != known.Facts.TempoClass)) return false;
        var own = GroupOf(part.Topic);
        if (own is null) return paces.Count > 0 || groups.Exists(group => group.Mentioned.Count > 0);
        return groups.TrueForAll(group => group.Mentioned.TrueForAll(SureOf(group.Name, known).Contains))
            && groups.Find(group => group.Name == own).Mentioned is { Count: > 0 } said
            && SureOf(own, known).All(said.Contains);
    }

    private static HonestAnswer Open(QuestionPart part, TrackKnowledge known)
    {
        var group = GroupOf(part.Topic)!;
        var sure = SureOf(group, known);
        string[] perhaps = [.. known.Tags.Where(tag => tag.Group == group).Select(tag => tag.Tag).Except(sure)];
        var (says, doubts) = part.Topic switch
        {
            QuestionTopic.Instruments => ("I hear", "which instruments play"),
            QuestionTopic.Genre => ("It sounds like", "which genre it is"),
            _ => ("It feels", "which mood it has"),
        };
        if (sure.Length > 0)
        {
            return Said($"{says} {List([.. sure.Select(label => Article(part.Topic, label))], "and")}"
                + $"{(perhaps.Length > 0 && part.Topic == QuestionTopic.Instruments ? $", and perhaps {List(perhaps, "and")}" : "")}.");
        }
        return HonestAnswer.NotSure(perhaps.Length > 0
            ? $"I am not sure {doubts}: perhaps {List([.. perhaps.Select(label => Article(part.Topic, label))], "or")}."
            : $"I am not sure {doubts}.");
    }

    private static HonestAnswer YesNo(QuestionPart part, NamedSound name, TrackKnowledge known)
    {
        var (presence, label) = PresenceOf(name, GroupOf(part.Topic)!, known);
        var thing = Article(part.Topic, label);
        return (presence, part.Topic) switch
        {
            (Presence.Perhaps, QuestionTopic.Instruments) =>
                HonestAnswer.NotSure($"I am not sure whether I hear {name.Word}."),
            (Presence.Perhaps, QuestionTopic.Genre) =>
                HonestAnswer.NotSure($"I am not sure whether it is {Article(part.Topic, name.Word)}."),
            (Presence.Perhaps, _) => HonestAnswer.NotSure($"I am not sure whether it feels {name.Word}."),
            (Presence.Present, _) when name.IsNarrower =>
                HonestAnswer.NotSure($"I hear {label}, but I cannot tell whether it is {name.Word}."),
            (Presence.Present, QuestionTopic.Instruments) => Said(Marked(part, "Yes", $"I hear {thing}.")),
            (Presence.Present, QuestionTopic.Genre) => Said(Marked(part, "Yes", $"it sounds like {thing}.")),
            (Presence.Present, _) => Said(Marked(part, "Yes", $"it feels {label}.")),
            (_, QuestionTopic.Instruments) => Said(Marked(part, "No", $"I hear no {name.Word}.")),
            (_, QuestionTopic.Genre) =>
                Said(Marked(part, "No", $"it does not sound like {Article(part.Topic, name.Word)}.")),
            _ => Said(Marked(part, "No", $"it does not feel {name.Word}.")),
        };
    }

    private static HonestAnswer Choice(QuestionPart part, TrackKnowledge known)
    {
        var options = part.Names
            .Select(name => (name, Presence: PresenceOf(name, GroupOf(part.Topic)!, known))).ToList();
        var says = part.Topic switch
        {
            QuestionTopic.Instruments => "I hear",
            QuestionTopic.Genre => "It sounds like",
            _ => "It feels",
        };
        string[] present = [.. options.Where(option => option.Presence.Presence == Presence.Present)
            .Select(option => Article(part.Topic, option.Presence.Label)).Distinct()];
        if (present.Length > 0) return Said($"{says} {List(present, "and")}.");
        return options.TrueForAll(option => option.Presence.Presence == Presence.Absent)
            ? Said("Neither, as far as I can hear.")
            : HonestAnswer.NotSure($"I am not sure whether it is {List([.. part.Names.Select(name => name.Word)], "or")}.");
    }

    // What is taken for given and is not there is said; what is asked beyond it is not judged.
    private static HonestAnswer Premise(QuestionPart part, TrackKnowledge known)
    {
        string[] absent = [.. part.Names.Where(name => PresenceOf(name, "instrument", known).Presence == Presence.Absent)
            .Select(name => name.Word)];
        return part.Topic != QuestionTopic.Instruments || absent.Length == 0
            ? HonestAnswer.Refused()
            : Said($"I hear no {List(absent, "or")} in this recording.");
    }

    private static HonestAnswer Dance(QuestionPart part, TrackKnowledge known)
    {
        if (part.IsNegated) return HonestAnswer.Refused();
        if (SureOf("mood", known).Contains("groovy")) return Said("Yes, it feels groovy.");
        return SureOf("genre", known).Intersect(ForDancing).FirstOrDefault() is { } genre
            ? Said($"Yes, it sounds like {Article(QuestionTopic.Genre, genre)}.")
            : HonestAnswer.Refused();
    }

    private static HonestAnswer Joined(IEnumerable<HonestAnswer> answers)
    {
        var all = answers.ToList();
        return new HonestAnswer(
            string.Join(' ', all.Select(answer => answer.Text)), all.Min(answer => answer.Outcome), []);
    }

    private static (Presence Presence, string Label) PresenceOf(NamedSound name, string group, TrackKnowledge known)
    {
        var sure = SureOf(group, known);
        if (name.Labels.FirstOrDefault(sure.Contains) is { } label) return (Presence.Present, label);
        return name.Labels.All(one => !IsDecided(group, one, known) && IsRuledOut(group, one, known))
            ? (Presence.Absent, name.Labels[0])
            : (Presence.Perhaps, name.Labels[0]);
    }

    private static string[] SureOf(string group, TrackKnowledge known) =>
        [.. known.Tags.Where(tag => tag.Group == group
                && (tag.Confidence >= Sure || (group == "mood" && known.Facts.SpeaksFor(tag.Tag))))
            .Select(tag => tag.Tag)];

    // A mood that tempo or mode speaks against need not be unheard, only not likely.
    private static bool IsRuledOut(string group, string label, TrackKnowledge known) =>
        ConfidenceIn(group, label, known) is var confidence
        && (confidence <= Absent || (group == "mood" && confidence < 0.5 && known.Facts.SpeaksAgainst(label)));

    private static bool IsDecided(string group, string label, TrackKnowledge known) =>
        known.Tags.Any(tag => tag.Group == group && tag.Tag == label);

    // What was not looked for may be there.
    private static double ConfidenceIn(string group, string label, TrackKnowledge known) =>
        known.Confidences.FirstOrDefault(tag => tag.Group == group && tag.Tag == label)?.Confidence ?? 0.5;

    private static string? GroupOf(QuestionTopic topic) => topic switch
    {
        QuestionTopic.Instruments => "instrument",
        QuestionTopic.Genre => "genre",
        QuestionTopic.Mood => "mood",
        _ => null,
    };

    private static string Article(QuestionTopic topic, string label) =>
        topic == QuestionTopic.Genre && Forms().IsMatch(label) ? $"a {label}"
        : topic == QuestionTopic.Genre && label == "orchestral" ? "orchestral music"
        : label;

    private static string Marked(QuestionPart part, string verdict, string words) =>
        part.IsNegated ? char.ToUpperInvariant(words[0]) + words[1..] : $"{verdict}, {words}";

    private static string List(string[] names, string and) => names.Length == 1
        ? names[0]
        : $"{string.Join(", ", names[..^1])} {and} {names[^1]}";

    private static HonestAnswer Said(string text) => new(text, AnswerOutcome.Answered, []);

    [GeneratedRegex("^(?:ballad|waltz|march|polka)$")]
    private static partial Regex Forms();
}
