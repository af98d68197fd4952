using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>
/// The studies that need a trained model only: music against white noise, also for snippets; several clips in
/// one prompt; robustness.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Of its language model.</param>
/// <param name="tags">Its tags; null where it has none.</param>
/// <param name="options">Bounds; what is asked is decided here.</param>
/// <param name="log">Receives what is being done.</param>
public sealed class RobustnessStudies(
    ModelFamily model, Tokenizer tokenizer, TagHead? tags, EvaluationOptions options, ILogger? log = null)
{
    private static readonly double[] Snippets = [1, 5, 10, 30];
    private const int MostClips = 4;

    private readonly ILogger log = log ?? NullLogger.Instance;

    /// <summary>
    /// How much of what is scored is heard, and how much music that takes: snippets from the middle of each
    /// clip, and noise instead.
    /// </summary>
    public Study Noise(IReadOnlyList<EvaluationClip> clips, string note, CancellationToken cancel = default)
    {
        var evaluations = Snippets.Select(seconds => ($"{seconds} s", Evaluate(
            $"{seconds} s", [.. clips.Select(clip => clip with { Read = () => Middle(clip.Read(), seconds) })],
            controls: true, cancel))).ToArray();
        return Study.Of(
            "Music against white noise, in snippets of 1 to 30 seconds", "length of the snippet", evaluations,
            [Evaluator.Music, Evaluator.WhiteNoise, Evaluator.Silence], note);
    }

    /// <summary>The same music under other circumstances.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="further">Further conditions with clips of their own: encoded and decoded, or played with
    /// another soundfont.</param>
    /// <param name="note">For the reader.</param>
    /// <param name="cancel">Ends the work.</param>
    public Study Robustness(
        IReadOnlyList<EvaluationClip> clips,
        IReadOnlyList<(string Condition, IReadOnlyList<EvaluationClip> Clips)> further, string note,
        CancellationToken cancel = default)
    {
        var conditions = AudioPerturbation.All.Select(variant => (variant.Name, Clips: (IReadOnlyList<EvaluationClip>)
        [
            .. clips.Select(clip => clip with { Read = () => variant.Change(clip.Read()) })
        ])).Concat(further.Select(condition => (Name: condition.Condition, condition.Clips)));
        return Study.Of("Robustness", "what is heard", [.. conditions.Select(condition => (
            condition.Name,
            Evaluate(condition.Name, condition.Clips, controls: false, cancel)))], [Evaluator.Music], note);
    }

    /// <summary>
    /// One question, several clips: captions asked about 1 to 4 clips in one prompt, scored against the first clip and
    /// against the last, and with the first clip in all places. Training knows prompts of one clip only.
    /// </summary>
    public Study Clips(IReadOnlyList<EvaluationClip> clips, string note, CancellationToken cancel = default)
    {
        var asked = clips
            .Select((clip, i) =>
                (Record: clip.Records.FirstOrDefault(record => record.Task == BenchRecord.Captioning), Index: i))
            .Where(question => question.Record is not null)
            .ToArray();
        log.LogInformation("several clips: {Count} captions", asked.Length);
        using var heard = EncodedClips.Encode(
            model, [.. clips.Select(clip => clip.Read)], options.Threads, cancel: cancel);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var runner = new BenchRunner(model, tokenizer, options.MaxNewTokens);
        // Neighbours in the folder are of different seeds, so the other clips are other pieces.
        int At(int first, int place) => (first + place) % clips.Count;
        var counts = Enumerable.Range(1, MostClips)
            .Where(count =>
                count * heard.Music.Max(model.PositionsOfMusic) + options.MaxNewTokens < model.Config.MaxLength)
            .ToArray();
        double? Score(int count, bool repeat, Func<int, int> about)
        {
            var texts = runner.Answer(
                [.. asked.Select(question => new BenchPrompt(
                    question.Record!.Instruction, [.. Enumerable.Range(0, count)
                        .Select(place => heard.Music[repeat ? question.Index : At(question.Index, place)])]))],
                cancel: cancel);
            var scores = asked.Zip(texts, (question, text) => (Clip: clips[about(question.Index)], Text: text))
                .Where(pair => pair.Clip.Records.Any(record => record.Task == BenchRecord.Captioning))
                .Select(pair => FactScore.Of(
                    TextFacts.In(pair.Text),
                    TextFacts.In(pair.Clip.Records.First(record => record.Task == BenchRecord.Captioning).Output),
                    pair.Clip.Truth.Facts()))
                .OfType<FactScore>().ToArray();
            return scores.Length == 0 ? null : scores.Average(score => score.F);
        }
        return new("Several clips in one prompt", "clips in the prompt", [.. counts.Select(count => $"{count}")],
        [
            new(
                "facts F1 of the caption, about the first clip",
                [.. counts.Select(count => Score(count, false, first => first))]),
            new("about the last clip", [.. counts.Select(count => Score(count, false, first => At(first, count - 1)))]),
            new(
                "about a clip that is not in the prompt",
                [.. counts.Select(count => Score(count, false, first => At(first, MostClips)))]),
            new("the same clip in all places", [.. counts.Select(count => Score(count, true, first => first))]),
        ], note);
    }

    private ScoreTable Evaluate(
        string condition, IReadOnlyList<EvaluationClip> clips, bool controls, CancellationToken cancel)
    {
        log.LogInformation("{Condition}", condition);
        return new Evaluator(
            model, tokenizer, tags, options with { Controls = controls, Baselines = false, TextMeasures = false },
            log).Run(clips, cancel);
    }

    private static float[] Middle(float[] samples, double seconds)
    {
        var length = Math.Min(samples.Length, (int)(seconds * Fbank.SampleRate));
        return samples.AsSpan((samples.Length - length) / 2, length).ToArray();
    }
}
