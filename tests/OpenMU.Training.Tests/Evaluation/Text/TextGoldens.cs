using System.Text.Json.Nodes;
using OpenMU.Testing;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

/// <summary>Texts with the scores that the published scorers gave them.</summary>
internal static class TextGoldens
{
    private static readonly JsonNode File = Golden.Json("metrics/text_metrics.json");

    public static IReadOnlyList<JsonNode> Items { get; } = [.. File["items"]!.AsArray().Select(item => item!)];

    /// <summary>Name, texts and scores of each corpus.</summary>
    public static IEnumerable<(IReadOnlyList<TextPair> Pairs, JsonNode Scores)> Corpora =>
    [
        ([.. Items.Take(150).Select(Pair)], File["corpus_single_reference_first150"]!),
        ([.. Items.Select(Pair)], File["corpus_all200_multi_reference"]!),
        ([.. Items.Skip(5).Take(20).Select(Pair)], File["corpus_items_5_to_24"]!),
    ];

    public static TextPair Pair(JsonNode item) => new(item["candidate"]!.GetValue<string>(), item["references"].Texts());

    public static string[] Texts(this JsonNode? node) => [.. node!.AsArray().Select(text => text!.GetValue<string>())];

    public static double[] Numbers(this JsonNode? node) => [.. node!.AsArray().Select(number => number?.GetValue<double>() ?? 0)];

    public static void ShouldBe(this double actual, JsonNode? expected, string because = "") => actual.Should().BeApproximately(expected!.GetValue<double>(), 1e-9, because);
}
