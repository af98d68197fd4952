using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;
using Parquet.Serialization;

namespace OpenMU.Training.Tests.Evaluation;

public sealed class PublishedBenchmarksTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_question_of_RUL_is_asked_four_times_without_one_distractor_each()
    {
        var path = Write("RUL-MuchoMusic.json", """
            {
              "1740": {"question": "What is the piano's role?", "caption": "A piano.", "correct_answer": "Melody",
                       "distractors": ["Rhythm", "Harmony", "Bass", "Noise"], "PI": 0.98}
            }
            """);

        var records = BenchRecord.Read(path).ToList();

        records.Should().HaveCount(4).And.OnlyContain(record =>
            record.Answer == "Melody" && record.Choices!.Count == 4 && record.LocalAudioPath == "1740.mp3"
            && record.Group == "1740" && record.Instruction.Contains("What is the piano's role?")
            && !record.Instruction.Contains("A piano."));
        records.Select(record => new[] { "Rhythm", "Harmony", "Bass", "Noise" }.Except(record.Choices!).Single())
            .Should().Equal("Rhythm", "Harmony", "Bass", "Noise");
    }

    [Fact]
    public void Of_CMI_Bench_the_test_items_are_read_with_their_part_of_the_sound()
    {
        string Line(string split, string major, string minor, object output, double end) => JsonSerializer.Serialize(new
        {
            instruction = "Which key? ",
            input = "<AUDIO>",
            output,
            uuid = "",
            split = new[] { split },
            task_type = new { major = new[] { major }, minor = new[] { minor } },
            audio_path = new[] { "data/GS-key/a.wav" },
            audio_start = 2.0,
            audio_end = end,
            source = "GiantSteps"
        });
        var path = Write("CMI_x.jsonl", string.Join('\n', [
            Line("train", "multi-class", "key_detection", "C major", 30),
            Line("test", "multi-class", "key_detection", "Eb minor", 30),
            Line("test", "multi-class", "pitch_classification", 60, -1),
            Line("test", "multi_label", "music_tagging", "slow, guitar", 30),
            Line("test", "seq_multi-class", "downbeat_tracking", "0.5s,1.0s", 30),
            Line("test", "regression", "emotion_regression", "0.25", 45),
            Line("test", "transcription", "lyrics_transcription", "oh my", 45),
            Line("test", "global_MIR", "music_captioning", "A song.", 45),
            Line("test", "seq_multi-class", "technique_detection", "[]", 45)]));

        var records = BenchRecord.Read(path).ToList();

        records[0].Should().BeEquivalentTo(new
        {
            Task = "key",
            Instruction = "Which key?",
            Output = "Eb minor",
            LocalAudioPath = "data/GS-key/a.wav",
            Start = (double?)2.0,
            End = (double?)30.0
        });
        records[1].Should().BeEquivalentTo(new { Task = "classes", Output = "60", End = (double?)null });
        records.Skip(2).Select(record => record.Task).Should().Equal(
            "labels", "beats", "score", "lyrics transcription", "captioning", "technique_detection");
        BenchmarkScores.Tasks.Should().Contain(records.SkipLast(1).Select(record => record.Task))
            .And.NotContain(records[^1].Task);
    }

    [Fact]
    public void Of_MMAU_what_is_about_music_is_read()
    {
        var path = Write("mmau-test-mini.json", """
            [{"id": "1", "audio_id": "./test-mini-audios/1.wav", "question": "Which mood?", "choices": ["sad", "happy"],
              "answer": "happy", "task": "music"},
             {"id": "2", "audio_id": "./test-mini-audios/2.wav", "question": "Who?", "choices": ["he", "she"],
              "answer": "she", "task": "speech"}]
            """);

        BenchRecord.Read(path).Should().ContainSingle().Which.Should().BeEquivalentTo(new
        {
            Task = "choice",
            Answer = "happy",
            Output = "(B) happy",
            LocalAudioPath = "./test-mini-audios/1.wav",
            Choices = new[] { "sad", "happy" }
        });
    }

    [Fact]
    public async Task Of_MMAU_Pros_Parquet_file_the_choices_about_music_are_read()
    {
        var path = Path.Combine(folder, "test.parquet");
        await ParquetSerializer.SerializeAsync(
            [
                new MmauProRow("music", ["piano", "drums", "flute", "harp", "bell"], ["data/1.wav"]),
                new MmauProRow("speech", ["drums", "noise"], ["data/2.wav"]), new MmauProRow("open", [], ["data/3.wav"]),
                new MmauProRow("music", ["drums", "noise"], ["data/4.wav", "data/5.wav"])
            ], path, cancellationToken: TestContext.Current.CancellationToken);

        var records = BenchRecord.Read(path).ToList();

        records.Select(record => record.LocalAudioPath).Should().Equal("data/1.wav", null);
        records[0].Output.Should().Be("(B) drums");
        records[0].Instruction.Should().Contain("(E) bell");
    }

    [Fact]
    public void Published_answers_are_scored_by_all_rules()
    {
        // Two of the answers that MiDashengLM's authors publish are of these forms; the third is what makes their own
        // rule and the first capital differ.
        string Line(string answer, string output) => JsonSerializer.Serialize(new
        {
            audio = "test_0.wav",
            question = "Which genre?",
            choices = new[] { "Reggae", "Pop", "Ska", "Rock" },
            answer,
            prompt = "Which genre?\n(A) Reggae\n(B) Pop\n(C) Ska\n(D) Rock\n",
            model_output = output
        });
        var path = Write("answers.jsonl", string.Join('\n', Line("B", "B"), Line("C", "(C)"), Line("A", "Answer: D")));

        (BenchRecord Record, string Text)[] answers =
            [.. BenchRecord.Read(path).Select(record => (record, record.Given!))];
        var table = BenchmarkRun.Score([("theirs", answers)], new Meteor(null));

        table.Value("theirs", "choice", AnswerScores.FirstCapital).Should().Be(1, "the A of Answer counts");
        table.Value("theirs", "choice", AnswerScores.OwnWords).Should().BeApproximately(2 / 3.0, 1e-9);
        table.Value("theirs", "choice", AnswerScores.Accuracy).Should().BeApproximately(2 / 3.0, 1e-9);
    }

    [Fact]
    public void Sounds_of_MuChoMusic_are_named_by_their_sets()
    {
        var path = Write("muchomusic.csv", "question,dataset,dataset_identifier,correct_answer,distractor_1_answer,"
            + "distractor_2_answer,distractor_3_answer\nA?,sdd,415600.json,a,b,c,d\nB?,musiccaps,x_Y-1_7.json,a,b,c,d\n");

        BenchRecord.Read(path).Select(record => record.LocalAudioPath).Should().Equal("00/415600.2min.mp3", "x_Y-1");
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private sealed class MmauProRow(string category, List<string> choices, List<string> sounds)
    {
        [JsonPropertyName("question")]
        public string Question { get; } = "Which?";

        [JsonPropertyName("answer")]
        public string Answer { get; } = "drums";

        [JsonPropertyName("category")]
        public string Category { get; } = category;

        [JsonPropertyName("choices")]
        public List<string> Choices { get; } = choices;

        [JsonPropertyName("audio_path")]
        public List<string> Sounds { get; } = sounds;
    }
}
