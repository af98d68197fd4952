using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OpenMU.Testing;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

/// <summary>Texts with the scores that the published scorers gave them.</summary>
internal static partial class TextGoldens
{
    private static readonly JsonNode File = Golden.Json("metrics/text_metrics.json");

    public static IReadOnlyList<JsonNode> Items { get; } = [.. File["items"]!.AsArray().Select(item => item!)];

    /// <summary>Name, texts and scores of each corpus.</summary>
    public static IReadOnlyList<(IReadOnlyList<TextPair> Pairs, JsonNode Scores)> Corpora { get; } =
    [
        .. File.AsObject().Where(entry => entry.Key.StartsWith("corpus_", StringComparison.Ordinal))
            .Select(entry => (Texts(entry.Key), entry.Value!)),
    ];

    /// <summary>
    /// The texts of a corpus: its name tells the first and the last, or how many from the beginning on.
    /// </summary>
    private static IReadOnlyList<TextPair> Texts(string corpus)
    {
        int[] numbers =
            [.. Number().Matches(corpus).Select(number => int.Parse(number.Value, CultureInfo.InvariantCulture))];
        var items = numbers is [var first, var last]
            ? Items.Skip(first).Take(last - first + 1)
            : Items.Take(numbers.Single());
        return [.. items.Select(Pair)];
    }

    public static TextPair Pair(JsonNode item) =>
        new(item["candidate"]!.GetValue<string>(), item["references"].Texts());

    public static string[] Texts(this JsonNode? node) => [.. node!.AsArray().Select(text => text!.GetValue<string>())];

    public static double[] Numbers(this JsonNode? node) =>
        [.. node!.AsArray().Select(number => number?.GetValue<double>() ?? 0)];

    public static void ShouldBe(this double actual, JsonNode? expected, string because = "") =>
        actual.Should().BeApproximately(expected!.GetValue<double>(), 1e-9, because);

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
