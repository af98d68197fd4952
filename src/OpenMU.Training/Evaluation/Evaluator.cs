// Evaluator.cs - one model, asked everything that is known of a set of clips; beside it, in the same table, what
// hearing noise, hearing nothing and not listening at all score on the same questions.
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Model;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Music;
using OpenMU.Training.Evaluation.Text;
using static TorchSharp.torch;

namespace OpenMU.Training.Evaluation;

/// <summary>What an evaluation takes in.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Ask everything again about white noise and silence.</summary>
    public bool Controls { get; init; }

    /// <summary>
    /// Answer everything again without music, with the most frequent answer and with the nearest neighbour's; the last
    /// two need <see cref="Training"/>.
    /// </summary>
    public bool Baselines { get; init; }

    /// <summary>
    /// Measures a clip, called from several threads: captions are asked for once more, told what was measured, as the
    /// product asks. Null leaves that out.
    /// </summary>
    public Func<EvaluationClip, MusicalFacts>? Facts { get; init; }

    /// <summary>What baselines learn from.</summary>
    public IReadOnlyList<EvaluationClip> Training { get; init; } = [];

    /// <summary>Longest answer in tokens.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Threads that read and transform sound.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Folder of WordNet's database; where there is none, METEOR is scored without synonyms and named so.
    /// </summary>
    public string WordNetFolder { get; init; } = WordNet.Folder;

    /// <summary>
    /// A language model that compares texts by their meaning; null leaves that measure out. It belongs to the caller.
    /// </summary>
    public BertScore? BertScore { get; init; }

    /// <summary>The measures that compare texts with the references; the rest is quicker without them.</summary>
    public bool TextMeasures { get; init; } = true;
}

/// <summary>One answer of one system and its scores, for the list that people read.</summary>
public sealed record EvaluatedAnswer(
    string System,
    string Task,
    string? Clip,
    string Instruction,
    string Reference,
    string Text,
    IReadOnlyDictionary<string, double> Scores);

/// <summary>Evaluates a model on OpenMU-Bench's tasks.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Of its language model.</param>
/// <param name="tags">Its tags; null where it has none.</param>
/// <param name="options">Controls, baselines and bounds.</param>
/// <param name="log">Receives what is being done.</param>
/// <param name="tagger">Gives the tags, <paramref name="tags"/> beside it; null where the model has none.</param>
public sealed class Evaluator(
    ModelFamily model, Tokenizer tokenizer, TagHead? tags, EvaluationOptions options, ILogger? log = null,
    Tagger? tagger = null)
{
    public const string Music = "OpenMU", Measured = "OpenMU, told what was measured",
        TextOnlyMeasured = "text only, told what was measured", WhiteNoise = "white noise", Silence = "silence",
        TextOnly = "text only", MostFrequent = "most frequent", NearestNeighbour = "nearest neighbour",
        Probe = "linear probe";

    private readonly ILogger log = log ?? NullLogger.Instance;
    private readonly BenchRunner runner = new(model, tokenizer, options.MaxNewTokens);
    private readonly List<EvaluatedAnswer> answers = [];
    private readonly List<ScoredExample> examples = [], corpus = [];

    /// <summary>All answers of all systems.</summary>
    public IReadOnlyList<EvaluatedAnswer> Answers => answers;

    /// <summary>
    /// Asks, scores and tabulates. Greedy and without chance: the same model and clips give the same table.
    /// </summary>
    /// <param name="clips">The clips, which no training has seen.</param>
    /// <param name="cancel">Ends the work.</param>
    public ScoreTable Run(IReadOnlyList<EvaluationClip> clips, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        var scorer = new AnswerScores(new Meteor(
            options.TextMeasures && WordNet.Open(options.WordNetFolder) is { } wordNet ? wordNet.Synonyms : null));
        Func<float[]>[] music = [.. clips.Select(clip => clip.Read)];
        using var encoded = Encode("music", music, cancel);
        Evaluate(Music, clips, music, encoded, scorer, cancel);
        if (options.Facts is not null) EvaluateMeasured(clips, encoded, scorer, cancel);
        if (options.Controls)
        {
            Func<float[]>[] noises =
                [.. clips.Select((clip, i) => (Func<float[]>)(() => ControlSound.WhiteNoise(clip.Read(), i)))];
            using var noise = Encode("white noise", noises, cancel);
            Evaluate(WhiteNoise, clips, noises, noise, scorer, cancel);
            Func<float[]>[] nothing = [() => ControlSound.Silence(clips[0].Read())];
            using var silence = Encode("silence", nothing, cancel);
            Evaluate(Silence, clips, nothing, silence, scorer, cancel);
        }
        if (options.Baselines) EvaluateBaselines(clips, encoded, scorer, cancel);
        return ScoreTable.Of(InOrder(examples), InOrder(corpus));
    }

    private EncodedClips Encode(string what, Func<float[]>[] sounds, CancellationToken cancel)
    {
        log.LogInformation("encoding {What}: {Count}", what, sounds.Length);
        return EncodedClips.Encode(model, sounds, options.Threads, cancel: cancel);
    }

    /// <summary>
    /// Answers and tags for encoded sound, whether it is music or not; a single sound serves for all clips.
    /// </summary>
    private void Evaluate(
        string system, IReadOnlyList<EvaluationClip> clips, Func<float[]>[] sounds, EncodedClips encoded,
        AnswerScores scorer, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        int Of(int clip) => encoded.Music.Count == 1 ? 0 : clip;
        Answer(system, clips, (_, clip) => [encoded.Music[Of(clip)]], scorer, cancel);
        var means = encoded.Means.unbind();
        if (tagger is not null)
        {
            ScoreTags(
                system, clips, clip => tagger.Confidences(sounds[Of(clip)](), tags?.Scores(means[Of(clip)])));
        }
        else if (tags is not null)
        {
            ScoreTags(system, clips, clip => tags.Confidences(means[Of(clip)]));
        }
    }

    /// <summary>
    /// Captions as the product asks for them: behind the instruction stands what the tools found. The same without the
    /// music shows what that alone is worth.
    /// </summary>
    private void EvaluateMeasured(
        IReadOnlyList<EvaluationClip> clips, EncodedClips encoded, AnswerScores scorer, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        log.LogInformation("measuring: {Count}", clips.Count);
        string[] measured = [.. clips.AsParallel().AsOrdered().WithDegreeOfParallelism(options.Threads)
            .WithCancellation(cancel).Select(clip => Instructions.Measured(options.Facts!(clip)))];
        EvaluationClip[] captions = [.. clips.Select(clip =>
            clip with { Records = [.. clip.Records.Where(record => record.Task == BenchRecord.Captioning)] })];
        Answer(Measured, captions, (_, clip) => [encoded.Music[clip]], scorer, cancel, measured);
        if (options.Baselines) Answer(TextOnlyMeasured, captions, (_, _) => [], scorer, cancel, measured);
    }

    private void Answer(
        string system, IReadOnlyList<EvaluationClip> clips, Func<BenchRecord, int, IReadOnlyList<Tensor>> music,
        AnswerScores scorer, CancellationToken cancel, string[]? added = null)
    {
        var asked = clips.SelectMany((clip, i) => clip.Records.Select(record => (Record: record, Index: i))).ToArray();
        log.LogInformation("{System}: {Count} questions", system, asked.Length);
        var texts = runner.Answer(
            [.. asked.Select(question => new BenchPrompt(
                InstructionOf(question.Record) + added?[question.Index], music(question.Record, question.Index)))],
            cancel: cancel);
        Score(
            system, clips, [.. asked.Zip(texts, (question, text) => (question.Record, question.Index, text))], scorer,
            cancel);
    }

    /// <summary>Scores a system's texts and keeps them.</summary>
    private void Score(
        string system, IReadOnlyList<EvaluationClip> clips,
        IReadOnlyList<(BenchRecord Record, int Clip, string Text)> texts, AnswerScores scorer, CancellationToken cancel)
    {
        var scored = texts
            .Zip(
                BertScores(system, texts, cancel),
                (text, bertScore) => (text.Record, text.Clip, text.Text, BertScore: bertScore))
            .AsParallel().AsOrdered().WithDegreeOfParallelism(options.Threads)
            .Select(text => (text.Record, text.Text, Scores: scorer.Of(
                text.Record, text.Text, clips[text.Clip].Truth, options.TextMeasures, text.BertScore)))
            .ToArray();
        foreach (var (record, text, scores) in scored)
        {
            answers.Add(new(
                system, record.Task, record.Clip, record.Instruction, record.Output, text,
                scores.ToDictionary(score => score.Measure, score => score.Score)));
            examples.AddRange(scores.Select(score =>
                new ScoredExample(system, record.Task, score.Measure, record.Clip!, score.Score)));
        }
        if (!options.TextMeasures) return;
        foreach (var task in scored.Where(text => text.Record.Task != BenchRecord.Choice)
            .GroupBy(text => text.Record.Task))
        {
            corpus.AddRange(CorpusScores.Of([.. task.Select(text => new TextPair(text.Text, [text.Record.Output]))])
                .Select(score => new ScoredExample(system, task.Key, score.Measure, "", score.Score)));
        }
    }

    /// <summary>F1 of each text but choices; null for all without the model that it takes.</summary>
    private double?[] BertScores(
        string system, IReadOnlyList<(BenchRecord Record, int Clip, string Text)> texts, CancellationToken cancel)
    {
        var scores = new double?[texts.Count];
        if (options.BertScore is null || !options.TextMeasures) return scores;
        int[] written = [.. Enumerable.Range(0, texts.Count).Where(i => texts[i].Record.Task != BenchRecord.Choice)];
        log.LogInformation("{System}: {Measure} of {Count} texts", system, BertScore.Name, written.Length);
        foreach (var (i, match) in written.Zip(options.BertScore.Score(
            [.. written.Select(i => new TextPair(texts[i].Text, [texts[i].Record.Output]))], cancel)))
        {
            scores[i] = match.F;
        }
        return scores;
    }

    private void ScoreTags(
        string system, IReadOnlyList<EvaluationClip> clips,
        Func<int, IReadOnlyList<(TagGroup Group, double[] Confidences)>> tag)
    {
        var scores = new TagScores(system);
        for (var i = 0; i < clips.Count; i++) scores.Add(clips[i].Truth, tag(i));
        examples.AddRange(scores.Examples);
        corpus.AddRange(scores.CalibrationErrors);
    }

    private void EvaluateBaselines(
        IReadOnlyList<EvaluationClip> clips, EncodedClips encoded, AnswerScores scorer, CancellationToken cancel)
    {
        Answer(TextOnly, clips, (_, _) => [], scorer, cancel);
        if (options.Training.Count == 0) return;
        BenchRecord[] training = [.. options.Training.SelectMany(clip => clip.Records)];
        ScoreBaseline(MostFrequent, clips, Baselines.MostFrequent(training), scorer, cancel);

        using var known = Encode("training clips", [.. options.Training.Select(clip => clip.Read)], cancel);
        using var scope = NewDisposeScope();
        var nearest = Normalised(encoded.Means).mm(Normalised(known.Means).t()).argmax(1).cpu().data<long>().ToArray();
        var beside = clips.Select((clip, i) => (clip.Truth.Id, Neighbour: options.Training[(int)nearest[i]].Truth.Id))
            .ToDictionary(pair => pair.Id, pair => pair.Neighbour);
        ScoreBaseline(NearestNeighbour, clips, Baselines.NearestNeighbour(
            training, options.Training.ToDictionary(clip => clip.Truth.Id, clip => clip.Truth),
            beside.GetValueOrDefault), scorer, cancel);
        using var probe = LinearProbe.Fit(known.Means, [.. options.Training.Select(clip => clip.Truth)]);
        ScoreTags(Probe, clips, clip => probe.Confidences(encoded.Means[clip]));
    }

    private void ScoreBaseline(
        string system, IReadOnlyList<EvaluationClip> clips, Func<BenchRecord, string> answer, AnswerScores scorer,
        CancellationToken cancel)
        => Score(system, clips, [.. clips
            .SelectMany((clip, i) => clip.Records.Select(record => (record, i, answer(record))))], scorer, cancel);

    private static Tensor Normalised(Tensor means) => means / means.norm(1, keepdim: true);

    /// <summary>Lyrics are shortened as in the published evaluation.</summary>
    private static string InstructionOf(BenchRecord record)
        => record.Task == BenchRecord.Lyrics ? LyricsExcerpt.Of(record.Instruction) : record.Instruction;

    /// <summary>Tasks in the paper's order, tags last.</summary>
    private static ScoredExample[] InOrder(IEnumerable<ScoredExample> scores)
        => [.. scores.OrderBy(score =>
            BenchRecord.AllTasks.ToList().IndexOf(score.Task) is var place and >= 0 ? place : int.MaxValue)];
}
