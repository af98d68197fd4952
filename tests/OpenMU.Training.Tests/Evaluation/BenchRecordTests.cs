using CsCheck;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Tests.Evaluation;

public class BenchRecordTests
{
    [Fact]
    public void A_record_written_as_a_line_reads_the_same()
    {
        var path = Path.GetTempFileName();
        Gen.Select(Gen.String, Gen.String, Gen.String.Array[4]).Sample((instruction, output, choices) =>
        {
            var record = new BenchRecord
            {
                Task = BenchRecord.Choice,
                Instruction = instruction,
                Output = output,
                LocalAudioPath = "audio/a.wav",
                Clip = "a",
                Choices = choices,
                Answer = choices[2],
            };
            File.WriteAllLines(path, [record.ToJson(), "", record.ToJson()]);
            BenchRecord.Read(path).Should().HaveCount(2).And.AllBeEquivalentTo(record);
        }, iter: 50, threads: 1);
        File.Delete(path);
    }

    [Theory]
    [InlineData("GTZAN_captioning_results_test.json", "captioning")]
    [InlineData("MusicCapsTrain.json", "captioning")]
    [InlineData("mtg30s_reasoning_train.json", "reasoning")]
    [InlineData("MusicInstruct_short_eval.json", "reasoning")]
    public void A_published_list_is_read_and_its_task_taken_from_the_name(string name, string task)
    {
        var folder = Directory.CreateTempSubdirectory();
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, """
             [ {"instruction": "Describe it.", "output": "A song.", "local_audio_path": "/x/a.wav", "audio_id": "7"} ]
            """);

        var record = BenchRecord.Read(path).Should().ContainSingle().Subject;
        record.Should().BeEquivalentTo(new BenchRecord
        {
            Task = task,
            Instruction = "Describe it.",
            Output = "A song.",
            LocalAudioPath = "/x/a.wav"
        });
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_record_without_output_is_refused_with_its_place()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, """{"instruction": "Describe it."}""");

        var read = () => BenchRecord.Read(path).ToList();

        read.Should().Throw<InvalidDataException>().WithMessage($"{path}, line 1*output*");
        File.Delete(path);
    }
}
