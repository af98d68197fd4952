using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Synthesis;

/// <summary>The files of a made data folder and what they hold, counted.</summary>
/// <param name="Clips">Clips by genre.</param>
/// <param name="Records">Records by task.</param>
internal sealed record DataSet(IReadOnlyDictionary<string, int> Clips, IReadOnlyDictionary<string, int> Records)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes truth.jsonl, records.jsonl and manifest.json.</summary>
    public static DataSet Write(SynthesisOptions options, IReadOnlyList<ClipTruth> truths)
    {
        string truthFile = Path.Combine(options.Output, "truth.jsonl"),
            recordFile = Path.Combine(options.Output, "records.jsonl");
        File.WriteAllLines(truthFile, truths.Select(truth => truth.ToJson()));
        List<BenchRecord> records = [.. truths.SelectMany(truth => RecordWriter.Write(truth))];
        File.WriteAllLines(recordFile, records.Select(record => record.ToJson()));
        var set = new DataSet(
            Count(truths.Select(truth => truth.Genre!)), Count(records.Select(record => record.Task)));
        File.WriteAllText(
            Path.Combine(options.Output, "manifest.json"),
            set.Manifest(options, truths, truthFile, recordFile).ToJsonString(Indented) + "\n");
        return set;
    }

    private JsonObject Manifest(
        SynthesisOptions options, IReadOnlyList<ClipTruth> truths, string truthFile, string recordFile) => new()
        {
            ["version"] = SynthesisRun.Version,
            ["seed"] = options.Seed,
            ["split"] = options.Split,
            ["clips"] = truths.Count,
            ["seconds"] = options.Seconds,
            ["sample_rate"] = ClipRenderer.SampleRate,
            ["audio"] = options.Audio,
            ["soundfonts"] = new JsonObject(options.Soundfonts.Where(File.Exists)
                .DistinctBy(Path.GetFileName)
                .Select(font => KeyValuePair.Create(Path.GetFileName(font), (JsonNode?)Hash(font)))),
            ["groove_families"] = new JsonArray([.. truths.Select(truth => truth.GrooveFamily!)
                .Distinct().Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]),
            ["clips_by_genre"] = Json(Clips),
            ["records_by_task"] = Json(Records),
            ["truth_sha256"] = Hash(truthFile),
            ["records_sha256"] = Hash(recordFile),
        };

    private static SortedDictionary<string, int> Count(IEnumerable<string> names) =>
        new(names.CountBy(name => name).ToDictionary(pair => pair.Key, pair => pair.Value), StringComparer.Ordinal);

    private static JsonObject Json(IReadOnlyDictionary<string, int> counts) =>
        new(counts.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
