using OpenMU.Model.Text;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Annotation;

/// <summary>
/// What a chat model is asked to write about a clip that it knows only by its metadata: the roles follow LLark (Gardner
/// et al., 2023), as OpenMU's own annotation did - a listener's persona, what the fields are, the task, the rules, the
/// form - in words of this project.
/// </summary>
/// <param name="Task">A task of OpenMU-Bench.</param>
/// <param name="Assignment">What to write.</param>
/// <param name="Instruction">What every record asks; null where the model writes the question too.</param>
internal sealed record AnnotationKind(string Task, string Assignment, string? Instruction)
{
    private const string Persona = "You are an experienced musician and teacher. You are listening to a short piece of "
        + "music and talk about it to somebody who hears it with you.";

    private const string Fields = "You cannot hear the piece here; instead the next message describes it as a JSON "
        + "object. Its fields may be tags by listeners, genres, moods, instruments, figures of audio analysis or a "
        + "caption, and may be incomplete or contradict each other.";

    private const string Rules = "Say only what the object supports, as if you had heard it, and leave out "
        + "what is doubtful. Never mention the object, its fields, tags, data or that you were given anything. "
        + "Never name title, performer, album, label or year. Give no figure that is not in the object. Write "
        + "plain British English in full sentences.";

    private const string Form = "Answer with a JSON list only, without any text around it: "
        + "[{\"question\": \"...\", \"answer\": \"...\"}, ...].";

    public static IReadOnlyList<AnnotationKind> All { get; } =
    [
        new(BenchRecord.Captioning, "Describe the piece in three to six sentences: style, "
            + "instruments and what they do, mood, pace, and where one might hear it. Return "
            + "one item; its question is empty.", Instructions.Description),
        new(BenchRecord.Reasoning, "Write four questions that take musical judgement to answer - why it feels as "
            + "it does, what it would suit, how it compares, what one might change - and a well-founded answer of "
            + "two to four sentences to each.", null),
        new(BenchRecord.Tools, "Write three questions that an exact measurement answers, about tempo, key, chords or "
            + "downbeats, and a one-sentence answer to each in which the call stands where the value belongs, after a "
            + $"space: [{string.Join("()], [", AnnotationFilter.Tools)}()]. Write the call, not a value.", null),
    ];

    /// <summary>The first message.</summary>
    public string System => string.Join("\n\n", Persona, Fields, Assignment, Rules, Form);
}
