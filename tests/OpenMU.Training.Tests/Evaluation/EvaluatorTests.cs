using OpenMU.Model;
using OpenMU.Model.Families;
using OpenMU.Music;
using OpenMU.Testing;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Evaluation;

public sealed class EvaluatorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly OpenMu model = ToyClips.Model();
    private readonly TagHead tags = ToyClips.Tags();

    public void Dispose()
    {
        tags.Dispose();
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Every_task_is_scored_beside_noise_silence_and_all_baselines_and_always_the_same()
    {
        var (table, answers) = Run();
        table.Systems.Should().Equal(
            "OpenMU", "white noise", "silence", "text only", "most frequent", "nearest neighbour", "linear probe");
        table.Rows.Select(row => row.Task).Distinct()
            .Should().Equal("captioning", "reasoning", "lyrics", "tools", "choice", "tags");
        table.Rows.Where(row => row.Task != "tags").Should().AllSatisfy(row => row.Systems.Should().HaveCount(6));
        answers.Should().HaveCount(6 * 5 * ToyClips.All.Count);
        answers.Should().AllSatisfy(answer => answer.Scores.Should().NotBeEmpty());
        table.Rows.Should().NotContain(row => row.Measure == BertScore.Name, "that takes a model");
        Run().Table.ToMarkdown().Should().Be(table.ToMarkdown());
    }

    [Fact]
    public void Who_has_heard_the_clips_in_training_recites_and_probes_them_rightly()
    {
        var table = Run().Table;
        foreach (var (task, measure) in new[]
        {
            ("captioning", AnswerScores.Facts), ("reasoning", Fact.Genre), ("lyrics", AnswerScores.Theme),
            ("tools", AnswerScores.RightTool), ("choice", AnswerScores.Accuracy)
        })
            table.Value(Evaluator.NearestNeighbour, task, measure).Should().Be(1, task);
        table.Value(Evaluator.Probe, "tags", "genre accuracy").Should().Be(1);
        table.Value(Evaluator.Probe, "tags", "instrument F1").Should().Be(1);
        // A model of random weights says nothing that is true; the most frequent answer is right for one genre of four.
        table.Value(Evaluator.Music, "captioning", AnswerScores.Facts).Should().Be(0);
        table.Value(Evaluator.MostFrequent, "captioning", Fact.Genre).Should().Be(0.25);
        table.Value(Evaluator.MostFrequent, "choice", AnswerScores.Accuracy).Should().Be(0.25);
    }

    [Fact]
    public void With_a_RoBERTa_every_text_is_compared_by_meaning_too_and_choices_are_not()
    {
        using var bertScore = BertScore.Open(Golden.BertScoreFolder);
        var evaluation = new Evaluator(
            model, ToyClips.Tokenizer, tags,
            new() { Baselines = true, Training = ToyClips.All, MaxNewTokens = 12, Threads = 2, BertScore = bertScore });
        var table = evaluation.Run(ToyClips.All);

        table.Rows.Where(row => row.Measure == BertScore.Name).Select(row => row.Task)
            .Should().Equal("captioning", "reasoning", "lyrics", "tools");
        table.Rows.Select(row => row.Measure)
            .SkipWhile(measure => !measure.StartsWith("METEOR", StringComparison.Ordinal))
            .Skip(1)
            .First()
            .Should().Be(BertScore.Name);
        table.Value(Evaluator.NearestNeighbour, "captioning", BertScore.Name)
            .Should().BeApproximately(1, 1e-6, "that answer is the reference");
        table.Value(Evaluator.Music, "captioning", BertScore.Name).Should().BeLessThan(1);
        var answer = evaluation.Answers.First(answer =>
            answer is { System: Evaluator.MostFrequent, Task: "captioning", Clip: "polka" });
        answer.Scores[BertScore.Name]
            .Should().BeApproximately(bertScore.Score([new(answer.Text, [answer.Reference])])[0].F, 1e-6);
    }

    [Fact]
    public void Captions_are_asked_for_once_more_with_what_the_tools_found_and_without_music_beside_it()
    {
        MusicalFacts Facts(EvaluationClip clip) =>
            clip.Truth.Genre == "jazz" ? new() { Key = MusicalKey.Parse("A minor") } : MusicalFacts.None;
        var options = new EvaluationOptions
        {
            Baselines = true,
            TextMeasures = false,
            MaxNewTokens = 12,
            Threads = 2,
            Facts = Facts
        };
        var evaluation = new Evaluator(model, ToyClips.Tokenizer, tags, options);
        var table = evaluation.Run(ToyClips.All);

        table.Systems.Should().Equal(
            "OpenMU", "OpenMU, told what was measured", "text only, told what was measured", "text only");
        table.Rows.Where(row => row.Systems.ContainsKey(Evaluator.Measured)).Select(row => row.Task).Distinct()
            .Should().Equal("captioning");
        var texts = evaluation.Answers.Where(answer => answer.Task == "captioning")
            .ToLookup(answer => (answer.Clip, answer.System), answer => answer.Text);
        foreach (var clip in ToyClips.All.Where(clip => clip.Truth.Genre != "jazz"))
        {
            texts[(clip.Truth.Id, Evaluator.Measured)]
                .Should().Equal(texts[(clip.Truth.Id, Evaluator.Music)], "nothing was found of it");
        }
    }

    [Fact]
    public void Clips_heard_together_are_encoded_as_alone()
    {
        using var together = EncodedClips.Encode(model, [.. ToyClips.All.Select(clip => clip.Read)], threads: 2);
        using var alone = EncodedClips.Encode(model, [ToyClips.All[2].Read], threads: 1);
        together.Music[2].ShouldBeCloseTo(alone.Music[0], 1e-5);
        together.Means[2].ShouldBeCloseTo(together.Music[2].mean([0]), 1e-5);
    }

    [Fact]
    public void White_noise_is_as_long_and_as_loud_as_the_music_and_another_for_each_clip()
    {
        var music = ToyClips.All[0].Read();
        var noise = ControlSound.WhiteNoise(music, 1);
        noise.Should().HaveSameCount(music);
        Math.Sqrt(noise.Average(sample => sample * sample))
            .Should().BeApproximately(Math.Sqrt(music.Average(sample => sample * sample)), 0.01);
        noise.Should().Equal(ControlSound.WhiteNoise(music, 1)).And.NotEqual(ControlSound.WhiteNoise(music, 2));
        ControlSound.Silence(music).Should().HaveSameCount(music).And.OnlyContain(sample => sample == 0);
    }

    private (ScoreTable Table, IReadOnlyList<EvaluatedAnswer> Answers) Run()
    {
        var evaluation = new Evaluator(
            model, ToyClips.Tokenizer, tags,
            new() { Controls = true, Baselines = true, Training = ToyClips.All, MaxNewTokens = 12, Threads = 2 });
        return (evaluation.Run(ToyClips.All), evaluation.Answers);
    }
}
