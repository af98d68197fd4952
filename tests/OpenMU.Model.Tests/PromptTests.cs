using System.Text.Json.Nodes;

namespace OpenMU.Model.Tests;

public sealed class PromptTests
{
    private static readonly Tokenizer Llama3 = Llama3Vocabulary.Tokenizer;
    private static readonly JsonArray Cases = Golden.Json("tokenizer/prompts.json").AsArray();
    private static readonly Prompt Published = new(new PromptConfig { System = SystemText() }, Llama3);

    public static TheoryData<int> CaseNumbers => [.. Enumerable.Range(0, Cases.Count)];

    [Theory]
    [MemberData(nameof(CaseNumbers))]
    public void Ids_and_labels_are_those_of_the_reference(int number)
    {
        var golden = Cases[number]!;
        var (instruction, output) = (golden["instruction"]!.ToString(), golden["output"]!.ToString());
        Published.ForAnswer(instruction).Should().Equal(golden["inference_input_ids"]!.Ints());
        var (ids, labels) = Published.ForTraining(instruction, output);
        ids.Should().Equal(golden["stage2"]!["input_ids"]!.Ints());
        labels.Should().Equal(golden["stage2"]!["labels"]!.Ints());
        (ids, labels) = Published.ForCaption(output);
        ids.Should().Equal(golden["stage1"]!["input_ids"]!.Ints());
        labels.Should().Equal(golden["stage1"]!["labels"]!.Ints());
    }

    /// <summary>The published system text is not repeated here: it is what the reference ids say before the first turn.</summary>
    private static string SystemText()
    {
        var ids = Cases[0]!["inference_input_ids"]!.Ints();
        var beginning = Llama3.Decode(ids.TakeWhile(id => id != OpenMuConfig.MusicToken));
        beginning.Should().EndWith(" USER: ");
        return beginning[..^" USER: ".Length];
    }
}
