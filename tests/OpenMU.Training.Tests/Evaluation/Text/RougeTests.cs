using System.Text.Json.Nodes;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public class RougeTests
{
    [Theory]
    [InlineData("rouge", false)]
    [InlineData("rouge_stem", true)]
    public void A_text_scores_as_with_the_reference(string name, bool stem)
    {
        foreach (var item in TextGoldens.Items)
        {
            var actual = Rouge.Score(TextGoldens.Pair(item), stem);
            ShouldBe(actual.One, item[name]!["rouge1"]);
            ShouldBe(actual.Two, item[name]!["rouge2"]);
            ShouldBe(actual.L, item[name]!["rougeL"]);
        }
    }

    [Theory]
    [InlineData("rouge_mean_f", false)]
    [InlineData("rouge_stem_mean_f", true)]
    public void A_corpus_scores_the_mean_of_its_texts(string name, bool stem)
    {
        foreach (var (pairs, scores) in TextGoldens.Corpora)
        {
            Rouge[] actual = [.. pairs.Select(pair => Rouge.Score(pair, stem))];
            actual.Average(score => score.One.F).ShouldBe(scores[name]!["rouge1"]);
            actual.Average(score => score.Two.F).ShouldBe(scores[name]!["rouge2"]);
            actual.Average(score => score.L.F).ShouldBe(scores[name]!["rougeL"]);
        }
    }

    private static void ShouldBe(RougeScore actual, JsonNode? expected)
    {
        var numbers = expected.Numbers();
        actual.F.Should().BeApproximately(numbers[2], 1e-9);
        actual.Precision.Should().BeApproximately(numbers[0], 1e-9);
        actual.Recall.Should().BeApproximately(numbers[1], 1e-9);
    }
}
