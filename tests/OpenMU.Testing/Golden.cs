using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Testing;

/// <summary>
/// The reference numbers. Their folder is OPENMU_GOLDEN, or tests/golden of this repository. Sizes are read from the
/// files there, never written into a test: another folder of the same layout with other sizes must pass as well.
/// </summary>
public static partial class Golden
{
    public static string Folder { get; } = FolderOf("OPENMU_GOLDEN", "golden");

    /// <summary>
    /// RoBERTa and BERTScore: made by the repository itself (make_golden.py there), so no other set of
    /// reference numbers has them.
    /// </summary>
    public static string BertScoreFolder { get; } = Path.Combine(OfRepository("golden"), "bertscore");

    public static string PathOf(string path) => Path.Combine(Folder, path);

    public static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(PathOf(path)))!;

    public static JsonElement Element(string path) => JsonDocument.Parse(File.ReadAllBytes(PathOf(path))).RootElement;

    /// <summary>All tensors of a file, copied.</summary>
    public static Dictionary<string, Tensor> Tensors(string path)
    {
        using var file = SafeTensors.Open(PathOf(path));
        return file.Entries.Keys.ToDictionary(name => name, file.Read);
    }

    /// <summary>
    /// The one entry whose name begins and goes on like this: what stands between is a size or a number of
    /// a layer of this folder.
    /// </summary>
    public static (string Name, Tensor Value) Named(
        this Dictionary<string, Tensor> tensors, string begin, string part = "")
    {
        var (name, value) = tensors.Single(entry => entry.Key.StartsWith(begin, StringComparison.Ordinal)
            && entry.Key.Contains(part, StringComparison.Ordinal));
        return (name, value);
    }

    /// <summary>The one entry whose name is this with a number behind it.</summary>
    public static JsonNode Numbered(this JsonNode node, string begin)
        => node.AsObject().Single(entry => entry.Key.StartsWith(begin, StringComparison.Ordinal)
            && entry.Key[begin.Length..].All(char.IsAsciiDigit)).Value!;

    /// <summary>
    /// What a name says that it holds: of a tensor along an axis the rows "rows_A_B" (both of them as well),
    /// "strideN" or "strideN_offsetM".
    /// </summary>
    public static Tensor RowsNamed(this Tensor whole, string name, int axis = 0)
    {
        var found = Selection().Match(name);
        found.Success.Should().BeTrue($"{name} tells which rows it holds");
        long Number(string group)
            => found.Groups[group].Success ? long.Parse(found.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
        return found.Groups["stride"].Success
            ? whole.slice(axis, Number("offset"), whole.shape[axis], Number("stride"))
            : whole.slice(axis, Number("first"), Number("last") + 1, 1);
    }

    public static int[] Ints(this JsonNode node) => [.. node.AsArray().Select(value => value!.GetValue<int>())];

    /// <summary>The largest absolute difference is within the tolerance; the shapes are equal.</summary>
    public static void ShouldBeCloseTo(this Tensor actual, Tensor expected, double tolerance, string what = "")
    {
        actual.shape.Should().Equal(expected.shape, what);
        if (actual.numel() == 0) return;
        using var scope = NewDisposeScope();
        var difference = (actual.to(float64) - expected.to(float64)).abs().max().item<double>();
        difference.Should().BeLessThanOrEqualTo(tolerance, what);
    }

    /// <summary>A file whose content this repository's tests know.</summary>
    public static string PathInRepository(string path) => Path.Combine(OfRepository("golden"), path);

    /// <summary>The folder that a variable names, or else the copy of this repository under tests.</summary>
    internal static string FolderOf(string variable, string name)
        => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : OfRepository(name);

    private static string OfRepository(string name)
    {
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            var candidate = Path.Combine(parent.FullName, "tests", name);
            if (Directory.Exists(candidate)) return candidate;
        }
        throw new DirectoryNotFoundException($"No tests/{name} above the test's own folder.");
    }

    [GeneratedRegex(@"stride(?<stride>\d+)(_offset(?<offset>\d+))?|rows_(?<first>\d+)_(?<last>\d+)$")]
    private static partial Regex Selection();
}
