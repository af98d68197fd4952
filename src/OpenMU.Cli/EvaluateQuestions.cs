using OpenMU.Catalogue.Questions;
using OpenMU.Mir.Audio;
using OpenMU.Music.Questions;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Questions;
using OpenMU.Worker;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu evaluate MODEL --questions</c>: the set of questions asked as the product asks them, each answer judged by
/// rules against the clip's truth, or without it as far as rules go.
/// </summary>
internal static class EvaluateQuestions
{
    private static readonly (string Name, Func<JudgedAnswer, bool> Holds)[] Measures =
    [
        ("right", answer => answer.Verdict == Verdict.Right), ("not sure", answer => answer.Verdict == Verdict.NotSure),
        ("wrong", answer => answer.Verdict == Verdict.Wrong),
        ("refused", answer => answer.Answer.Outcome == AnswerOutcome.Refused),
    ];

    /// <param name="options">The model.</param>
    /// <param name="clips">Clips whose truth is known.</param>
    /// <param name="recordings">Files of which nothing is known.</param>
    /// <param name="all">Told every answer.</param>
    /// <param name="console">Gets the tables.</param>
    /// <param name="cancel">Stops between two clips.</param>
    public static async Task RunAsync(
        WorkerOptions options, IReadOnlyList<ClipTruth> clips, IReadOnlyList<string> recordings,
        Action<JudgedAnswer> all, IAnsiConsole console, CancellationToken cancel)
    {
        using var listener = ModelSession.Open(options)!;
        await WorkingDecoder.RequireAsync(cancel);
        var analyser = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
        SetQuestion[] questions = [.. SetQuestion.All, .. SetQuestion.Reworded];
        string[] texts = [.. questions.Select(question => question.Text)];
        foreach (var (files, title) in (((string File, ClipTruth? Truth)[], string)[])[
            ([.. clips.Select(clip => (clip.File, (ClipTruth?)clip))], "clips with known truth"),
            ([.. recordings.Select(file => (file, (ClipTruth?)null))], "recordings")])
        {
            if (files.Length == 0) continue;
            var judged = new List<JudgedAnswer>();
            foreach (var (file, truth) in files)
            {
                var replies = await analyser.AskAsync(file, texts, progress: null, cancel);
                foreach (var (question, reply) in questions.Zip(replies))
                {
                    var answer = reply.ToAnswer(listener, TimeProvider.System);
                    var judgement = QuestionJudge.Judge(question.Expected, answer.Text, truth);
                    judged.Add(new JudgedAnswer(Path.GetFileName(file), question, answer, judgement));
                    all(judged[^1]);
                }
            }

            console.WriteLine($"{listener.Version}, rules {judged[0].Answer.PromptVersion}: {files.Length} {title}");
            foreach (var (name, set) in (((string, IReadOnlyList<SetQuestion>)[])[
                ("the set", SetQuestion.All), ("the set in other words", SetQuestion.Reworded)]))
            {
                console.WriteLine(name);
                Print([.. judged.Where(answer => set.Contains(answer.Question))]);
            }
        }
    }

    private static void Print(IReadOnlyList<JudgedAnswer> judged)
    {
        var examples = judged.Select(answer => (Kind: answer.Question.Kind, answer))
            .Concat(judged.Select(answer => (Kind: "all", answer)))
            .Where(pair => pair.answer.Verdict != Verdict.Unjudged)
            .SelectMany(pair => Measures.Select(measure => new ScoredExample(
                "answers", pair.Kind, measure.Name, pair.answer.File, measure.Holds(pair.answer) ? 1 : 0)));
        Evaluate.Print(ScoreTable.Of([.. examples], []));
    }
}

/// <summary>An answer to a question of the set, and what it is worth.</summary>
/// <param name="File">The track.</param>
/// <param name="Question">The question.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Verdict">What it is worth.</param>
internal sealed record JudgedAnswer(string File, SetQuestion Question, Answer Answer, Verdict Verdict);
