// HonestAnswer.cs - from a question, what a model wrote and what is known to an answer that can be stood by.
using OpenMU.Music.Grounding;
using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Questions;

/// <summary>What became of a question.</summary>
public enum AnswerOutcome
{
    /// <summary>It has an answer.</summary>
    Answered,

    /// <summary>It could have one, but nothing is sure enough.</summary>
    NotSure,

    /// <summary>It asks for what the model was not made to judge.</summary>
    Refused,
}

/// <summary>An answer to a question.</summary>
/// <param name="Text">In words.</param>
/// <param name="Outcome">What became of the question.</param>
/// <param name="Tools">The measurements that it was written from, in the order in which they were asked for.</param>
public sealed record HonestAnswer(string Text, AnswerOutcome Outcome, IReadOnlyList<ToolResult> Tools)
{
    /// <summary>The same with the values of its measurements.</summary>
    /// <param name="tracks">What is known of the tracks that it is about, in their order.</param>
    public HonestAnswer ReadOff(params IReadOnlyList<MusicalFacts> tracks) =>
        this with { Tools = [.. Tools.Select(tool => ToolReading.Read(tool, tracks))] };

    /// <summary>The answer to what the model was not made for.</summary>
    public const string Refusal = "I cannot judge that from this recording.";

    /// <summary>The answer to what is asked about music where there is none.</summary>
    public const string NoMusic = "I hear no music in this recording.";

    /// <summary>The answer to questions about words where none are known.</summary>
    public const string NoLyrics = LyricsAnswers.Unknown;

    /// <summary>
    /// What a model that was trained on this project's tasks may be asked; see docs/training.md. Lyrics are not among
    /// them: it was trained on a few made-up songs, and of those of other people it names a wrong theme more often than
    /// the right one (docs/lyrics.md).
    /// </summary>
    public static IReadOnlySet<QuestionTopic> OwnTasks { get; } = new HashSet<QuestionTopic>
    {
        QuestionTopic.Tempo, QuestionTopic.Key, QuestionTopic.Metre, QuestionTopic.Beats, QuestionTopic.Chords,
        QuestionTopic.Instruments, QuestionTopic.Genre, QuestionTopic.Mood, QuestionTopic.Description,
        QuestionTopic.Use, QuestionTopic.Comparison,
    };

    /// <summary>
    /// Whether what the model writes to a question may become its answer; otherwise it need not write.
    /// </summary>
    /// <param name="parts">As <see cref="QuestionReader"/> reads the question.</param>
    /// <param name="known">What is known of the track.</param>
    /// <param name="trainedFor">What the model was trained for; null for anything.</param>
    public static bool NeedsModel(
        IReadOnlyList<QuestionPart> parts, TrackKnowledge known, IReadOnlySet<QuestionTopic>? trainedFor) =>
        known.Facts.NoMusic is null && !parts.All(part => FromCatalogue(part, known) is not null) && (trainedFor is null
            || parts.All(part => trainedFor.Contains(part.Topic) && part.Form == QuestionForm.Open));

    /// <summary>
    /// Keeps what the model wrote if it is about what was asked and agrees with what is known. Otherwise the answer is
    /// written from measurements and tags, and where they say nothing either, it is <see cref="Refusal"/>.
    /// </summary>
    /// <param name="parts">As <see cref="QuestionReader"/> reads the question.</param>
    /// <param name="written">What the model wrote, grounded; null where it was not asked.</param>
    /// <param name="known">What is known of the track.</param>
    /// <param name="trainedFor">What the model was trained for; null for anything.</param>
    public static HonestAnswer Of(
        IReadOnlyList<QuestionPart> parts, string? written, TrackKnowledge known,
        IReadOnlySet<QuestionTopic>? trainedFor)
    {
        var text = written is null or GroundedText.NotSure ? null : written;
        if (text is not null && NeedsModel(parts, known, trainedFor)
            && parts.All(part => Fits(text, part, known, trainedFor)))
        {
            return new HonestAnswer(text, AnswerOutcome.Answered, []);
        }

        var replies = parts.Select(part => Compose(part, text, known, trainedFor)).ToList();
        var said = replies.Where(reply => reply.Outcome != AnswerOutcome.Refused).ToList();
        if (said.Count == 0) return new HonestAnswer(Refusal, AnswerOutcome.Refused, []);
        var words = said.Select(reply => reply.Text).Distinct(StringComparer.Ordinal);
        if (said.Count < replies.Count) words = words.Append($"As to the rest: {Refusal}");
        return new HonestAnswer(
            string.Join(' ', words),
            said.Exists(reply => reply.Outcome == AnswerOutcome.Answered) ? AnswerOutcome.Answered : AnswerOutcome.NotSure,
            [.. said.SelectMany(reply => reply.Tools).Distinct()]);
    }

    /// <summary>Nothing to say to a part.</summary>
    internal static HonestAnswer Refused() => new(Refusal, AnswerOutcome.Refused, []);

    internal static HonestAnswer NotSure(string text) => new(text, AnswerOutcome.NotSure, []);

    private static bool Fits(
        string text, QuestionPart part, TrackKnowledge known, IReadOnlySet<QuestionTopic>? trainedFor)
    {
        if (MeasuredAnswers.IsAbout(part.Topic)) return MeasuredAnswers.IsIn(text, part, known.Facts);
        if (FromCatalogue(part, known) is not null) return false;
        return trainedFor is null || TagAnswers.Agrees(text, part, known);
    }

    // Where the words, or what the catalogue knows, answer a part, no model need guess.
    private static string? FromCatalogue(QuestionPart part, TrackKnowledge known) =>
        FromLyrics(part, known) ?? FromCredits(part, known);

    // How loud and how long it is can be said of any sound; who made it, and what is said in it, too.
    private static bool IsAboutMusic(QuestionTopic topic) => topic is not (QuestionTopic.Loudness
        or QuestionTopic.LoudnessRange or QuestionTopic.Duration or QuestionTopic.Lyrics or QuestionTopic.Voice
        or QuestionTopic.Other);

    private static string? FromCredits(QuestionPart part, TrackKnowledge known) =>
        part.Topic == QuestionTopic.Other ? known.Credits.AnswerTo(part.Text) : null;

    private static string? FromLyrics(QuestionPart part, TrackKnowledge known) =>
        part.Topic == QuestionTopic.Lyrics ? LyricsAnswers.Of(part.Text, known.Lyrics) : null;

    private static HonestAnswer Compose(
        QuestionPart part, string? text, TrackKnowledge known, IReadOnlySet<QuestionTopic>? trainedFor)
    {
        if (known.Facts.NoMusic is not null && IsAboutMusic(part.Topic))
        {
            return new(
                part.Topic == QuestionTopic.Description ? PlainWriter.Caption(known.Facts) : NoMusic,
                AnswerOutcome.Answered, []);
        }

        if (MeasuredAnswers.IsAbout(part.Topic)) return MeasuredAnswers.Compose(part, known.Facts);
        return part.Topic switch
        {
            QuestionTopic.Instruments or QuestionTopic.Genre or QuestionTopic.Mood or QuestionTopic.Dance =>
                TagAnswers.Compose(part, known),
            QuestionTopic.Description => TagAnswers.Describe(known),
            QuestionTopic.Lyrics when FromLyrics(part, known) is { } said => known.Lyrics is null
                ? NotSure(said)
                : new(said, AnswerOutcome.Answered, []),
            _ when FromCredits(part, known) is { } said => new(said, AnswerOutcome.Answered, []),
            _ => text is not null && trainedFor is null ? new(text, AnswerOutcome.Answered, []) : Refused(),
        };
    }
}
