using System.Text.Json;
using OpenMU.Testing;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;
using OpenMU.Training.Synthesis;

namespace OpenMU.Cli.Tests;

public sealed class EvaluateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-evaluate-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_answers_that_training_teaches_are_right_by_every_score()
    {
        var scorer = new AnswerScores(new Meteor(null));
        var truths = Enumerable.Range(0, 200).Select(ToyDataSet.Truth).ToList();
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "truth.jsonl"), truths.Select(truth => truth.ToJson()));
        var facts = ClipTruth.Read(folder).ToDictionary(clip => clip.Id);
        foreach (var record in truths.SelectMany(RecordWriter.Write))
        {
            var scores = scorer.Of(record, record.Output, facts[record.Clip!], withTextMeasures: false);
            scores.Should().AllSatisfy(score => score.Score
                .Should().Be(1, $"{score.Measure} of '{record.Output}' for {facts[record.Clip!]}"));
        }
    }

    [Fact]
    public async Task Calibrating_writes_a_threshold_for_every_tag_and_nothing_when_it_only_prints()
    {
        var (model, data) = (ToyDataSet.WriteModel(At("model")), ToyDataSet.Write(At("data"), 4));
        var tags = Path.Combine(model, "tags.json");
        var before = await File.ReadAllTextAsync(tags);

        (await Run("calibrate", model, "--data", data, "--dry-run")).Should().Be(0);
        (await File.ReadAllTextAsync(tags)).Should().Be(before);

        (await Run("calibrate", model, "--data", data)).Should().Be(0);
        JsonDocument.Parse(await File.ReadAllTextAsync(tags)).RootElement.EnumerateArray().Should().OnlyContain(group =>
            group.GetProperty("thresholds").GetArrayLength() == group.GetProperty("labels").GetArrayLength());
    }

    [Fact]
    public async Task A_model_is_evaluated_from_its_folder_with_table_and_answers_on_disk()
    {
        var (model, data, json, markdown) =
            (ToyDataSet.WriteModel(At("model")), ToyDataSet.Write(At("data"), 4), At("answers.jsonl"), At("table.md"));

        var code = await Run(
            "evaluate", model, "--data", data, "--train-data", data, "--limit", "2", "--controls", "--baselines",
            "--max-tokens", "8", "--threads", "1", "--json", json, "--markdown", markdown);

        code.Should().Be(0);
        var table = await File.ReadAllTextAsync(markdown);
        table.Should().StartWith("| task | measure | examples | OpenMU | white noise | silence | text only | most "
            + "frequent | nearest neighbour | linear probe |");
        foreach (var row in new[]
        {
            "| captioning | facts F1 |", "| reasoning | METEOR", "| lyrics | theme |", "| tools | right tool |",
            "| choice | accuracy |", "| tags | genre accuracy |", "| tags | genre calibration error |"
        })
        {
            table.Should().Contain(row);
        }
        var answers = (await File.ReadAllLinesAsync(json)).Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        answers.Select(answer => answer.GetProperty("system").GetString()).Distinct().Should().HaveCount(6);
        answers.Select(answer => answer.GetProperty("clip").GetString()).Distinct().Should().Equal("toy-0", "toy-2");
    }

    [Theory]
    [InlineData("midashenglm")]
    [InlineData("moss_music")]
    public async Task Models_of_other_families_are_evaluated_and_studied_too(string family)
    {
        var (model, data, markdown) =
            (TinyFamilies.Write(At("model"), family), ToyDataSet.Write(At("data"), 2), At("table.md"));

        (await Run(
            "evaluate", model, "--data", data, "--controls", "--baselines", "--max-tokens", "4", "--threads", "1",
            "--markdown", markdown)).Should().Be(0);
        (await Run("study", "clips", model, "--data", data, "--output", At("studies"), "--threads", "1"))
            .Should().Be(0);

        (await File.ReadAllTextAsync(markdown)).Should()
            .StartWith("| task | measure | examples | OpenMU | white noise | silence | text only |")
            .And.Contain("| choice | accuracy, first capital A to D |");
        (await File.ReadAllTextAsync(Path.Combine(At("studies"), "clips.md"))).Should().Contain("| 4 |");
    }

    [Theory]
    [InlineData("openmu")]
    [InlineData("midashenglm")]
    [InlineData("moss_music")]
    public async Task A_published_benchmark_is_put_to_a_model_beside_white_noise_and_the_text_alone(string family)
    {
        var (model, sounds, json, markdown) =
            (TinyFamilies.Write(At("model"), family), Directory.CreateDirectory(At("sounds/00")), At("a.jsonl"), At("t.md"));
        File.WriteAllBytes(Path.Combine(sounds.FullName, "415600.2min.mp3"), TestSound.Clicks(3, 16_000));
        File.WriteAllBytes(Path.Combine(sounds.FullName, "[x_Y-1]-[30-40].wav"), TestSound.Clicks(2, 16_000));
        await File.WriteAllTextAsync(At("muchomusic.csv"), "question,dataset,dataset_identifier,correct_answer,"
            + "distractor_1_answer,distractor_2_answer,distractor_3_answer\nMood?,sdd,415600.json,sad,glad,mad,bad\n"
            + "Tempo?,musiccaps,x_Y-1_7.json,slow,fast,none,all\nKey?,sdd,999.json,a,b,c,d\n");

        var code = await Run(
            "benchmark", At("muchomusic.csv"), "--model", model, "--audio", At("sounds"), "--max-tokens", "4",
            "--threads", "1", "--json", json, "--markdown", markdown);

        code.Should().Be(0);
        (await File.ReadAllTextAsync(markdown)).Should()
            .StartWith($"| task | measure | examples | {family} | white noise | text only |")
            .And.Contain("| choice | accuracy, first capital A to D | 2 |")
            .And.Contain("| choice | accuracy, the options' own words | 2 |");
        var answers = (await File.ReadAllLinesAsync(json)).Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        answers.Select(answer => answer.GetProperty("system").GetString()).Distinct()
            .Should().Equal(family, "white noise", "text only");
        answers.Should().HaveCount(6, "a question without a sound is left out");
    }

    [Fact]
    public async Task Answers_that_a_file_holds_are_scored_without_a_model()
    {
        await File.WriteAllTextAsync(At("answers.json"), """
            [{"id": 7, "prompt": "Which?", "answers": ["x", "y", "z", "w"], "answer_orders": [2, 3, 0, 1],
              "model_output": "C"}]
            """);

        (await Run("benchmark", At("answers.json"), "--given", "--markdown", At("t.md"))).Should().Be(0);
        (await File.ReadAllTextAsync(At("t.md"))).Should().Contain("| choice | accuracy | 1 | 100.0");
    }

    [Fact]
    public async Task A_benchmark_whose_sounds_are_not_there_says_so()
    {
        Directory.CreateDirectory(At("empty"));
        await File.WriteAllTextAsync(At("answers.json"), """
            [{"id": 7, "prompt": "Which?", "answers": ["x", "y"], "answer_orders": [0, 1], "audio_path": "data/7.mp3"}]
            """);

        await FluentActions.Awaiting(() =>
            Run("benchmark", At("answers.json"), "--model", At("none"), "--audio", At("empty")))
            .Should().ThrowAsync<InvalidDataException>().WithMessage("*1 x no sound under*");
    }

    [Fact]
    public async Task With_a_RoBERTa_folder_the_table_has_BERTScore()
    {
        var (model, data, markdown) =
            (ToyDataSet.WriteModel(At("model")), ToyDataSet.Write(At("data"), 2), At("table.md"));

        var code = await Run(
            "evaluate", model, "--data", data, "--max-tokens", "8", "--threads", "1", "--type", "int8",
            "--bert-score", Roberta, "--bert-score-layer", "2", "--markdown", markdown);

        code.Should().Be(0);
        (await File.ReadAllLinesAsync(markdown)).Where(line => line.Contains("BERTScore"))
            .Select(line => line.Split('|')[1].Trim())
            .Should().Equal("captioning", "reasoning", "lyrics", "tools");
    }

    [Fact]
    public async Task A_folder_without_RoBERTa_is_named_before_anything_is_heard()
    {
        var model = ToyDataSet.WriteModel(At("model"));

        await FluentActions.Awaiting(() => Run("evaluate", model, "--data", folder, "--bert-score", model))
            .Should().ThrowAsync<InvalidDataException>().WithMessage("*RoBERTa*model_type*");
        await FluentActions.Awaiting(() =>
            Run("evaluate", model, "--data", folder, "--bert-score", Roberta, "--bert-score-layer", "4"))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*no layer 4*");
    }

    [Theory]
    [InlineData("noise")]
    [InlineData("clips")]
    [InlineData("robustness")]
    public async Task A_study_leaves_a_table_and_a_plot(string name)
    {
        var (model, data, output) =
            (ToyDataSet.WriteModel(At("model")), ToyDataSet.Write(At("data"), 3), At("studies"));

        var code = await Run(
            "study", name, model, "--data", data, "--output", output, "--threads", "1", "--limit", "2", "--type",
            "int8");

        code.Should().Be(0);
        (await File.ReadAllTextAsync(Path.Combine(output, name + ".md")))
            .Should().Contain($"({name}.svg)").And.Contain($"openmu study {name}");
        (await File.ReadAllTextAsync(Path.Combine(output, name + ".svg"))).Should().StartWith("<svg");
    }

    [Fact]
    public async Task A_folder_without_clips_is_named()
        => await FluentActions.Awaiting(() => Run("evaluate", ToyDataSet.WriteModel(At("model")), "--data", folder))
            .Should().ThrowAsync<InvalidDataException>().WithMessage("*truth.jsonl*");

    private static Task<int> Run(params string[] arguments)
        => new System.CommandLine.RootCommand
        {
            Evaluate.Command(), Calibrate.Command(), PublishedBenchmark.Command(), Studies.Command(),
        }
            .Parse(arguments)
            .InvokeAsync(new() { EnableDefaultExceptionHandler = false });

    /// <summary>The tiny one whose numbers are known.</summary>
    private static string Roberta
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!Directory.Exists(Path.Combine(folder.FullName, "tests", "golden"))) folder = folder.Parent!;
            return Path.Combine(folder.FullName, "tests", "golden", "bertscore");
        }
    }

    private string At(string name) => Path.Combine(folder, name);
}
