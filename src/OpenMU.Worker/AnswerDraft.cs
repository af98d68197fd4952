using OpenMU.Model.Text;
using OpenMU.Music.Questions;

namespace OpenMU.Worker;

/// <summary>A question on its way to an answer: before the model has written, and after.</summary>
internal sealed class AnswerDraft
{
    private readonly TrackKnowledge known;
    private readonly IReadOnlySet<QuestionTopic>? trainedFor;
    private readonly IReadOnlyList<QuestionPart> parts;

    /// <param name="question">As asked.</param>
    /// <param name="known">What is known of the track.</param>
    /// <param name="trainedFor">What the model may be asked; null for anything.</param>
    public AnswerDraft(string question, TrackKnowledge known, IReadOnlySet<QuestionTopic>? trainedFor)
    {
        (this.known, this.trainedFor) = (known, trainedFor);
        parts = QuestionReader.Read(question);
        if (!HonestAnswer.NeedsModel(parts, known, trainedFor)) return;
        Instruction = known.Lyrics is { } lyrics && parts.Any(part => part.Topic == QuestionTopic.Lyrics)
            ? Quotation.AboutLyrics(question, lyrics.Song.Text)
            : Quotation.AboutTrack(Instructions.Question(question, known.Facts), Credits(known));
    }

    // A model of our own tasks has never seen such text, and is asked for nothing that it would help with.
    private string Credits(TrackKnowledge known) => trainedFor is null ? known.Credits.Lines : "";

    /// <summary>What the model is asked; null where it need not be.</summary>
    public string? Instruction { get; }

    /// <summary>The answer.</summary>
    /// <param name="written">What the model wrote; null where it was not asked.</param>
    /// <param name="secondsHeard">How much it has listened to.</param>
    public Reply Finish(Written? written, double secondsHeard)
    {
        if (written?.Error is { } error) return new Reply(null, 0, secondsHeard, error);
        var text = written?.Text;
        var answer = HonestAnswer.Of(parts, text?.Text, known, trainedFor);
        // What the answer kept of the model's words was written with the model's calls.
        if (answer.Text == text?.Text) answer = answer with { Tools = text.Tools };
        return new Reply(answer.ReadOff(known.Facts), text?.DroppedSentences ?? 0, secondsHeard, Error: null);
    }
}
