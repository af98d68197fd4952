using OpenMU.Model.Text;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation;

public sealed class PublishedFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Captions_of_musiccaps_are_read_with_their_commas_quotes_and_line_ends()
    {
        var path = Write(
            "musiccaps-public.csv", "ytid,start_s,end_s,aspect_list,caption,is_audioset_eval\r\nab-1,30,40,\"['sad', "
                + "'piano']\",\"A \"\"soft\"\" piano,\nslow.\",True\r\ncd-2,0,10,[],Plain.,False\r\n");

        var records = BenchRecord.Read(path).ToList();

        records.Select(record => record.Output).Should().Equal("A \"soft\" piano,\nslow.", "Plain.");
        records[0].Should().BeEquivalentTo(new
        {
            Task = "captioning",
            Instruction = Instructions.Description,
            Clip = "ab-1",
            LocalAudioPath = "[ab-1]-[30-40].wav"
        });
    }

    [Fact]
    public void Questions_of_muchomusic_are_read_from_its_table_in_an_order_that_stays()
    {
        var path = Write("muchomusic.csv", "question,dataset_identifier,correct_answer,distractor_1_answer,"
            + "distractor_2_answer,distractor_3_answer\nWhich mood?,7.json,Calm,Angry,Tense,Loud\n");

        var record = BenchRecord.Read(path).Should().ContainSingle().Subject;

        record.Choices.Should().BeEquivalentTo("Calm", "Angry", "Tense", "Loud");
        record.Instruction.Should().StartWith("Question: Which mood?")
            .And.EndWith("The correct answer is:").And.Contain($"(B) {record.Choices![1]}");
        MuChoMusic.Choice(record.Output, record.Choices!).Should().Be(record.Choices!.ToList().IndexOf("Calm"));
        BenchRecord.Read(path).Single().Should().BeEquivalentTo(record);
    }

    [Fact]
    public void Questions_of_muchomusic_are_read_with_prompts_made()
    {
        var path = Write(
            "questions.json",
            """[{"id": 7, "prompt": "Question: Which?\n Options: (A) x (B) y (C) z (D) w \n The correct answer is: ", "answers": ["x", "y", "z", "w"], "answer_orders": [2, 3, 0, 1], "audio_path": "data/7.mp3", "model_output": "A"}]""");

        BenchRecord.Read(path).Should().ContainSingle().Which.Should().BeEquivalentTo(
            new { Task = "choice", Output = "(C) z", Answer = "z", Clip = "7", LocalAudioPath = "data/7.mp3" });
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "*neither MusicCaps*nor MuChoMusic*")]
    [InlineData("ytid,caption\nonly-one\n", "*row 2: 1 fields, 2 expected*")]
    public void Other_tables_are_refused(string text, string message) =>
        FluentActions.Invoking(() => BenchRecord.Read(Write("x.csv", text)).ToList())
            .Should().Throw<InvalidDataException>().WithMessage(message);

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
